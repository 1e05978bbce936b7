"""How much an utterance sounds like danger: learned from characters, sounds, and what rules say.

A word of danger alone decides little: 着火了 is said in danger, of last year, and in a drill. What
stands around it is weighed with it, by sound too, so that most of it may be misheard. Signs are
added up in a few sums, and only what of them is above nothing counts: so one thing may take away
what another means, which no single sum can do.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from workorders.sound import sound_of

if TYPE_CHECKING:  # it is read only where something is heard: starting is quicker without it
    import numpy as np
    from numpy.typing import NDArray

    from workorders.danger_index import Index, Numbers

WINDOW, STEP = 30, 15
"""Characters that are weighed together, and from one such stretch to the next."""
DOUBT = 4.0
"""Log odds, either way, below which a stretch is considered further."""
AROUND = 14
"""Characters on either side of the loudest sign that are its loudest part: a danger told in the
middle of much else would mean what all of that means."""
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


Further = Callable[[tuple[int, int], tuple[int, int]], float]


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
    _index: "Index" = field(init=False, repr=False, compare=False)
    _silence: float = field(init=False, repr=False, compare=False)
    """The log odds of danger where nothing is heard."""

    def __post_init__(self) -> None:
        from workorders.danger_index import Index  # noqa: PLC0415  it needs numpy at once

        object.__setattr__(self, "_index", Index(self.places))
        object.__setattr__(self, "_silence", self.odds(()))

    def judge(
        self,
        text: str,
        flags: Sequence[Flag] = (),
        least: float = -math.inf,
        further: Further | None = None,
    ) -> Verdict:
        """Weigh every stretch of a text; the loudest counts.

        Where in it danger is heard is looked for only if it is as loud as `least`. Where a
        stretch is in doubt, `further` returns what to add to its log odds: it is given where the
        stretch stands, and its loudest part.
        """
        heard = self._index.numbers(text)
        weighed = [self._weighed(text, heard, span, flags) for span in windows(text)]
        if further:
            weighed = [
                one._replace(odds=one.odds + further(one.span, one.around()))
                if abs(one.odds) < DOUBT
                else one
                for one in weighed
            ]
        if not weighed:
            return Verdict(self._silence, 0, 0)
        loudest = max(weighed, key=_loudness)
        if loudest.odds < least:
            return Verdict(loudest.odds, *loudest.span)
        return Verdict(loudest.odds, *loudest.where())

    def odds(self, names: Iterable[str]) -> float:
        """Return the log odds of danger where these signs are, and no others."""
        return self._odds(self.rows[[self.places[n] for n in names if n in self.places]])[0]

    def _odds(self, found: "NDArray[np.float32]") -> "tuple[float, NDArray[np.float32]]":
        """Return the log odds of some rows, and what each sum's next bit would add to them."""
        sums = self.sums + found.sum(axis=0)
        heeded = self.weights * (sums > 0)
        return self.bias + float(sums @ heeded), heeded

    def _weighed(
        self,
        text: str,
        heard: "tuple[Numbers, Numbers]",
        span: tuple[int, int],
        flags: Sequence[Flag],
    ) -> "_Weighed":
        at = [place for place, one in enumerate(text[slice(*span)], span[0]) if one not in SILENT]
        known = self._index.known(heard[0].take(at), heard[1].take(at)) if at else {}
        names = flags_within(flags, *span)
        flagged = [self.places[name] for name in names if name in self.places]
        found = self.rows[[*known, *flagged]]
        odds, heeded = self._odds(found)
        return _Weighed(odds, span, at, known, found, heeded)


class _Weighed(NamedTuple):
    """A stretch weighed, and what it was weighed by."""

    odds: float
    span: tuple[int, int]
    at: list[int]
    """The places in the text of the characters that are heard."""
    known: dict[int, int]
    """The rows of the signs, and of each the number of the last sign that has it."""
    found: "NDArray[np.float32]"
    """Those rows, and the flags' after them."""
    heeded: "NDArray[np.float32]"

    def around(self) -> tuple[int, int]:
        """Return what stands about the loudest sign."""
        start, end = self.where()
        return max(self.span[0], start - AROUND), min(self.span[1], end + AROUND)

    def where(self) -> tuple[int, int]:
        """Return the stretch of the loudest sign of more than one character."""
        from workorders.danger_index import stretch  # noqa: PLC0415  as above

        told = (self.found[: len(self.known)] @ self.heeded).tolist()
        loudest, where = -math.inf, self.span
        for worth, sign in zip(told, self.known.values(), strict=True):
            if worth > loudest:
                first, last = stretch(sign, len(self.at))
                if first < last:
                    loudest, where = worth, (self.at[first], self.at[last] + 1)
        return where


def _loudness(one: _Weighed) -> float:
    return one.odds


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
