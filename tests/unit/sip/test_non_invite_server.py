"""The server transaction of requests other than INVITE: RFC 3261 §17.2.2."""

import pytest

from calls.transitions import IllegalTransition
from sip.non_invite_server import RULES, Input, NonInviteServer, State
from sip.outputs import Output
from tests.helpers.rules import endless, undecided
from tests.helpers.timetable import timeline


def test_a_repeat_gets_the_same_answer_until_timer_j() -> None:
    tx = NonInviteServer()
    assert tx.receive("BYE", 0.0) == []
    assert tx.respond(200, 0.1) == [Output.SEND]
    assert tx.receive("BYE", 0.6) == [Output.REPEAT]
    assert timeline(tx, 99.0) == [(32.1, Output.OVER)]


def test_over_tcp_the_answer_ends_it() -> None:
    tx = NonInviteServer(reliable=True)
    tx.respond(200, 0.1)
    assert timeline(tx, 99.0) == [(0.1, Output.OVER)]


def test_a_provisional_answer_is_repeated_too() -> None:
    tx = NonInviteServer()
    assert tx.respond(100, 0.0) == [Output.SEND]
    assert tx.receive("OPTIONS", 0.5) == [Output.REPEAT]
    assert tx.respond(100, 0.6) == [Output.SEND]
    assert not tx.decided
    assert tx.respond(200, 1.0) == [Output.SEND]
    assert tx.decided


def test_answering_twice_is_our_own_bug() -> None:
    tx = NonInviteServer()
    tx.respond(200, 0.0)
    with pytest.raises(IllegalTransition):
        tx.respond(404, 0.1)


def test_every_repeat_is_answered_or_absorbed_in_every_state() -> None:
    assert undecided(RULES, State, Input, frozenset({Input.PROVISIONAL, Input.FINAL})) == set()
    assert endless(RULES, State, State.TERMINATED) == set()
