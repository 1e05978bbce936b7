"""Who calls: each caller drawn by chance from the day's file, the same for the same seed.

Every caller has a chance of their own, so that one more agent changes nobody's patience:
two runs that differ in staff meet the same callers.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import exp, log, sqrt
from random import Random

from calls.ids import AgentId, CallId, LegId
from config.day_schema import Callers, DayFile, Length
from config.days import Day

DAY = 86_400
RATE = 4.5
"""Characters that people speak in a second."""


def drawn(length: Length, chance: Random) -> float:
    """Draw how long something takes, in seconds."""
    if length.shape == "fixed" or length.mean == 0:
        return length.mean
    if length.shape == "exponential":
        return chance.expovariate(1.0 / length.mean)
    sigma = sqrt(log(1 + length.spread**2))
    return exp(chance.gauss(log(length.mean) - sigma * sigma / 2, sigma))


@dataclass(slots=True)
class Caller:
    """One person on the line, and what this one will do."""

    number: int
    kind: str
    wants: Callers
    at: float
    """When the call arrives; seconds since midnight."""
    chance: Random
    keys: Iterator[str]
    leg: LegId
    call: CallId | None = None
    agent: AgentId | None = None
    """Whom this caller talks with, or has talked with."""
    playback: int = 0
    """What the caller hears now; what was replaced ends unheard."""
    silence: float = 3.0
    """Seconds of quiet that count as the end of what is said."""
    patience_ends: float | None = None
    waiting: bool = False
    wrote: bool = False
    """Has tried to leave a message."""
    gone: bool = False
    said: list[str] = field(default_factory=list)

    @property
    def phone(self) -> str:
        """The caller's number: nobody's, the same one for one caller in eight."""
        return f"1390000{self.number % 8000:04}"


@dataclass(frozen=True, slots=True)
class Crowd:
    """All callers of a day."""

    day: Day
    seed: int
    places: Sequence[str] = ("市民广场",)

    def __iter__(self) -> Iterator[Caller]:
        """Return the callers in the order in which they arrive."""
        settings = self.day.settings
        arrivals = sorted(
            (at, name)
            for name, callers in settings.callers.items()
            for at in self._arrivals(name, callers, settings)
        )
        for number, (at, name) in enumerate(arrivals, 1):
            wants = settings.callers[name]
            chance = Random(f"{self.seed}/{number}")
            yield Caller(
                number, name, wants, at, chance, iter(wants.keys), LegId(f"caller-{number}")
            )

    def _arrivals(self, name: str, callers: Callers, settings: DayFile) -> Iterator[float]:
        chance = Random(f"{self.seed}/arrivals/{name}")
        profile = _Profile(callers.arrivals or settings.arrivals)
        for _ in range(callers.calls):
            yield round(profile.at(chance.random()), 3)

    def sentences(self, caller: Caller, who: str, count: int) -> list[str]:
        """Return what somebody says in the caller's language, places and figures drawn anew."""
        words = self.day.said.of(caller.wants.language)
        lines = words.callers if who == "citizen" else words.agents
        chosen = caller.chance.sample(lines, min(count, len(lines)))
        return [self._filled(line, caller.chance) for line in chosen]

    def _filled(self, line: str, chance: Random) -> str:
        return (
            line.replace("{place}", chance.choice(self.places))
            .replace("{number}", str(chance.randint(1, 199)))
            .replace("{clock}", str(chance.randint(1, 12)))
        )


class _Profile:
    """Times of a day, each as likely as the profile says."""

    def __init__(self, weights: Mapping[int, float]) -> None:
        steps = sorted(weights.items())
        begins = [0.0] + [float(at) for at, _ in steps]
        rates = [steps[-1][1]] + [rate for _, rate in steps]  # the last one goes on over midnight
        ends = [*begins[1:], float(DAY)]
        self._begins, self._rates = begins, rates
        sizes = (rate * (end - begin) for begin, end, rate in zip(begins, ends, rates, strict=True))
        self._sums = [0.0, *accumulate(sizes)]

    def at(self, part: float) -> float:
        """Return the time by which so large a part of the calls has come."""
        wanted = part * self._sums[-1]
        step = min(bisect_right(self._sums, wanted) - 1, len(self._begins) - 1)
        while not self._rates[step]:
            step -= 1
        return self._begins[step] + (wanted - self._sums[step]) / self._rates[step]
