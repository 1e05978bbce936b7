"""Words known by their sound, each of one or more kinds, found in one pass over a text."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from workorders.danger_ear import Flag
from workorders.sound import sounds_of


class Lexicon:
    """Words by kind. One of a single character must be written; longer ones may be misheard."""

    def __init__(self, table: Mapping[str, str], mark: str) -> None:
        """`table` has the words of a kind with blanks between; `mark` begins a flag's name."""
        self._written: dict[str, set[str]] = defaultdict(set)
        self._heard: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for kind, words in table.items():
            for word in words.split():
                if len(word) == 1:
                    self._written[word].add(mark + kind)
                else:
                    self._heard[sounds_of(word)].add(mark + kind)
        self._lengths: dict[str, set[int]] = defaultdict(set)
        for sounds in self._heard:
            self._lengths[sounds[0]].add(len(sounds))

    def flags(self, text: str) -> Iterator[Flag]:
        """Yield where words begin and end, by their kinds; a kind may come many times."""
        sounds = sounds_of(text)
        for start, (character, sound) in enumerate(zip(text, sounds, strict=True)):
            for name in self._written.get(character, ()):
                yield Flag(name, start, start + 1)
            for length in self._lengths.get(sound, ()):
                for name in self._heard.get(sounds[start : start + length], ()):
                    yield Flag(name, start, start + length)
