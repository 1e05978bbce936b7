"""A caller's place in a lane."""

from dataclasses import dataclass, replace
from enum import Enum

from calls.ids import AgentId, CallId, LaneId, Skill


class Pick(Enum):
    """Which of several qualified agents a lane prefers."""

    BEST_SKILL = "best_skill"
    """The highest level in the skills needed; among equals, idle longest."""
    LONGEST_IDLE = "longest_idle"
    """Idle longest; among equals, the highest level."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One caller's place: it is never given up for a failed offer. Times are UTC seconds."""

    call: CallId
    lane: LaneId
    needs: frozenset[Skill]
    since: float
    priority: int = 0
    """Higher goes first, whatever the lane."""
    pick: Pick = Pick.BEST_SKILL
    barred: tuple[tuple[AgentId, float], ...] = ()
    """Agents who failed this caller, and until when they are not tried again."""

    @property
    def rank(self) -> tuple[int, float, CallId]:
        """Sort key: priority, then age; the call's id settles a tie."""
        return (-self.priority, self.since, self.call)

    def may_go_to(self, agent: AgentId, now: float) -> bool:
        """Tell whether this agent has not just failed this caller."""
        return all(other != agent or until <= now for other, until in self.barred)

    def bar(self, agent: AgentId, until: float) -> "Ticket":
        """Return this ticket with an agent not to be tried again before `until`."""
        others = tuple(entry for entry in self.barred if entry[0] != agent)
        return replace(self, barred=(*others, (agent, until)))
