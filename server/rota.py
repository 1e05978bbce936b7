"""Experts at home: a rota of people on telephones, rung in order until one takes the call."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from ivr.hours import Hours
from server.trunks_side import Placement

Place = Callable[[str], tuple[Placement, ...]]
"""By which trunks a number may be dialled, best first; none: it is not dialled."""


@dataclass(frozen=True, slots=True)
class Expert:
    """Somebody reachable on a telephone."""

    name: str
    number: str
    """Of the settings; personal data."""
    quiet: Hours | None = None
    """While these are open nobody rings; None: at any time."""

    def may_be_rung(self, now: float) -> bool:
        """Tell whether no quiet hours are now."""
        return self.quiet is None or not self.quiet.is_open(datetime.fromtimestamp(now, UTC))[0]


@dataclass(frozen=True, slots=True)
class Rota:
    """Who is tried, in order, and how. Durations are seconds."""

    experts: tuple[Expert, ...]
    prompt: str
    """The file that is said, again and again, to one who picks up: press the key to take it."""
    key: str = "1"
    """Any other key declines."""
    ring: float = 20.0
    accept_within: float = 15.0
    """From picking up to the key: an answering machine presses none."""
    rounds: int = 1

    def begin(self, now: float, place: Place) -> "Turn | None":
        """Return the first who can be rung; None if nobody can."""
        return _next(self, self.experts * self.rounds, now, place)


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is, by which trunks, and who comes after."""

    rota: Rota
    expert: Expert
    placements: tuple[Placement, ...]
    left: tuple[Expert, ...]

    def next(self, now: float, place: Place) -> "Turn | None":
        """Return the next who can be rung; None if nobody is left."""
        return _next(self.rota, self.left, now, place)


def _next(rota: Rota, experts: tuple[Expert, ...], now: float, place: Place) -> Turn | None:
    for at, expert in enumerate(experts):
        placements = place(expert.number) if expert.may_be_rung(now) else ()
        if placements:
            return Turn(rota, expert, placements, experts[at + 1 :])
    return None
