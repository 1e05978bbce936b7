"""A caller's place in a lane."""

from dataclasses import dataclass, replace
from enum import Enum

from agents.skills import Needs
from calls.ids import AgentId, CallId, LaneId


class Pick(Enum):
    """Which of several qualified agents a lane prefers."""

    BEST_SKILL = "best_skill"
    """The highest level in the skills needed; among equals, idle longest."""
    LONGEST_IDLE = "longest_idle"
    """Idle longest; among equals, the highest level."""


@dataclass(frozen=True, slots=True)
class Known:
    """The agent who knows the matter already: until then the caller is kept for this one."""

    agent: AgentId
    until: float


@dataclass(frozen=True, slots=True)
class Favour:
    """What one caller has beyond what the lane gives everybody."""

    more: int = 0
    """Added to the lane's priority."""
    since: float | None = None
    """Since when a place is kept for this caller; such a one is never turned away as too many."""
    known: Known | None = None
    patient: bool = False
    """A call-back: nobody is on the line."""


NO_FAVOUR = Favour()


@dataclass(frozen=True, slots=True)
class Ticket:
    """One caller's place: it is never given up for a failed offer. Times are UTC seconds."""

    call: CallId
    lane: LaneId
    needs: Needs
    """Of an agent, now: it may become less with waiting."""
    since: float
    """Since when the place is held: before the call, if the place was kept for it."""
    priority: int = 0
    """Higher goes first, whatever the lane."""
    pick: Pick = Pick.BEST_SKILL
    barred: tuple[tuple[AgentId, float], ...] = ()
    """Agents who failed this caller, and until when they are not tried again."""
    came: float | None = None
    """When this call came into the lane; None: `since`."""
    known: Known | None = None
    patient: bool = False
    """Nobody is on the line: a call-back, which is told nothing and not given up."""

    @property
    def entered(self) -> float:
        """When this call came into the lane."""
        return self.since if self.came is None else self.came

    @property
    def rank(self) -> tuple[int, float, CallId]:
        """Sort key: priority, then age; the call's id settles a tie."""
        return (-self.priority, self.since, self.call)

    def may_go_to(self, agent: AgentId, now: float) -> bool:
        """Tell whether this agent has not just failed this caller."""
        return all(other != agent or until <= now for other, until in self.barred)

    def refreshed(self, needs: Needs, now: float) -> "Ticket":
        """Return this ticket without what is over; itself if nothing is."""
        barred = tuple(bar for bar in self.barred if bar[1] > now)
        known = self.known if self.known is not None and self.known.until > now else None
        if (needs, barred, known) == (self.needs, self.barred, self.known):
            return self
        return replace(self, needs=needs, barred=barred, known=known)

    def bar(self, agent: AgentId, until: float) -> "Ticket":
        """Return this ticket with an agent not to be tried again before `until`."""
        others = tuple(entry for entry in self.barred if entry[0] != agent)
        return replace(self, barred=(*others, (agent, until)))
