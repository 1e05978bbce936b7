"""Words known by their sound, each of one or more kinds, found in one pass over a text."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from operator import add

from workorders.danger_ear import Flag
from workorders.sound import as_signs


class Lexicon:
    """Words by kind. One of a single character must be written; longer ones may be misheard."""

    def __init__(self, table: Mapping[str, str], mark: str) -> None:
        """`table` has the words of a kind with blanks between; `mark` begins a flag's name."""
        self._written: dict[str, list[str]] = defaultdict(list)
        self._heard: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        """By the first two sounds the words that begin so, and their kinds."""
        for kind, words in table.items():
            for word in dict.fromkeys(words.split()):
                if len(word) == 1:
                    self._written[word].append(mark + kind)
                else:
                    sounds = as_signs(word)
                    kinds = self._heard[sounds[:2]][sounds]
                    kinds += [mark + kind] if mark + kind not in kinds else []

    def flags(self, text: str) -> Iterator[Flag]:
        """Yield where words begin and end, by their kinds; a kind may come many times."""
        signs = as_signs(text)
        for start, names in enumerate(map(self._written.get, text)):
            for name in names or ():
                yield Flag(name, start, start + 1)
        for start, words in enumerate(map(self._heard.get, map(add, signs, signs[1:]))):
            for sounds, names in words.items() if words else ():
                if signs.startswith(sounds, start):
                    for name in names:
                        yield Flag(name, start, start + len(sounds))
