"""Needs that relax, places that are kept, the agent who knows the matter, and call-backs."""

from agents.agent import Agent, Doing
from agents.skills import AtLeast, qualified
from calls.ids import AgentId, CallId, LaneId, Skill
from queueing.lane import Lane, Relaxing
from queueing.ticket import Favour, Known
from queueing.waiting import Admitted, Full, LongWait, TooLong, WaitingRoom

EN, LANE = Skill("english"), LaneId("english")
EXPERT, LEARNER = AgentId("expert"), AgentId("learner")
A, B, C = CallId("a"), CallId("b"), CallId("c")
RELAXING = (Relaxing(30.0, frozenset({AtLeast(EN, 3)})), Relaxing(60.0, frozenset({EN})))


def lane(**changes: object) -> Lane:
    values: dict[str, object] = {"needs": frozenset({AtLeast(EN, 5)}), "announce_every": None}
    return Lane(LANE, **{**values, **changes})  # type: ignore[arg-type]  # a test's own fields


def agent(name: AgentId, level: int, doing: Doing = Doing.READY) -> Agent:
    return Agent(name, name, {EN: level}, doing)


def offered(room: WaitingRoom, now: float, *staff: Agent) -> list[tuple[CallId, AgentId]]:
    room.tick(now, staff)
    return [(pair.ticket.call, pair.agent) for pair in room.offers(now, staff)]


def test_a_level_is_needed_where_it_is_said_and_any_level_is_enough_elsewhere() -> None:
    assert qualified(agent(LEARNER, 1), {EN})
    assert not qualified(agent(LEARNER, 2), {AtLeast(EN, 3)})
    assert qualified(agent(EXPERT, 3), {AtLeast(EN, 3)})


def test_needs_relax_with_waiting_and_the_place_stays() -> None:
    room = WaitingRoom([lane(relaxing=RELAXING)])
    busy = agent(EXPERT, 5, Doing.TALKING)
    room.admit(A, LANE, 0.0, (busy,))
    room.admit(B, LANE, 10.0, (busy,))
    assert room.next_deadline() == 30.0
    assert offered(room, 29.9, busy, agent(LEARNER, 2)) == []
    assert offered(room, 59.9, busy, agent(LEARNER, 2)) == []
    assert offered(room, 60.0, busy, agent(LEARNER, 2)) == [(A, LEARNER)]
    assert room.ticket(B).since == 10.0
    assert room.ticket(B).needs == {AtLeast(EN, 3)}


def test_needs_relaxed_while_a_phone_rang_in_vain_hold_when_the_place_is_back() -> None:
    room = WaitingRoom([lane(relaxing=RELAXING)])
    expert = agent(EXPERT, 5)
    room.admit(A, LANE, 0.0, (expert,))
    assert offered(room, 25.0, expert) == [(A, EXPERT)]
    room.offer_failed(A, EXPERT, 65.0)
    assert offered(room, 65.0, expert, agent(LEARNER, 1)) == [(A, LEARNER)]


def test_a_kept_place_goes_before_those_who_came_since_and_is_never_too_many() -> None:
    room = WaitingRoom([lane(max_waiting=1, max_wait=100.0)])
    busy = agent(EXPERT, 5, Doing.TALKING)
    room.admit(A, LANE, 50.0, (busy,))
    assert isinstance(room.admit(B, LANE, 60.0, (busy,)), Full)
    assert isinstance(room.admit(C, LANE, 60.0, (busy,), Favour(since=10.0)), Admitted)
    assert [ticket.call for ticket in room.waiting()] == [C, A]
    assert room.tick(149.0, (busy,)) == []
    assert room.tick(150.0, (busy,)) == [TooLong(A, LANE)]
    assert room.tick(160.0, (busy,)) == [TooLong(C, LANE)]  # counted from the second call


def test_who_would_wait_too_long_is_turned_away_at_once_and_has_no_place() -> None:
    room = WaitingRoom([lane(max_expected=300.0, handling=200.0)])
    busy = agent(EXPERT, 5, Doing.TALKING)
    assert room.admit(A, LANE, 0.0, (busy,)) == Admitted(A, LANE, 1, 200.0)
    assert room.admit(B, LANE, 1.0, (busy,)) == LongWait(B, LANE, 400.0)
    assert B not in room and len(room) == 1
    distress = WaitingRoom([lane(max_expected=300.0, handling=900.0, never_drop=True)])
    assert isinstance(distress.admit(A, LANE, 0.0, (busy,)), Admitted)


def test_the_agent_who_knows_the_matter_is_waited_for_but_not_for_ever() -> None:
    room = WaitingRoom([lane(needs=frozenset({EN}))])
    busy, free = agent(EXPERT, 5, Doing.TALKING), agent(LEARNER, 1)
    room.admit(A, LANE, 0.0, (busy, free), Favour(known=Known(EXPERT, 20.0)))
    room.admit(B, LANE, 1.0, (busy, free))
    assert offered(room, 5.0, busy, free) == [(B, LEARNER)]
    room.leave(B, 6.0)
    assert room.next_deadline() == 20.0
    assert offered(room, 20.0, busy, free) == [(A, LEARNER)]


def test_nobody_is_kept_for_an_agent_who_has_gone_home() -> None:
    room = WaitingRoom([lane(needs=frozenset({EN}))])
    gone, free = agent(EXPERT, 5, Doing.OFF), agent(LEARNER, 1)
    room.admit(A, LANE, 0.0, (gone, free), Favour(known=Known(EXPERT, 20.0)))
    assert offered(room, 0.0, gone, free) == [(A, LEARNER)]


def test_the_reason_names_the_agent_who_knows_the_matter() -> None:
    room = WaitingRoom([lane(needs=frozenset({EN}))])
    staff = (agent(EXPERT, 5), agent(LEARNER, 1))
    room.admit(A, LANE, 0.0, staff, Favour(known=Known(LEARNER, 20.0)))
    (pair,) = room.offers(0.0, staff)
    assert pair.agent == LEARNER and "open matter" in pair.why_en


def test_a_call_back_waits_without_staff_without_limit_and_fills_no_lane() -> None:
    room = WaitingRoom([lane(max_waiting=1, max_wait=10.0, nobody_after=1.0)])
    back = Favour(since=0.0, patient=True)
    assert isinstance(room.admit(A, LANE, 5.0, (), back), Admitted)
    assert room.tick(5000.0, ()) == []
    busy = agent(EXPERT, 5, Doing.TALKING)
    assert isinstance(room.admit(B, LANE, 5001.0, (busy,)), Admitted)
    assert offered(room, 5002.0, agent(EXPERT, 5)) == [(A, EXPERT)]
