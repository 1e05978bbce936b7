"""What must hold at every moment of a day, checked from the facts and from the roster."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agents.agent import Agent, Doing, Step
from agents.roster import Rests, Roster
from agents.skills import qualified
from calls.events import (
    Answered,
    Arrived,
    Ended,
    Fact,
    LeftLane,
    Offered,
    OfferFailed,
    Queued,
)
from calls.ids import AgentId, CallId, LaneId
from queueing.lane import Lane
from queueing.ticket import NO_FAVOUR, Favour
from queueing.waiting import (
    Admitted,
    Announce,
    Full,
    LongWait,
    Nobody,
    TooLong,
    WaitingRoom,
)

MOST = 20
"""Breaches that are kept in words; all are counted."""


@dataclass(slots=True)
class Watch:
    """Follows every call by its facts alone, and compares with what the roster says.

    A waiting caller and a ready agent who could take the call never are together after a
    turn; no agent has two calls; who is busy is on a call; every call ends once, by a name.
    """

    lanes: Mapping[LaneId, Lane]
    roster: Roster
    broken: Counter[str] = field(default_factory=Counter)
    words: list[str] = field(default_factory=list)
    calls: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    _up: set[CallId] = field(default_factory=set)
    _waiting: dict[CallId, LaneId] = field(default_factory=dict)
    _ringing: dict[CallId, AgentId] = field(default_factory=dict)
    _busy: dict[AgentId, CallId] = field(default_factory=dict)
    _with: dict[CallId, AgentId] = field(default_factory=dict)
    _barred: dict[tuple[CallId, AgentId], float] = field(default_factory=dict)

    def breach(self, what: str, now: float, detail: str) -> None:
        """Write down that a promise was broken."""
        self.broken[what] += 1
        if len(self.words) < MOST:
            self.words.append(f"{what} at {now:.3f}: {detail}")

    def fact(self, fact: Fact) -> None:
        """Take what happened."""
        match fact:
            case Arrived(call=call):
                self.calls += 1
                self._up.add(call)
            case Queued(call=call, lane=lane):
                self._waiting[call] = lane
            case Offered(call=call, agent=agent, at=at):
                self._offered(call, agent, at)
            case OfferFailed(call=call, agent=agent, at=at):
                self._free(self._ringing.pop(call, agent))
                until = at + self.lanes[self._waiting[call]].retry_after
                self._barred[call, agent] = until
            case Answered(call=call):
                self._waiting.pop(call, None)
                self._with[call] = self._ringing.pop(call)
            case LeftLane(call=call):
                self._leave(call)
            case Ended(call=call, at=at, reason=reason):
                self._ended(call, at, reason.value)

    def _offered(self, call: CallId, agent: AgentId, at: float) -> None:
        if agent in self._busy:
            self.breach("agent_twice", at, f"{agent} offered {call} and {self._busy[agent]}")
        if call in self._ringing:
            self.breach("caller_twice", at, f"{call} offered to {agent}, {self._ringing[call]}")
        self._busy[agent] = call
        self._ringing[call] = agent

    def _leave(self, call: CallId) -> None:
        self._waiting.pop(call, None)
        if call in self._ringing:
            self._free(self._ringing.pop(call))

    def _ended(self, call: CallId, at: float, reason: str) -> None:
        if call not in self._up:
            self.breach("ended_twice", at, call)
            return
        self._up.discard(call)
        self._leave(call)
        if call in self._with:
            self._free(self._with.pop(call))
        self.outcomes[reason] += 1

    def _free(self, agent: AgentId) -> None:
        self._busy.pop(agent, None)

    def after_turn(self, now: float) -> None:
        """Check what must hold whenever everything has been decided."""
        if len(self._waiting) == len(self._ringing):
            return
        lanes = {lane for call, lane in self._waiting.items() if call not in self._ringing}
        ready = self.roster.ready()
        for lane in lanes:
            able = [agent for agent in ready if qualified(agent, self.lanes[lane].needs)]
            if able:
                self._look_closely(lane, able, now)

    def _look_closely(self, lane: LaneId, able: Sequence[Agent], now: float) -> None:
        for call, where in self._waiting.items():
            if where != lane or call in self._ringing:
                continue
            for agent in able:
                if self._barred.get((call, agent.id), 0.0) <= now:
                    self.breach("left_together", now, f"{call} in {lane} and {agent.id}")

    def now_and_then(self, now: float) -> None:
        """Check what takes longer: that the roster's busy people are those on calls."""
        busy = {a.id for a in self.roster.staff() if a.doing in (Doing.RESERVED, Doing.TALKING)}
        for agent in sorted(busy ^ self._busy.keys()):
            self.breach("busy_without_a_call", now, agent)
        self._barred = {pair: until for pair, until in self._barred.items() if until > now}

    def at_the_end(self, now: float) -> None:
        """Check that nobody was forgotten."""
        self.now_and_then(now)
        for call in sorted(self._up):
            self.breach("never_ended", now, call)

    @property
    def waiting(self) -> int:
        """Callers in lanes now."""
        return len(self._waiting)


class WatchedRoom(WaitingRoom):
    """The waiting room, and whether what callers are told of their wait ever rises."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        super().__init__(lanes)
        self.watch: Watch
        self._told: dict[CallId, float] = {}

    def admit(
        self,
        call: CallId,
        lane: LaneId,
        now: float,
        staff: Sequence[Agent],
        favour: Favour = NO_FAVOUR,
    ) -> Admitted | Full | Nobody | LongWait:
        """As the room does."""
        answer = super().admit(call, lane, now, staff, favour)
        self._told.pop(call, None)
        if isinstance(answer, Admitted) and answer.ewt:
            self._told[call] = answer.ewt
        return answer

    def tick(self, now: float, staff: Sequence[Agent]) -> list[TooLong | Nobody | Announce]:
        """As the room does; each estimate is compared with the one before."""
        outcomes = super().tick(now, staff)
        for call, wait in _announced(outcomes):
            if wait > self._told.get(call, wait):
                self.watch.breach("wait_rose", now, f"{call}: {self._told[call]} to {wait}")
            self._told[call] = wait
        return outcomes


def _announced(
    outcomes: Sequence[TooLong | Nobody | Announce],
) -> Iterator[tuple[CallId, float]]:
    for outcome in outcomes:
        if isinstance(outcome, Announce) and outcome.ewt is not None:
            yield outcome.call, outcome.ewt


class WatchedRoster(Roster):
    """The roster, and how long people were in each state: what occupancy is made of."""

    def __init__(self, agents: Iterable[Agent], rests: Rests, began: float) -> None:
        self._spent: Counter[Doing] = Counter()
        self._since: dict[AgentId, float] = {}
        self._began = began
        super().__init__(agents, rests)

    def take(
        self,
        agent: AgentId,
        step: Step,
        now: float,
        *,
        lasts: float | None = None,
        reason: str | None = None,
    ) -> Agent:
        """As the roster does; the time in the state before is added up."""
        self._add(self[agent], now)
        return super().take(agent, step, now, lasts=lasts, reason=reason)

    def offer(self, agent: AgentId, call: CallId, now: float) -> Agent:
        """As the roster does."""
        self._add(self[agent], now)
        return super().offer(agent, call, now)

    def _add(self, before: Agent, now: float) -> None:
        since = self._since.get(before.id, self._began)
        self._spent[before.doing] += round(1000 * (now - since))
        self._since[before.id] = now

    def spent(self, now: float) -> dict[Doing, float]:
        """Return how many seconds all agents together were in each state, counted in ms."""
        for agent in self.staff():
            self._add(agent, now)
        return {doing: self._spent[doing] / 1000 for doing in Doing}
