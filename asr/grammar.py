"""A menu's answers as the small grammar that a recogniser listens with.

A grammar may only hold words of the model's vocabulary: so a phrase is split into words that
the model has, the fewest that make it up. Whatever else is said is heard as `[unk]`, which is
no word: a caller who talks of something else is not forced into one of the answers.
"""

from collections.abc import Callable, Iterable

UNK = "[unk]"
TRUSTED = 0.5
"""Confidence below which an utterance heard with a grammar is taken for no answer. Measured:
docs/recognition-measured.md."""


def split(phrase: str, knows: Callable[[str], bool]) -> tuple[str, ...] | None:
    """Return the fewest known words that make a phrase up; None if none do."""
    words: tuple[str, ...] = ()
    for part in phrase.split():
        found = _fewest(part, knows)
        if found is None:
            return None
        words += found
    return words or None


def _fewest(text: str, knows: Callable[[str], bool]) -> tuple[str, ...] | None:
    """Find the split by the ends that can be reached, from the front."""
    best: dict[int, tuple[str, ...]] = {0: ()}
    for end in range(1, len(text) + 1):
        ways = [
            (*best[start], text[start:end])
            for start in range(end)
            if start in best and knows(text[start:end])
        ]
        if ways:
            best[end] = min(ways, key=len)
    return best.get(len(text))


def grammar(phrases: Iterable[str], knows: Callable[[str], bool]) -> list[str]:
    """Return the phrases that can be heard, words with spaces between, and the way out.

    Empty when none can be: then it is better to listen without a grammar.
    """
    found = [words for phrase in phrases if (words := split(phrase.lower(), knows))]
    heard = list(dict.fromkeys(" ".join(words) for words in found))
    return [*heard, UNK] if heard else []
