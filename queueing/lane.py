"""A lane: a queue with its rules."""

from dataclasses import dataclass

from calls.ids import LaneId, Skill
from queueing.ticket import Pick


@dataclass(frozen=True, slots=True)
class Lane:
    """What a lane needs and allows. Durations are seconds."""

    id: LaneId
    needs: frozenset[Skill]
    priority: int = 0
    pick: Pick = Pick.BEST_SKILL
    max_waiting: int | None = None
    """Callers waiting at once; one more is turned away as `full`. None: no limit."""
    max_wait: float | None = None
    """Longest wait before the lane gives the caller up as `too_long`. None: no limit."""
    never_drop: bool = False
    """Such a lane is never full and never too long: for callers in distress."""
    nobody_after: float = 30.0
    """How long the lane may be without staff before those who wait are told; a phone that
    comes back within it changes nothing. A caller who comes to an empty lane is told at once."""
    retry_after: float = 20.0
    """How long an agent who failed a caller is not tried again for the same caller."""
    announce_every: float | None = 45.0
    """Between two announcements of position and wait; None: never."""
    handling: float = 240.0
    """Talk plus wrap-up that is expected until calls have been measured."""
