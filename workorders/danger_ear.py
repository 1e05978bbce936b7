"""How much an utterance sounds like danger: learned weights of sounds, and of what the rules say.

A word of danger alone decides little: 着火了 is said in danger, of last year, and in a drill. What
stands around it is weighed with it, by sound, so that most of it may be misheard.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from workorders.sound import sound_of

WINDOW, STEP = 30, 15
"""Characters that are weighed together, and from one such stretch to the next."""
CLAUSE = re.compile("[^。？！?!]+")
SIZES = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing heard, and where: `text[start:end]`."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Flag:
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
    """What was learned: log odds by the name of a sign."""

    weights: Mapping[str, float]
    bias: float

    def judge(self, text: str, flags: Sequence[Flag] = ()) -> Verdict:
        """Weigh every stretch of a text; the loudest counts."""
        return max(
            (self._weighed(text, start, end, flags) for start, end in windows(text)),
            key=lambda verdict: verdict.odds,
            default=Verdict(self.bias, 0, 0),
        )

    def _weighed(self, text: str, start: int, end: int, flags: Sequence[Flag]) -> Verdict:
        heard = {name: (begins, ends) for name, begins, ends in _signs(text[start:end])}
        weights = [self.weights.get(name, 0.0) for name in heard]
        odds = self.bias + sum(weights)
        odds += sum(self.weights.get(name, 0.0) for name in flags_within(flags, start, end))
        loudest, where = -math.inf, (0, end - start)
        for weight, span in zip(weights, heard.values(), strict=True):
            if weight > loudest and span[1] - span[0] > 1:
                loudest, where = weight, span
        return Verdict(odds, start + where[0], start + where[1])


def windows(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches that are weighed: sentences, long ones piece by piece."""
    for clause in CLAUSE.finditer(text):
        start, end = clause.span()
        while end - start > WINDOW + STEP:
            yield start, start + WINDOW
            start += STEP
        yield start, end


def signs_of(text: str) -> Iterator[Sign]:
    """Yield sounds alone, two and three in a row, and two with any one between them."""
    return (Sign(*sign) for sign in _signs(text))


def _signs(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the same as plain values: there are a hundred and more in an utterance."""
    places = [at for at, c in enumerate(text) if not c.isspace() and c not in "，,、"]
    sounds = [sound_of(text[at]) for at in places]
    for size in SIZES:
        runs = zip(*(sounds[first:] for first in range(size)), strict=False)
        ends = (at + 1 for at in places[size - 1 :])
        yield from zip(map(" ".join, runs), places, ends, strict=False)
    for at in range(len(sounds) - 2):
        yield f"{sounds[at]} _ {sounds[at + 2]}", places[at], places[at + 2] + 1


def flags_within(flags: Iterable[Flag], start: int, end: int) -> set[str]:
    """Return the names of the flags that touch a stretch."""
    return {flag.name for flag in flags if flag.start < end and start < flag.end}
