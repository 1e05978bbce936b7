"""Another reading of what was recognised: the likeliest sentence that sounds the same, or nearly.

A recogniser writes 没气 for 煤气. How callers talk is known, which character follows which; and so
is how one is misheard: as another of its syllable, more seldom as one that shares its beginning or
its end. The reading is for judging only; nobody is shown it.
"""

import heapq
import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import IO, NamedTuple

from workorders.sound import sound_of

FILE = "second_reading.npz"
BEGIN, END = "^", "$"
RIGHT, ALIKE, NEARLY = math.log(0.8), math.log(0.006), math.log(0.00017)
"""Log odds that a character was heard right; as one certain other of its sound (there are some
twenty); as one that shares the beginning or the end of its sound (some hundred and fifty)."""
NEVER = -14.0
"""Log odds of a character that nobody was heard to say."""
SELDOM = -11.7
"""Log odds of a character by itself below which nobody is taken to have said it unless written:
about three times in the lessons."""
ANYTHING = math.log(0.7)
"""Log odds that after a character nobody was heard to say comes any other."""
KEPT = 8
"""Readings that are gone on with after each character."""
BEGINNING = re.compile("[bpmfdtngkhjqxzcsrwy]?")


class _Meant(NamedTuple):
    """What may have been said where a character of some sound was written, and how likely."""

    odds: dict[str, float]
    alike: list[str]
    """Of these the ones of just its sound, which may follow anything."""


_Reading = tuple[float, str, str]
"""How likely it is, its last character, its text."""


@dataclass(frozen=True, slots=True)
class Speech:
    """How callers talk, in log odds: learned from lessons, see `bench/second_reading.py`."""

    follows: Mapping[str, Mapping[str, float]]
    """Of a character what comes after it."""
    other: Mapping[str, float]
    """Of a character that after it comes what was never heard there."""
    alone: Mapping[str, float]
    """Of a character by itself, whatever stands before it."""
    _meant: dict[str, _Meant] = field(default_factory=dict, repr=False, compare=False)
    """By sound: there are some three hundred."""
    _by_sound: dict[str, list[str]] = field(init=False, repr=False, compare=False)
    """Characters by their sound, its beginning (`b-`) and its end (`-an`)."""

    def __post_init__(self) -> None:
        by_sound = defaultdict(list)
        for character, odds in self.alone.items():
            if odds > SELDOM and chinese(character):
                for part in _parts(character):
                    by_sound[part].append(character)
        object.__setattr__(self, "_by_sound", dict(by_sound))

    def reread(self, text: str) -> str:
        """Return the likeliest reading: as many characters, where none was lost or put in."""
        readings: list[_Reading] = [(0.0, BEGIN, "")]
        for written in text:
            meant = self._may_mean(written)
            after = self._anything(readings, written, meant.alike)
            any_of = {*meant.odds, written}
            for odds, last, said in readings:
                follows = self.follows.get(last, {})
                for one in follows.keys() & any_of:
                    likely = RIGHT if one == written else meant.odds[one]
                    more = odds + follows[one] + likely
                    if one not in after or more > after[one][0]:
                        after[one] = more, one, said + one
            readings = heapq.nlargest(KEPT, after.values())
        return max(readings)[2]

    def _anything(
        self, readings: Sequence[_Reading], written: str, alike: Sequence[str]
    ) -> dict[str, _Reading]:
        """Go on with what sounds alike, whether or not it was ever heard there."""
        odds, said = max((o + self.other.get(last, ANYTHING), said) for o, last, said in readings)
        likely = dict.fromkeys(alike, ALIKE) | {written: RIGHT}
        return {
            one: (odds + self.alone.get(one, NEVER) + more, one, said + one)
            for one, more in likely.items()
        }

    def _may_mean(self, written: str) -> _Meant:
        sound, *nearly = _parts(written) if chinese(written) else ("",)
        known = self._meant.get(sound)
        if known is None:
            odds = {one: NEARLY for part in nearly for one in self._by_sound.get(part, ())}
            alike = self._by_sound.get(sound, [])
            known = self._meant[sound] = _Meant(odds | dict.fromkeys(alike, ALIKE), alike)
        return known


def chinese(character: str) -> bool:
    """Tell whether a character has a Chinese sound."""
    return "一" <= character <= "鿿"


def _parts(character: str) -> tuple[str, str, str]:
    sound = sound_of(character)
    found = BEGINNING.match(sound)
    beginning = found[0] if found else ""
    return sound, f"{beginning}-", f"-{sound[len(beginning) :]}"


@cache
def learned() -> Speech:
    """Return how callers talk. The first call takes a tenth of a second."""
    with files("workorders").joinpath(FILE).open("rb") as file:
        return kept(file)


def kept(file: IO[bytes]) -> Speech:
    """Read what was written: `characters`; `odds` of pairs of them, by `first` and `second`."""
    import numpy as np  # noqa: PLC0415  # starting is quicker without it

    with np.load(file, allow_pickle=False) as table:
        characters = table["characters"].tobytes().decode()
        pairs = zip(*(table[name].tolist() for name in ("first", "second", "odds")), strict=True)
        other, alone = table["other"].tolist(), table["alone"].tolist()
    follows: dict[str, dict[str, float]] = {one: {} for one in characters}
    for first, second, odds in pairs:
        follows[characters[first]][characters[second]] = odds
    return Speech(
        follows,
        dict(zip(characters, other, strict=True)),
        dict(zip(characters, alone, strict=True)),
    )
