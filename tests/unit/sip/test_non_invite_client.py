"""The client transaction of requests other than INVITE: RFC 3261 §17.1.2."""

from sip.non_invite_client import RULES, Input, NonInviteClient, State
from sip.outputs import Output
from tests.helpers.rules import endless, undecided
from tests.helpers.timetable import timeline


def seconds(tx: NonInviteClient, end: float = 40.0) -> list[float]:
    return [second for second, _ in timeline(tx, end)]


def test_the_timetable_of_a_bye_that_nobody_answers() -> None:
    tx = NonInviteClient()
    fired = timeline(tx, 40.0)
    assert [second for second, output in fired if output is Output.REPEAT] == [
        0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5,
    ]  # fmt: skip
    assert fired[-2:] == [(32.0, Output.TIMED_OUT), (32.0, Output.OVER)]


def test_after_a_provisional_answer_it_is_repeated_every_t2_and_still_given_up() -> None:
    tx = NonInviteClient()
    assert tx.receive(100, 0.1) == [Output.PASS]
    assert seconds(tx) == [0.5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5, 32.0, 32.0]


def test_an_answer_stops_the_repeats_and_timer_k_ends_it() -> None:
    tx = NonInviteClient()
    assert tx.receive(200, 0.1) == [Output.PASS]
    assert tx.receive(200, 0.2) == []
    assert tx.receive(100, 0.3) == []
    assert timeline(tx, 99.0) == [(5.1, Output.OVER)]


def test_over_tcp_it_is_sent_once_and_over_when_answered() -> None:
    tx = NonInviteClient(reliable=True)
    assert tx.next_deadline() == 32.0
    tx.receive(200, 0.1)
    assert timeline(tx, 99.0) == [(0.1, Output.OVER)]


def test_every_answer_of_a_peer_is_taken_or_absorbed_in_every_state() -> None:
    assert undecided(RULES, State, Input) == set()
    assert endless(RULES, State, State.TERMINATED) == set()
