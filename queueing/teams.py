"""Who could take which calls, brought up to date from one snapshot of the staff to the next."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agents.agent import Agent, Doing
from agents.skills import Needs, level, qualified
from calls.ids import AgentId, Skill
from queueing.ticket import Pick

Place = tuple[float, float, AgentId]
"""What the ready are ordered by: idle since and level, one of them first; the id settles a tie."""


@dataclass(slots=True)
class Team:
    """Everybody who has the skills of one need."""

    needs: Needs
    at_work: set[AgentId] = field(default_factory=set)
    ready: dict[AgentId, Agent] = field(default_factory=dict)
    _orders: dict[Pick, list[Place]] = field(default_factory=lambda: {pick: [] for pick in Pick})

    def in_order(self, pick: Pick) -> Iterator[Agent]:
        """Return the ready, best first."""
        return (self.ready[place[2]] for place in self._orders[pick])

    def put(self, agent: Agent) -> bool:
        """Take an agent as this one is now; return whether who is at work has changed."""
        return self.place(agent, able=qualified(agent, self.needs))

    def place(self, agent: Agent, *, able: bool) -> bool:
        """Take an agent of whom it is known whether this one has all the skills."""
        before = self.ready.pop(agent.id, None)
        if before is not None:
            for pick, order in self._orders.items():
                del order[bisect_left(order, self._place(pick, before))]
        if able and agent.doing is Doing.READY:
            self.ready[agent.id] = agent
            for pick, order in self._orders.items():
                insort(order, self._place(pick, agent))
        known = agent.id in self.at_work
        if able and agent.at_work:
            self.at_work.add(agent.id)
            return not known
        self.at_work.discard(agent.id)
        return known

    def _place(self, pick: Pick, agent: Agent) -> Place:
        skill = -float(level(agent, self.needs))
        if pick is Pick.BEST_SKILL:
            return skill, agent.idle_since, agent.id
        return agent.idle_since, skill, agent.id


class Teams:
    """All teams that were asked for. An agent is a frozen value: the same one is unchanged."""

    def __init__(self, staff: Iterable[Agent] = ()) -> None:
        self._staff: tuple[Agent, ...] = ()
        self._teams: dict[Needs, Team] = {}
        self._shared: dict[tuple[Needs, Needs], float] = {}
        self._mine: dict[AgentId, tuple[Mapping[Skill, int], list[Team]]] = {}
        """The teams of each agent, as long as the skills are these."""
        self.take(tuple(staff))

    def take(self, staff: Sequence[Agent]) -> None:
        """Take the staff as it is now; what was the same before costs a comparison."""
        if staff is self._staff:
            return
        before, self._staff = self._staff, tuple(staff)
        both = zip(before, self._staff, strict=False)
        changed = [(one, other) for one, other in both if one is not other]
        if len(before) != len(self._staff) or any(one.id != other.id for one, other in changed):
            self._teams.clear()
            self._shared.clear()
            self._mine.clear()
            return
        for _, other in changed:
            self._put(other)

    def _put(self, agent: Agent) -> None:
        skills, mine = self._mine.get(agent.id, (None, []))
        if skills is agent.skills:
            changed = [team.place(agent, able=True) for team in mine]
        else:
            changed = [team.put(agent) for team in self._teams.values()]
            able = [team for needs, team in self._teams.items() if qualified(agent, needs)]
            self._mine[agent.id] = agent.skills, able
        if any(changed):
            self._shared.clear()

    def of(self, needs: Needs) -> Team:
        """Return who has all the skills needed."""
        team = self._teams.get(needs)
        if team is None:
            team = self._teams[needs] = Team(needs)
            self._mine.clear()
            for agent in self._staff:
                team.put(agent)
        return team

    def shared(self, mine: Needs, theirs: Needs) -> float:
        """Return the part of their agents at work who could take my call too."""
        if (mine, theirs) not in self._shared:
            ours, others = self.of(mine).at_work, self.of(theirs).at_work
            self._shared[mine, theirs] = len(ours & others) / len(others) if others else 0.0
        return self._shared[mine, theirs]
