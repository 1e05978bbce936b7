"""Words that a recogniser, or a person, may take for one another: by how they sound."""

from collections.abc import Callable, Iterator, Mapping, Sequence

ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"), ("h", "f"))
"""Sounds of Mandarin that many speakers do not keep apart; the first becomes the second."""


def confusable(
    words: Mapping[str, Sequence[str]], sound: Callable[[str], Sequence[str]]
) -> Iterator[tuple[str, str]]:
    """Find pairs of words for different keys that sound alike.

    `sound` gives a word's syllables without tones. Words are alike when each syllable is,
    once sounds that are often mixed up count as one.
    """
    heard: dict[tuple[str, ...], tuple[str, str]] = {}
    for key, said in words.items():
        for word in said:
            syllables = tuple(_plain(syllable) for syllable in sound(word))
            other = heard.setdefault(syllables, (key, word))
            if other[0] != key:
                yield other[1], word


def _plain(syllable: str) -> str:
    for often, instead in ALIKE:
        syllable = syllable.replace(often, instead)
    return syllable
