"""Every order of ten events over two agents and two callers: the waiting room keeps its word.

Not a sample: all 10! orders of each set are walked; orders of the same events that lead to
the same state go on as one. An event that cannot happen where it comes (nobody rings, nobody
talks) changes nothing. A state is all that decides what may follow: who waits since when,
whom a phone rings for, who is barred from whom, what each agent does; not how long an agent
has been idle, which settles nothing here because levels differ.
"""

import pickle

import pytest

from agents.agent import Agent, Doing, Step
from agents.roster import Rests, Roster
from agents.skills import qualified
from calls.ids import AgentId, CallId, LaneId, Skill
from queueing.lane import Lane
from queueing.waiting import Admitted, Nobody, TooLong, WaitingRoom

EVENTS = 4
ZH, EN = Skill("zh"), Skill("en")
LANES = (
    Lane(LaneId("zh"), frozenset({ZH}), max_wait=50.0, nobody_after=5.0, retry_after=12.0),
    Lane(LaneId("en"), frozenset({EN}), 1, never_drop=True, nobody_after=5.0, retry_after=12.0),
)
CALLERS = {CallId("first"): LANES[0].id, CallId("second"): LANES[1].id}
AGENTS = (
    Agent(AgentId("both"), "both", {ZH: 1, EN: 2}),
    Agent(AgentId("one"), "one", {ZH: 3}),
)
CALLS_AND_SHIFTS = (("call", "first"), ("call", "second"), ("come", "both"), ("come", "one"))
SETS = {
    "refusals and long waits": (
        ("answer", ""), ("reject", ""), ("hang_up", ""), ("pass", "13"), ("pass", "60"),
        ("go", "both"),
    ),
}  # fmt: skip


class Small:
    """Two agents, two callers, and what became of them."""

    def __init__(self) -> None:
        self.now = 100.0
        self.room = WaitingRoom(LANES)
        self.roster = Roster(AGENTS, Rests(6.0, 10.0, 6.0, 6.0))
        self.ends: dict[CallId, str] = {}
        self.ringing: dict[CallId, AgentId] = {}
        self.talking: dict[CallId, AgentId] = {}

    def happen(self, what: str, who: str) -> None:
        """Let one thing happen, if it can, and all that follows from it at once."""
        one = {"answer": self.ringing, "reject": self.ringing, "no_answer": self.ringing}
        someone = min({**one, "hang_up": self.talking}.get(what, {}), default=None)
        call = CallId(who) or someone
        if call is None or (what == "give_up" and call not in self.room):
            return
        match what:
            case "pass":
                self.now += float(who)
                self.roster.tick(self.now)
                self._tick()
            case "call":
                answer = self.room.admit(call, CALLERS[call], self.now, self.roster.staff())
                if not isinstance(answer, Admitted):
                    self._end(call, type(answer).__name__)
            case "give_up":
                assert self.room.leave(call, self.now) is not None
                self._end(call, "gave up")
                if call in self.ringing:
                    self.roster.take(self.ringing.pop(call), Step.WITHDRAW, self.now)
            case "answer":
                self.talking[call] = self.ringing.pop(call)
                self.roster.take(self.talking[call], Step.ANSWER, self.now)
                assert self.room.leave(call, self.now) is not None
                self._end(call, "answered")
            case "no_answer" | "reject":
                agent = self.ringing.pop(call)
                step = Step.REJECT if what == "reject" else Step.RING_NO_ANSWER
                self.roster.take(agent, step, self.now)
                assert self.room.offer_failed(call, agent, self.now)
            case "hang_up":
                self.roster.take(self.talking.pop(call), Step.HANG_UP, self.now)
            case "come":
                self.roster.sign_in(AgentId(who), self.now)
            case "go":
                self.roster.sign_out(AgentId(who), self.now)
        self._match()

    def _tick(self) -> None:
        for outcome in self.room.tick(self.now, self.roster.staff()):
            if isinstance(outcome, TooLong | Nobody):
                self._end(outcome.call, type(outcome).__name__)

    def _match(self) -> None:
        for pair in self.room.offers(self.now, self.roster.staff()):
            assert pair.ticket.call not in self.ringing
            self.roster.offer(pair.agent, pair.ticket.call, self.now)
            self.ringing[pair.ticket.call] = pair.agent

    def _end(self, call: CallId, how: str) -> None:
        assert call not in self.ends, "ended twice"
        self.ends[call] = how

    def keeps_its_word(self) -> None:
        """Assert what must hold after every event."""
        ready = self.roster.ready()
        for ticket in self.room.waiting():
            if ticket.call not in self.ringing:
                for agent in ready:
                    able = qualified(agent, ticket.needs)
                    assert not (able and ticket.may_go_to(agent.id, self.now)), "left together"
                assert self.room.next_deadline() is not None or any(
                    a.at_work and qualified(a, ticket.needs) for a in self.roster.staff()
                ), "forgotten"
        on_calls = [*self.ringing.values(), *self.talking.values()]
        busy = [a.id for a in self.roster.staff() if a.doing in (Doing.RESERVED, Doing.TALKING)]
        assert sorted(on_calls) == sorted(busy), "an agent twice, or busy with nothing"
        waiting = {ticket.call for ticket in self.room.waiting()}
        assert waiting.isdisjoint(self.ends)
        assert self.ends.get(CallId("second")) != "TooLong", "one in distress was dropped"

    def state(self) -> tuple[object, ...]:
        """Return all that decides what may follow, instants counted from now."""
        past = self.now
        return (
            tuple(
                (t.call, past - t.since, tuple((a, until - past) for a, until in t.barred))
                for t in self.room.waiting()
            ),
            tuple(
                (a.doing, a.until and a.until - past, a.registered, a.call)
                for a in self.roster.staff()
            ),
            tuple(sorted(self.ringing.items())),
            tuple(sorted(self.talking.items())),
            tuple(sorted(self.ends.items())),
            self.room.next_deadline() and (self.room.next_deadline() or 0.0) - past,
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_in_every_order_of_ten_events_nobody_is_forgotten_or_served_twice(name: str) -> None:
    events = (*CALLS_AND_SHIFTS, *SETS[name])
    assert len(events) == 10
    level: dict[tuple[frozenset[int], object], Small] = {(frozenset(), None): Small()}
    for _ in events:
        following: dict[tuple[frozenset[int], object], Small] = {}
        for (done, _), world in level.items():
            frozen = pickle.dumps(world)
            for number in set(range(len(events))) - done:
                after: Small = pickle.loads(frozen)
                after.happen(*events[number])
                after.keeps_its_word()
                following.setdefault((done | {number}, after.state()), after)
        level = following
    ends = {how for world in level.values() for how in world.ends.values()}
    assert "answered" in ends and len(level) > 10
