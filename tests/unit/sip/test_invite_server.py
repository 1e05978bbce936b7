"""The INVITE server transaction: RFC 3261 §17.2.1, RFC 6026 §7.1."""

import pytest

from calls.transitions import IllegalTransition
from sip.invite_server import RULES, Input, InviteServer, State
from sip.outputs import Output
from tests.helpers.rules import endless, undecided
from tests.helpers.timetable import timeline


def test_the_timetable_of_a_rejection() -> None:
    tx = InviteServer()
    assert tx.respond(486, now=0.0) == [Output.SEND]
    assert timeline(tx, 40.0) == [
        (0.5, Output.REPEAT),
        (1.5, Output.REPEAT),
        (3.5, Output.REPEAT),
        (7.5, Output.REPEAT),
        (11.5, Output.REPEAT),
        (15.5, Output.REPEAT),
        (19.5, Output.REPEAT),
        (23.5, Output.REPEAT),
        (27.5, Output.REPEAT),
        (31.5, Output.REPEAT),
        (32.0, Output.NO_ACK),
        (32.0, Output.OVER),
    ]


def test_an_ack_stops_the_repeats_and_timer_i_ends_it() -> None:
    tx = InviteServer()
    tx.respond(486, now=0.0)
    assert timeline(tx, 1.0) == [(0.5, Output.REPEAT)]
    assert tx.receive("ACK", 1.0) == []
    assert tx.state is State.CONFIRMED
    assert timeline(tx, 99.0) == [(6.0, Output.OVER)]


def test_over_tcp_nothing_is_repeated_and_nothing_is_waited_for_after_the_ack() -> None:
    tx = InviteServer(reliable=True)
    tx.respond(486, now=0.0)
    assert tx.next_deadline() == 32.0
    tx.receive("ACK", 1.0)
    assert timeline(tx, 99.0) == [(1.0, Output.OVER)]


def test_over_tcp_a_rejection_without_ack_ends_with_timer_h() -> None:
    tx = InviteServer(reliable=True)
    tx.respond(486, now=0.0)
    assert timeline(tx, 99.0) == [(32.0, Output.NO_ACK), (32.0, Output.OVER)]


def test_a_repeated_invite_gets_the_last_answer_again() -> None:
    tx = InviteServer()
    tx.respond(180, now=0.0)
    assert tx.receive("INVITE", 0.5) == [Output.REPEAT]
    tx.respond(486, now=1.0)
    assert tx.receive("INVITE", 1.2) == [Output.REPEAT]


def test_after_a_2xx_repeated_invites_are_absorbed_until_timer_l() -> None:
    tx = InviteServer()
    tx.respond(200, now=0.0)
    assert tx.receive("INVITE", 0.5) == []
    assert tx.respond(200, now=0.5) == [Output.SEND]
    assert tx.receive("ACK", 0.6) == [Output.PASS_ACK]
    assert timeline(tx, 99.0) == [(32.0, Output.OVER)]


def test_ringing_lasts_as_long_as_we_let_it() -> None:
    tx = InviteServer()
    tx.respond(180, now=0.0)
    assert tx.next_deadline() is None
    assert not tx.decided


def test_rejecting_after_accepting_is_our_own_bug() -> None:
    tx = InviteServer()
    tx.respond(200, now=0.0)
    with pytest.raises(IllegalTransition, match="REFUSAL in ACCEPTED"):
        tx.respond(486, now=0.1)


def test_a_late_tick_repeats_once_and_paces_from_now() -> None:
    tx = InviteServer()
    tx.respond(486, now=0.0)
    assert tx.tick(10.0) == [Output.REPEAT]
    assert tx.next_deadline() == 11.0


def test_every_input_of_a_peer_is_answered_or_absorbed_in_every_state() -> None:
    ours = frozenset({Input.PROVISIONAL, Input.SUCCESS, Input.REFUSAL})
    assert undecided(RULES, State, Input, ours) == set()
    assert endless(RULES, State, State.TERMINATED) == set()
