"""How much an utterance sounds like danger: learned from characters, sounds, and what rules say.

A word of danger alone decides little: 着火了 is said in danger, of last year, and in a drill. What
stands around it is weighed with it, by sound too, so that most of it may be misheard. Signs are
added up in a few sums, and only what of them is above nothing counts: so one thing may take away
what another means, which no single sum can do.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from operator import add
from typing import TYPE_CHECKING, NamedTuple

from workorders.sound import as_signs, sign_of, sound_of

if TYPE_CHECKING:  # it is read only where something is heard: starting is quicker without it
    import numpy as np
    from numpy.typing import NDArray

WINDOW, STEP = 30, 15
"""Characters that are weighed together, and from one such stretch to the next."""
CLAUSE = re.compile("[^。？！?!]+")
SIZES = (1, 2, 3)
SILENT = frozenset(filter(str.isspace, map(chr, range(0x3001)))) | frozenset("，,、")
"""Characters that nobody hears."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing heard, and where: `text[start:end]`."""

    name: str
    start: int
    end: int


class Flag(NamedTuple):
    """What a rule says of a stretch; `name` starts with `!`, as no sound does."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """How loud danger is, in log odds, and the stretch that says most of it."""

    odds: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Ear:
    """What was learned: for each sign what it adds to each of the sums, and what those weigh."""

    places: Mapping[str, int]
    """The row of a sign by its name."""
    rows: "NDArray[np.float32]"
    """Signs by sums."""
    sums: "NDArray[np.float32]"
    """What each sum begins with."""
    weights: "NDArray[np.float32]"
    """Log odds of each sum, where it is above nothing."""
    bias: float
    _heard: dict[str, int] = field(init=False, repr=False, compare=False)
    """Rows of sounds by their signs: looked up without writing each name."""
    _written: dict[str, int] = field(init=False, repr=False, compare=False)
    """Rows of characters, alone and two in a row."""

    def __post_init__(self) -> None:
        heard: dict[str, int] = {}
        written: dict[str, int] = {}
        for name, row in self.places.items():
            if " " in name or name[0] not in "=!@" or len(name) == 1:
                heard["".join(map(sign_of, name.split(" ")))] = row
            elif name[0] == "=":
                written[name[1:]] = row
        object.__setattr__(self, "_heard", heard)
        object.__setattr__(self, "_written", written)

    def judge(self, text: str, flags: Sequence[Flag] = ()) -> Verdict:
        """Weigh every stretch of a text; the loudest counts."""
        return max(
            (self._weighed(text, start, end, flags) for start, end in windows(text)),
            key=lambda verdict: verdict.odds,
            default=Verdict(self.odds(()), 0, 0),
        )

    def odds(self, names: Iterable[str]) -> float:
        """Return the log odds of danger where these signs are, and no others."""
        return self._odds(self.rows[[self.places[n] for n in names if n in self.places]])[0]

    def _odds(self, found: "NDArray[np.float32]") -> "tuple[float, NDArray[np.float32]]":
        """Return the log odds of some rows, and what each sum's next bit would add to them."""
        sums = self.sums + found.sum(axis=0)
        heeded = self.weights * (sums > 0)
        return self.bias + float(sums @ heeded), heeded

    def _weighed(self, text: str, start: int, end: int, flags: Sequence[Flag]) -> Verdict:
        at = [place for place in range(start, end) if text[place] not in SILENT]
        known = self._known(text, at)
        names = flags_within(flags, start, end)
        flagged = [self.places[name] for name in names if name in self.places]
        found = self.rows[[*known, *flagged]]
        odds, heeded = self._odds(found)
        told = (found[: len(known)] @ heeded).tolist()
        loudest, where = -math.inf, (start, end)
        for worth, sign in zip(told, known.values(), strict=True):
            if worth > loudest:
                first, last = _stretch(sign, len(at))
                if first < last:
                    loudest, where = worth, (at[first], at[last] + 1)
        return Verdict(odds, *where)

    def _known(self, text: str, at: Sequence[int]) -> dict[int, int]:
        """Return the rows of the signs that stand at some places, with the number of the last
        sign of that name; in the order of `signs_of`, which `_stretch` counts by too."""
        heard, written = self._heard.get, self._written.get
        letters, signs = "".join([text[a] for a in at]), as_signs(text)
        sounds = "".join([signs[a] for a in at])
        pairs = list(map(add, sounds, sounds[1:]))
        rows = [
            *map(heard, sounds),
            *map(heard, pairs),
            *map(heard, map(add, pairs, sounds[2:])),
            *map(heard, map(add, map(add, sounds, repeat("_")), sounds[2:])),
        ]
        both = [*map(written, letters), *map(written, map(add, letters, letters[1:]))]
        singles = len(letters)
        woven = both[:1] * len(both)
        woven[1::2], woven[2::2] = both[1:singles], both[singles:]
        rows += woven
        return {row: number for number, row in enumerate(rows) if row is not None}


def _stretch(sign: int, size: int) -> tuple[int, int]:
    """Return the first and the last place of a sign by its number, of so many places."""
    for length, signs in ((1, size), (2, size - 1), (3, size - 2), (3, size - 2)):
        if sign < signs:
            return sign, sign + length - 1
        sign -= max(0, signs)
    last = (sign + 1) // 2
    return last - (sign > 0 and sign % 2 == 0), last


def windows(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches that are weighed: sentences, long ones piece by piece."""
    for clause in CLAUSE.finditer(text):
        start, end = clause.span()
        while end - start > WINDOW + STEP:
            yield start, start + WINDOW
            start += STEP
        yield start, end


def signs_of(text: str) -> Iterator[Sign]:
    """Yield characters and sounds: alone, in a row, and two sounds with any one between them."""
    places = [at for at, c in enumerate(text) if c not in SILENT]
    sounds = [sound_of(text[at]) for at in places]
    for size in SIZES:
        runs = zip(*(sounds[first:] for first in range(size)), strict=False)
        ends = (at + 1 for at in places[size - 1 :])
        yield from map(Sign, map(" ".join, runs), places, ends)
    for at in range(len(sounds) - 2):
        yield Sign(f"{sounds[at]} _ {sounds[at + 2]}", places[at], places[at + 2] + 1)
    for at, place in enumerate(places):
        yield Sign(f"={text[place]}", place, place + 1)
        if at:
            yield Sign(f"={text[places[at - 1]]}{text[place]}", places[at - 1], place + 1)


def flags_within(flags: Iterable[Flag], start: int, end: int) -> dict[str, None]:
    """Return the names of the flags that touch a stretch, each once and in their order."""
    return dict.fromkeys([name for name, begins, ends in flags if begins < end and start < ends])
