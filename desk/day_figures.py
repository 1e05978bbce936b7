"""The day so far, lane by lane: how many came, how many were answered, and how soon."""

from dataclasses import dataclass, field

from calls.events import Answered, Ended, Fact, LeftLane, Queued
from calls.ids import CallId, LaneId

SOON = 15.0
"""Seconds within which a caller is to be answered (15 秒接通)."""


@dataclass(slots=True)
class LaneDay:
    """What came of the callers of one lane. Whoever still waits is in `came` alone."""

    came: int = 0
    answered: int = 0
    soon: int = 0
    """Answered within 15 s of taking the place."""
    abandoned: int = 0
    """Hung up while waiting."""
    left: int = 0
    """Went another way: full, nobody, too long, by key."""

    @property
    def level(self) -> float | None:
        """Return soon / (answered + abandoned); None while there is nothing to divide by."""
        out_of = self.answered + self.abandoned
        return self.soon / out_of if out_of else None


@dataclass(slots=True)
class DayFigures:
    """Counts from `since` on; begins anew at each midnight of the city."""

    since: float
    lanes: dict[LaneId, LaneDay] = field(default_factory=dict)
    _waiting: dict[CallId, tuple[LaneId, float]] = field(default_factory=dict)

    def begin(self, midnight: float) -> None:
        """Begin a new day; callers who wait count on with it."""
        self.since = midnight
        self.lanes.clear()
        for lane, _ in self._waiting.values():
            self._of(lane).came += 1

    def fact(self, fact: Fact) -> None:
        """Take what happened."""
        if isinstance(fact, Queued):
            self._waiting[fact.call] = fact.lane, fact.at
            self._of(fact.lane).came += 1
            return
        if not isinstance(fact, Answered | LeftLane | Ended) or fact.call not in self._waiting:
            return
        lane, since = self._waiting.pop(fact.call)
        self._settle(self._of(lane), fact, fact.at - since)

    def _of(self, lane: LaneId) -> LaneDay:
        return self.lanes.setdefault(lane, LaneDay())

    def _settle(self, day: LaneDay, fact: Answered | LeftLane | Ended, waited: float) -> None:
        match fact:
            case Answered():
                day.answered += 1
                day.soon += waited <= SOON
            case LeftLane(why="hung_up") | Ended(by="caller"):
                day.abandoned += 1
            case _:
                day.left += 1
