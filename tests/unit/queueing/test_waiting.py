import pytest

from agents.agent import Agent, Doing
from calls.ids import AgentId, CallId, LaneId, Skill
from queueing.lane import Lane
from queueing.ticket import Favour
from queueing.waiting import Admitted, Announce, Full, Left, Nobody, TooLong, WaitingRoom

ZH, EN = Skill("zh"), Skill("en")
GENERAL, ENGLISH, CARE = LaneId("general"), LaneId("english"), LaneId("counselling")
A, B, C, D = (CallId(f"c-{letter}") for letter in "abcd")
LI, WANG = AgentId("8001"), AgentId("8002")


def agent(number: AgentId, doing: Doing = Doing.READY, **skills: int) -> Agent:
    levels = {Skill(name): level for name, level in (skills or {"zh": 1}).items()}
    return Agent(number, number, levels, doing, until=None)


READY = [agent(LI)]
BUSY = [agent(LI, Doing.TALKING)]
GONE = [agent(LI, Doing.OFF)]


def room() -> WaitingRoom:
    return WaitingRoom(
        [
            Lane(GENERAL, frozenset({ZH}), max_waiting=2, max_wait=300.0, announce_every=45.0),
            Lane(ENGLISH, frozenset({EN}), announce_every=None),
            Lane(CARE, frozenset({ZH}), 9, max_waiting=0, max_wait=1.0, never_drop=True),
        ]
    )


def test_a_caller_for_whom_an_agent_is_free_has_nothing_to_wait_for() -> None:
    assert room().admit(A, GENERAL, 0.0, READY) == Admitted(A, GENERAL, 1, 0.0)


def test_a_caller_who_must_wait_is_told_the_place_and_an_honest_wait() -> None:
    lane = room()
    lane.admit(A, GENERAL, 0.0, BUSY)
    assert lane.admit(B, GENERAL, 1.0, BUSY) == Admitted(B, GENERAL, 2, 480.0)


def test_a_lane_with_nobody_at_work_says_so_at_once() -> None:
    lane = room()
    assert lane.admit(A, GENERAL, 0.0, GONE) == Nobody(A, GENERAL)
    assert A not in lane
    assert lane.admit(A, GENERAL, 0.0, [agent(LI, Doing.PAUSED)]) == Nobody(A, GENERAL)


def test_a_full_lane_turns_the_next_caller_away() -> None:
    lane = room()
    lane.admit(A, GENERAL, 0.0, BUSY)
    lane.admit(B, GENERAL, 0.0, BUSY)
    assert lane.admit(C, GENERAL, 0.0, BUSY) == Full(C, GENERAL)
    assert len(lane) == 2


def test_a_caller_whose_agent_rings_takes_up_no_waiting_place() -> None:
    lane = room()
    lane.admit(A, GENERAL, 0.0, READY)
    lane.offers(0.0, READY)
    lane.admit(B, GENERAL, 0.0, BUSY)
    assert isinstance(lane.admit(C, GENERAL, 0.0, BUSY), Admitted)
    assert isinstance(lane.admit(D, GENERAL, 0.0, BUSY), Full)


def test_a_lane_without_waiting_places_takes_a_caller_when_an_agent_is_free() -> None:
    lane = WaitingRoom([Lane(GENERAL, frozenset({ZH}), max_waiting=0)])
    assert isinstance(lane.admit(A, GENERAL, 0.0, BUSY), Full)
    assert isinstance(lane.admit(A, GENERAL, 0.0, READY), Admitted)


def test_a_lane_that_never_drops_is_neither_full_nor_too_long() -> None:
    lane = room()
    assert isinstance(lane.admit(A, CARE, 0.0, BUSY), Admitted)
    assert isinstance(lane.admit(B, CARE, 0.0, BUSY), Admitted)
    told = lane.tick(9999.0, BUSY)
    assert {type(outcome) for outcome in told} == {Announce}


def test_a_caller_in_distress_goes_before_all_others() -> None:
    lane = room()
    lane.admit(A, GENERAL, 0.0, BUSY)
    lane.admit(B, CARE, 50.0, BUSY)
    assert [pair.ticket.call for pair in lane.offers(60.0, READY)] == [B]


def test_the_longest_wait_ends_in_too_long() -> None:
    lane = room()
    lane.admit(A, GENERAL, 0.0, BUSY)
    assert TooLong(A, GENERAL) not in lane.tick(299.9, BUSY)
    assert lane.tick(300.0, BUSY) == [TooLong(A, GENERAL)]
    assert A not in lane


def test_a_caller_whose_agent_rings_is_left_in_peace() -> None:
    lane = room()
    lane.admit(A, GENERAL, 0.0, READY)
    lane.offers(290.0, READY)
    assert lane.next_deadline() is None
    assert lane.tick(301.0, BUSY) == []
    assert lane.offer_failed(A, LI, 310.0)
    assert lane.tick(310.0, BUSY) == [TooLong(A, GENERAL)]


def test_staff_that_goes_home_leaves_the_waiting_time_to_come_back() -> None:
    lane = room()
    lane.admit(A, GENERAL, 0.0, BUSY)
    assert lane.tick(10.0, GONE) == []
    assert lane.next_deadline() == 40.0
    assert lane.tick(39.0, BUSY) == []
    lane.tick(40.0, GONE)
    assert lane.tick(70.0, GONE) == [Nobody(A, GENERAL)]


def test_a_caller_is_offered_to_one_agent_only() -> None:
    lane = room()
    both = [agent(LI), agent(WANG)]
    lane.admit(A, GENERAL, 0.0, both)
    assert len(lane.offers(0.0, both)) == 1
    assert lane.offers(0.0, both) == []


def test_after_a_failed_offer_the_caller_keeps_the_place() -> None:
    lane = room()
    lane.admit(A, GENERAL, 0.0, READY)
    lane.offers(0.0, READY)
    lane.admit(B, GENERAL, 1.0, BUSY)
    lane.offer_failed(A, LI, 20.0)
    assert lane.position(A) == 1
    assert lane.ticket(A).since == 0.0
    assert [p.ticket.call for p in lane.offers(20.0, [agent(WANG)])] == [A]


def test_the_agent_who_failed_is_tried_again_only_after_a_while() -> None:
    lane = room()
    lane.admit(A, GENERAL, 0.0, READY)
    lane.offers(0.0, READY)
    lane.offer_failed(A, LI, 20.0)
    assert lane.offers(20.0, READY) == []
    assert lane.next_deadline() == 40.0
    lane.tick(40.0, READY)
    assert [p.agent for p in lane.offers(40.0, READY)] == [LI]


def test_a_caller_who_left_while_the_phone_rang_is_not_put_back() -> None:
    lane = room()
    lane.admit(A, GENERAL, 0.0, READY)
    lane.offers(0.0, READY)
    assert lane.leave(A, 7.0) == Left(A, GENERAL, 7.0)
    assert not lane.offer_failed(A, LI, 20.0)
    assert lane.leave(A, 8.0) is None
    assert len(lane) == 0


def test_announcements_come_at_their_interval_and_the_wait_never_rises() -> None:
    lane = room()
    lane.admit(A, GENERAL, 0.0, BUSY)
    lane.admit(B, GENERAL, 0.0, BUSY)
    assert lane.next_deadline() == 45.0
    first = lane.tick(45.0, [*BUSY, agent(WANG, Doing.TALKING)])
    assert first == [Announce(A, GENERAL, 1, 120.0), Announce(B, GENERAL, 2, 240.0)]
    lane.leave(A, 50.0)
    for _ in range(50):
        lane.handled(GENERAL, 3000.0)
    assert lane.tick(90.0, BUSY) == [Announce(B, GENERAL, 1, 240.0)]


def test_when_nobody_is_left_the_announced_wait_is_unknown_not_zero() -> None:
    lane = room()
    lane.admit(A, GENERAL, 0.0, BUSY)
    assert lane.tick(45.0, GONE) == [Announce(A, GENERAL, 1, None)]


def test_a_free_agent_at_admission_promises_nothing_if_the_offer_then_fails() -> None:
    lane = room()
    lane.admit(A, GENERAL, 0.0, READY)
    lane.offers(0.0, READY)
    lane.offer_failed(A, LI, 20.0)
    assert lane.tick(45.0, BUSY) == [Announce(A, GENERAL, 1, 240.0)]


def test_a_lane_may_announce_nothing() -> None:
    lane = room()
    lane.admit(A, ENGLISH, 0.0, [agent(LI, Doing.TALKING, en=1)])
    assert lane.next_deadline() is None
    assert lane.tick(9999.0, [agent(LI, Doing.TALKING, en=1)]) == []


def test_callers_ahead_who_need_other_people_do_not_delay_me() -> None:
    lane = room()
    staff = [agent(LI, Doing.TALKING, zh=1), agent(WANG, Doing.TALKING, en=1)]
    lane.admit(A, GENERAL, 0.0, staff)
    admitted = lane.admit(B, ENGLISH, 1.0, staff)
    assert admitted == Admitted(B, ENGLISH, 1, 240.0)


def test_callers_ahead_who_may_go_elsewhere_count_in_part() -> None:
    lane = room()
    staff = [agent(LI, Doing.TALKING, zh=1), agent(WANG, Doing.TALKING, zh=1, en=1)]
    lane.admit(A, GENERAL, 0.0, staff)
    admitted = lane.admit(B, ENGLISH, 1.0, staff)
    assert isinstance(admitted, Admitted)
    assert admitted.ewt == pytest.approx(1.5 * 240.0)


def test_a_changed_priority_counts_from_the_next_match() -> None:
    lane = room()
    lane.admit(A, GENERAL, 0.0, BUSY)
    lane.admit(B, GENERAL, 1.0, BUSY)
    lane.give_priority(B, 5)
    assert lane.position(B) == 1
    assert [p.ticket.call for p in lane.offers(2.0, READY)] == [B]


def test_who_waits_is_listed_in_the_order_of_turns() -> None:
    lane = room()
    lane.admit(B, GENERAL, 1.0, BUSY)
    lane.admit(A, CARE, 5.0, BUSY)
    lane.admit(C, GENERAL, 0.5, BUSY, Favour(more=0))
    assert [ticket.call for ticket in lane.waiting()] == [A, C, B]
    assert [ticket.call for ticket in lane.waiting(GENERAL)] == [C, B]
