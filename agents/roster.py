"""All agents by their ids, each in one state; pauses and wrap-ups end by deadline."""

from collections.abc import Iterable
from dataclasses import dataclass

from agents.agent import NEXT, Agent, Doing, Step
from calls.deadlines import Deadlines
from calls.ids import AgentId, CallId
from calls.replacing import replaced


@dataclass(frozen=True, slots=True)
class Rests:
    """How long agents rest after what; seconds."""

    wrap_up: float = 30.0
    """For lanes that set none of their own."""
    no_answer: float = 60.0
    rejected: float = 10.0
    unreachable: float = 30.0
    most_misses: int | None = None
    """After so many unanswered offers in a row the pause lasts until the agent ends it."""


PAUSES = {
    Step.RING_NO_ANSWER: "no_answer",
    Step.REJECT: "rejected",
    Step.UNREACHABLE: "unreachable",
    Step.SIGN_IN_PAUSED: "signed_in",
    Step.PAUSE: "paused",
}
"""The reason that a pause begun by each step carries."""


class Roster:
    """Who is there and doing what; agents in it are frozen values, so a snapshot stays true.

    A phone that re-registers changes nothing for an agent who is already there;
    a phone that vanishes in mid-call takes the agent off only when the call ends.
    """

    def __init__(
        self, agents: Iterable[Agent], rests: Rests = Rests(), *, ready_on_register: bool = True
    ) -> None:
        self._agents = {agent.id: agent for agent in sorted(agents, key=lambda agent: agent.id)}
        """In the order of ids."""
        self._staff: tuple[Agent, ...] | None = None
        """Everyone in the order of ids, until somebody changes."""
        self._ends: Deadlines[AgentId] = Deadlines()
        """When wrap-ups and pauses end by themselves."""
        for agent in self._agents.values():
            self._ends.set(agent.id, agent.until)
        self._rests = rests
        self._sign_in = Step.SIGN_IN if ready_on_register else Step.SIGN_IN_PAUSED

    def take_skills(self, agents: Iterable[Agent]) -> list[AgentId]:
        """Let agents have other names and skills; return those who are new.

        What each is doing goes on. One who is not named any more goes, if off already;
        else is offered nothing more and goes at the next change.
        """
        named = {agent.id: agent for agent in agents}
        for present in self.staff():
            wanted = named.get(present.id)
            if wanted is not None:
                self._put(replaced(present, name=wanted.name, skills=wanted.skills))
            elif present.doing is Doing.OFF:
                del self._agents[present.id]
                self._ends.set(present.id, None)
                self._staff = None
            else:
                self._put(replaced(present, skills={}))
        new = [agent for agent in named.values() if agent.id not in self._agents]
        for agent in new:
            self._put(agent)
        self._agents = dict(sorted(self._agents.items()))
        return [agent.id for agent in new]

    def __contains__(self, agent: object) -> bool:
        return agent in self._agents

    def __getitem__(self, agent: AgentId) -> Agent:
        return self._agents[agent]

    def staff(self) -> tuple[Agent, ...]:
        """Return everyone as they are now, in the order of ids."""
        if self._staff is None:
            self._staff = tuple(self._agents.values())
        return self._staff

    def ready(self) -> tuple[Agent, ...]:
        """Return those who can be offered a call now, in the order of ids."""
        return tuple(agent for agent in self.staff() if agent.doing is Doing.READY)

    def sign_in(self, agent: AgentId, now: float) -> Agent:
        """Note that the agent's phone registered, for the first time or again."""
        if self._agents[agent].doing is Doing.OFF:
            return self.take(agent, self._sign_in, now)
        return self._put(replaced(self._agents[agent], registered=True))

    def sign_out(self, agent: AgentId, now: float) -> Agent:
        """Note that the agent's phone is gone; a call in progress goes on."""
        if self._agents[agent].doing is Doing.OFF:
            return self._agents[agent]
        return self.take(agent, Step.PHONE_GONE, now)

    def offer(self, agent: AgentId, call: CallId, now: float) -> Agent:
        """Reserve the agent for a call; raise IllegalTransition unless READY."""
        return self._put(replaced(self._agents[agent].take(Step.OFFER, now), call=call))

    def take(
        self,
        agent: AgentId,
        step: Step,
        now: float,
        *,
        lasts: float | None = None,
        reason: str | None = None,
    ) -> Agent:
        """Let a step happen to an agent; raise IllegalTransition if barred.

        `lasts` is how many seconds the wrap-up or pause that begins may last, if
        not as the rests say; `reason` is the agent's own word for a pause.
        """
        before = self._agents[agent]
        after = before.take(step, now)
        if step is Step.RING_NO_ANSWER:
            after = replaced(after, misses=before.misses + 1)
        elif step is Step.ANSWER or after.doing is Doing.OFF:
            after = replaced(after, misses=0)
        if step in PAUSES and after.doing is Doing.PAUSED:
            after = replaced(after, reason=reason or PAUSES[step])
        rest = self._rest(after, step) if lasts is None else lasts
        if rest is not None and after.doing in (Doing.PAUSED, Doing.WRAP_UP):
            after = replaced(after, until=now + rest)
        return self._put(after)

    def extend_wrap_up(self, agent: AgentId, seconds: float) -> Agent:
        """Give an agent in wrap-up more time; leaves any other as is."""
        before = self._agents[agent]
        if before.doing is not Doing.WRAP_UP or before.until is None:
            return before
        return self._put(replaced(before, until=before.until + seconds))

    def next_deadline(self) -> float | None:
        """Return when the next wrap-up or pause ends by itself."""
        return self._ends.next()

    def tick(self, now: float) -> list[AgentId]:
        """End what is due; return the agents who became READY, in the order of ids."""
        due = sorted(self._ends.due(now))
        for agent in due:
            wrapped_up = self._agents[agent].doing is Doing.WRAP_UP
            self.take(agent, Step.FINISH_WRAP_UP if wrapped_up else Step.RESUME, now)
        return due

    def _rest(self, agent: Agent, step: Step) -> float | None:
        if step is Step.RING_NO_ANSWER:
            most = self._rests.most_misses
            return None if most is not None and agent.misses >= most else self._rests.no_answer
        return {
            Step.HANG_UP: self._rests.wrap_up,
            Step.REJECT: self._rests.rejected,
            Step.UNREACHABLE: self._rests.unreachable,
        }.get(step)

    def _put(self, agent: Agent) -> Agent:
        self._agents[agent.id] = agent
        self._ends.set(agent.id, agent.until)
        self._staff = None
        return agent


def allowed(doing: Doing) -> tuple[Step, ...]:
    """List the steps that may follow a state, for a desk that offers only those."""
    return tuple(step for state, step in NEXT if state is doing)
