"""What holds of matching whatever the staff, the callers and the order of things."""

import itertools
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agents.agent import Agent, Doing, Step
from agents.roster import Rests, Roster
from agents.skills import AtLeast, qualified
from calls.ids import AgentId, CallId, LaneId, Skill
from queueing.acd import pairs, waits_for_known
from queueing.lane import Lane, Relaxing
from queueing.ticket import Favour, Known, Pick, Ticket
from queueing.waiting import (
    Admitted,
    Announce,
    Full,
    LongWait,
    Nobody,
    TooLong,
    WaitingRoom,
)

SKILLS = (Skill("zh"), Skill("en"))
LANES = (
    Lane(LaneId("zh"), frozenset({SKILLS[0]}), max_waiting=3, max_wait=200.0),
    Lane(LaneId("en"), frozenset({SKILLS[1]}), 1, Pick.LONGEST_IDLE, max_waiting=2),
    Lane(LaneId("care"), frozenset(SKILLS), 5, max_waiting=0, max_wait=1.0, never_drop=True),
    Lane(
        LaneId("senior"),
        frozenset({AtLeast(SKILLS[0], 2)}),
        max_expected=900.0,
        relaxing=(
            Relaxing(15.0, frozenset({AtLeast(SKILLS[0], 1)})),
            Relaxing(40.0, frozenset()),
        ),
    ),
)
BY_NAME = {lane.id: lane for lane in LANES}
SUBSETS = [frozenset(c) for n in range(3) for c in itertools.combinations(SKILLS, n)]


def no_match_left(tickets: list[Ticket], staff: list[Agent], now: float) -> None:
    found = pairs(tickets, staff, now)
    chosen = Counter(pair.agent for pair in found)
    served = Counter(pair.ticket.call for pair in found)
    assert max(chosen.values(), default=1) == max(served.values(), default=1) == 1
    for pair in found:
        agent = next(a for a in staff if a.id == pair.agent)
        assert agent.doing is Doing.READY and qualified(agent, pair.ticket.needs)
        assert pair.ticket.may_go_to(agent.id, now)
        assert pair.why and pair.why_en
    for ticket, agent in itertools.product(tickets, staff):
        waits, idle = ticket.call not in served, agent.id not in chosen
        able = agent.doing is Doing.READY and qualified(agent, ticket.needs)
        assert not (waits and idle and able and ticket.may_go_to(agent.id, now))


def test_in_every_small_world_no_able_agent_and_waiting_caller_are_left_together() -> None:
    """Two agents and two callers with all skills, needs, states, ages and bars: every case."""
    people = list(itertools.product(SUBSETS, (Doing.READY, Doing.TALKING), (0.0, 5.0)))
    callers = list(itertools.product(SUBSETS, (0, 1), (False, True)))
    staffs = [
        [
            Agent(AgentId(str(n)), str(n), dict.fromkeys(skills, n + 1), doing, idle_since=idle)
            for n, (skills, doing, idle) in enumerate(team)
        ]
        for team in itertools.combinations_with_replacement(people, 2)
    ]
    lines = [
        [
            Ticket(CallId(str(n)), LaneId("l"), needs, float(n), priority).bar(
                AgentId("0"), 100.0 if barred else 0.0
            )
            for n, (needs, priority, barred) in enumerate(line)
        ]
        for line in itertools.combinations_with_replacement(callers, 2)
    ]
    for staff, line in itertools.product(staffs, lines):
        no_match_left(line, staff, 10.0)


agents = st.builds(
    lambda n, skills, doing, idle: Agent(AgentId(str(n)), str(n), skills, doing, idle_since=idle),
    st.integers(0, 9),
    st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 5)),
    st.sampled_from(Doing),
    st.floats(0, 100),
)
tickets = st.builds(
    lambda n, needs, since, priority, pick: Ticket(
        CallId(str(n)), LaneId("l"), needs, since, priority, pick
    ),
    st.integers(0, 9),
    st.sampled_from(SUBSETS),
    st.floats(0, 100),
    st.integers(-2, 2),
    st.sampled_from(Pick),
)


@settings(max_examples=60)
@given(
    st.lists(tickets, unique_by=lambda t: t.call, max_size=6),
    st.lists(agents, unique_by=lambda a: a.id, max_size=6),
    st.randoms(use_true_random=False),
)
def test_matching_does_not_depend_on_the_order_of_what_it_is_given(line, staff, random) -> None:  # type: ignore[no-untyped-def]
    no_match_left(line, staff, 100.0)
    before = pairs(line, staff, 100.0)
    random.shuffle(line)
    random.shuffle(staff)
    assert pairs(line, staff, 100.0) == before


class Morning(RuleBasedStateMachine):
    """Callers and agents do what they like; the waiting room and the roster keep their word."""

    @initialize()
    def open(self) -> None:
        teams = [{SKILLS[0]: 1}, {SKILLS[0]: 2, SKILLS[1]: 1}, {SKILLS[1]: 3}]
        self.now = 1000.0
        self.roster = Roster(
            [Agent(AgentId(str(n)), str(n), team) for n, team in enumerate(teams)],
            Rests(wrap_up=10.0, no_answer=15.0, rejected=5.0, unreachable=7.0),
        )
        self.room = WaitingRoom(LANES)
        self.came: list[CallId] = []
        self.ends: dict[CallId, str] = {}
        self.ringing: dict[CallId, AgentId] = {}
        self.talking: dict[CallId, AgentId] = {}
        self.told: dict[CallId, float] = {}
        self.patient: set[CallId] = set()

    def settle(self) -> None:
        for pair in self.room.offers(self.now, self.roster.staff()):
            assert pair.ticket.call not in self.ringing
            self.roster.offer(pair.agent, pair.ticket.call, self.now)
            self.ringing[pair.ticket.call] = pair.agent

    def end(self, call: CallId, how: str) -> None:
        assert call not in self.ends
        assert call not in self.patient or how in ("answered", "hung_up")
        self.ends[call] = how

    @rule(lane=st.sampled_from(LANES))
    def call_in(self, lane: Lane) -> None:
        self.come(lane, Favour())

    @rule(
        lane=st.sampled_from(LANES), agent=st.integers(0, 2), seconds=st.sampled_from([3.0, 30.0])
    )
    def call_in_about_what_an_agent_knows(self, lane: Lane, agent: int, seconds: float) -> None:
        self.come(lane, Favour(known=Known(AgentId(str(agent)), self.now + seconds)))

    @rule(lane=st.sampled_from(LANES), ago=st.sampled_from([0.0, 20.0, 100.0]))
    def call_in_again(self, lane: Lane, ago: float) -> None:
        self.come(lane, Favour(since=self.now - ago))

    @rule(lane=st.sampled_from(LANES), ago=st.sampled_from([0.0, 20.0, 100.0]))
    def ask_to_be_called_back(self, lane: Lane, ago: float) -> None:
        self.come(lane, Favour(since=self.now - ago, patient=True))

    def come(self, lane: Lane, favour: Favour) -> None:
        call = CallId(f"c-{len(self.came):04}")
        self.came.append(call)
        if favour.patient:
            self.patient.add(call)
        match self.room.admit(call, lane.id, self.now, self.roster.staff(), favour):
            case Admitted(ewt=ewt):
                if ewt:
                    self.told[call] = ewt
            case Full():
                assert not lane.never_drop and favour.since is None
                self.end(call, "full")
            case LongWait(ewt=ewt):
                assert lane.max_expected is not None and ewt > lane.max_expected
                self.end(call, "long_wait")
            case Nobody():
                assert not favour.patient
                self.end(call, "nobody")
        self.settle()

    @rule(seconds=st.sampled_from([0.0, 1.0, 5.0, 20.0, 50.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.roster.tick(self.now)
        for outcome in self.room.tick(self.now, self.roster.staff()):
            match outcome:
                case Announce(call=call, ewt=ewt):
                    if ewt is not None:
                        assert ewt <= self.told.get(call, ewt)
                        self.told[call] = ewt
                case TooLong(call=call, lane=lane):
                    assert lane != "care"
                    self.end(call, "too_long")
                case Nobody(call=call):
                    self.end(call, "nobody")
        self.settle()

    @rule(agent=st.integers(0, 2), here=st.booleans())
    def phone(self, agent: int, here: bool) -> None:
        move = self.roster.sign_in if here else self.roster.sign_out
        move(AgentId(str(agent)), self.now)
        self.settle()

    @rule(
        step=st.sampled_from([Step.ANSWER, Step.RING_NO_ANSWER, Step.REJECT, Step.UNREACHABLE]),
        which=st.integers(0, 5),
    )
    def offer_ends(self, step: Step, which: int) -> None:
        if not self.ringing:
            return
        call = sorted(self.ringing)[which % len(self.ringing)]
        agent = self.ringing.pop(call)
        self.roster.take(agent, step, self.now)
        if step is Step.ANSWER:
            self.talking[call] = agent
            assert self.room.leave(call, self.now) is not None
            self.end(call, "answered")
        else:
            assert self.room.offer_failed(call, agent, self.now)
        self.settle()

    @rule(which=st.integers(0, 5))
    def caller_hangs_up_waiting(self, which: int) -> None:
        waiting = self.room.waiting()
        if not waiting:
            return
        call = waiting[which % len(waiting)].call
        assert self.room.leave(call, self.now) is not None
        self.end(call, "hung_up")
        if call in self.ringing:
            self.roster.take(self.ringing.pop(call), Step.WITHDRAW, self.now)
        self.settle()

    @rule(which=st.integers(0, 5))
    def talk_ends(self, which: int) -> None:
        if not self.talking:
            return
        call = sorted(self.talking)[which % len(self.talking)]
        self.roster.take(self.talking.pop(call), Step.HANG_UP, self.now)
        self.settle()

    @invariant()
    def no_able_agent_and_waiting_caller_are_left_together(self) -> None:
        staff = self.roster.staff()
        for ticket, agent in itertools.product(self.room.waiting(), self.roster.ready()):
            lane = BY_NAME[ticket.lane]
            needs = lane.needs_after(lane.steps(ticket.since, self.now))
            if ticket.call in self.ringing or not qualified(agent, needs):
                continue
            at_work = {a.id for a in staff if a.at_work and qualified(a, needs)}
            waits = waits_for_known(ticket, at_work, self.now)
            if waits:
                assert ticket.known is not None and agent.id != ticket.known.agent
            assert waits or not ticket.may_go_to(agent.id, self.now)

    @invariant()
    def no_agent_has_two_calls(self) -> None:
        on_calls = [*self.ringing.values(), *self.talking.values()]
        assert len(on_calls) == len(set(on_calls))
        busy = {a.id for a in self.roster.staff() if a.doing in (Doing.RESERVED, Doing.TALKING)}
        assert busy == set(on_calls)

    @invariant()
    def every_caller_waits_or_has_a_named_end(self) -> None:
        waiting = {ticket.call for ticket in self.room.waiting()}
        assert waiting.isdisjoint(self.ends)
        assert waiting | set(self.ends) == set(self.came)

    @invariant()
    def who_waits_unoffered_has_a_deadline_or_staff(self) -> None:
        for ticket in self.room.waiting():
            if ticket.call not in self.ringing and not ticket.patient:
                able = [a for a in self.roster.staff() if qualified(a, ticket.needs)]
                assert self.room.next_deadline() is not None or any(a.at_work for a in able)


TestMorning = Morning.TestCase
TestMorning.settings = settings(max_examples=60, stateful_step_count=40)
