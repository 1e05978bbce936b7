"""The INVITE client transaction: RFC 3261 §17.1.1, RFC 6026 §7.2."""

from sip.invite_client import RULES, Input, InviteClient, State
from sip.outputs import Output
from tests.helpers.rules import endless, undecided
from tests.helpers.timetable import timeline


def test_the_timetable_of_an_invite_that_nobody_answers() -> None:
    assert timeline(InviteClient(), 40.0) == [
        (0.5, Output.REPEAT),
        (1.5, Output.REPEAT),
        (3.5, Output.REPEAT),
        (7.5, Output.REPEAT),
        (15.5, Output.REPEAT),
        (31.5, Output.REPEAT),
        (32.0, Output.TIMED_OUT),
        (32.0, Output.OVER),
    ]


def test_over_tcp_the_invite_is_sent_once() -> None:
    assert timeline(InviteClient(reliable=True), 40.0) == [
        (32.0, Output.TIMED_OUT),
        (32.0, Output.OVER),
    ]


def test_a_provisional_answer_stops_the_repeats_and_timer_b() -> None:
    tx = InviteClient()
    assert tx.receive(100, 0.1) == [Output.PASS]
    assert tx.receive(180, 0.2) == [Output.PASS]
    assert tx.next_deadline() is None
    assert tx.state is State.PROCEEDING


def test_each_repeat_of_a_refusal_is_acknowledged_and_told_of_once() -> None:
    tx = InviteClient()
    assert tx.receive(486, 0.1) == [Output.ACKNOWLEDGE, Output.PASS]
    assert tx.receive(486, 0.6) == [Output.ACKNOWLEDGE]
    assert tx.receive(180, 0.7) == []
    assert tx.receive(200, 0.8) == []
    assert timeline(tx, 99.0) == [(32.1, Output.OVER)]


def test_over_tcp_a_refused_invite_is_over_at_once() -> None:
    tx = InviteClient(reliable=True)
    tx.receive(486, 0.1)
    assert timeline(tx, 99.0) == [(0.1, Output.OVER)]


def test_every_2xx_is_passed_on_until_timer_m() -> None:
    tx = InviteClient()
    tx.receive(180, 0.1)
    assert tx.receive(200, 1.0) == [Output.PASS]
    assert tx.receive(200, 1.5) == [Output.PASS]
    assert tx.receive(486, 1.6) == []
    assert tx.receive(180, 1.7) == []
    assert timeline(tx, 99.0) == [(33.0, Output.OVER)]


def test_every_answer_of_a_peer_is_taken_or_absorbed_in_every_state() -> None:
    assert undecided(RULES, State, Input) == set()
    assert endless(RULES, State, State.TERMINATED) == set()
