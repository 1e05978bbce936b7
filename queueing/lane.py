"""A lane: a queue with its rules."""

from dataclasses import dataclass

from agents.skills import Needs
from calls.ids import LaneId
from queueing.ticket import Pick


@dataclass(frozen=True, slots=True)
class Relaxing:
    """What is needed of an agent once a caller has waited for `after` seconds."""

    after: float
    needs: Needs
    """Whoever had what was needed before has this too."""


@dataclass(frozen=True, slots=True)
class Lane:
    """What a lane needs and allows. Durations are seconds."""

    id: LaneId
    needs: Needs
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
    max_expected: float | None = None
    """Longest wait to expect; one who would wait longer is turned away as `long_wait`."""
    relaxing: tuple[Relaxing, ...] = ()
    """In rising order of `after`."""

    def steps(self, since: float, now: float) -> int:
        """Count the steps of `relaxing` that one who has waited since then is past."""
        return sum(since + step.after <= now for step in self.relaxing)

    def needs_after(self, steps: int) -> Needs:
        """Return what is needed for one who is past so many steps."""
        return self.relaxing[steps - 1].needs if steps else self.needs

    def step_after(self, steps: int, since: float) -> float | None:
        """Return when the next step comes for one who has waited since then."""
        return since + self.relaxing[steps].after if steps < len(self.relaxing) else None
