"""Session timers, both refreshers, as UAS and as UAC (RFC 4028)."""

import pytest

from sip.events import CallConfirmed, LegAnswered, LegEnded
from sip.message import Response, parse
from tests.helpers.one_stack import OneStack, invitation
from tests.helpers.sip_messages import ANSWER, OFFER, first_line, reply, request

ALLOW = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE"
REFRESHED = ("Session-Expires: 600;refresher=uac", "Supported: timer")


def answered(*lines: str, **settings: object) -> tuple[OneStack, str, Response]:
    """Let a call with these lines come up; return the stack, our tag and our 200."""
    one = OneStack(**settings)
    event = one.offered(more=lines)
    one.stack.answer(event.leg, ANSWER, 0.0)
    one.flush()
    ok = one.last()
    assert isinstance(ok, Response)
    tag = ok.headers.to.tag or ""
    one.receive(request("ACK", to_tag=tag))
    one.events()
    return one, tag, ok


def told(ok: Response) -> tuple[str | None, str | None]:
    return ok.headers.get("session-expires"), ok.headers.get("require")


def sent(one: OneStack) -> list[str]:
    return [first_line(datagram) for datagram, _ in one.sent]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ("Session-Expires: 600;refresher=uac", "Supported: timer"),
            ("600;refresher=uac", "timer"),
        ),
        (
            ("Session-Expires: 600;refresher=uas", "Supported: timer"),
            ("600;refresher=uas", "timer"),
        ),
        (("Session-Expires: 600", "Supported: timer"), ("600;refresher=uac", "timer")),
        (("Supported: timer",), ("1800;refresher=uas", "timer")),
        (("x: 600",), ("600;refresher=uas", None)),
        (("Session-Expires: 9000", "Supported: timer"), ("1800;refresher=uac", "timer")),
        (("Session-Expires: 9000", "Min-SE: 3600", "k: timer"), ("3600;refresher=uac", "timer")),
        ((), (None, None)),
    ],
)
def test_what_is_agreed_with_a_caller(
    lines: tuple[str, ...], expected: tuple[str | None, str | None]
) -> None:
    assert told(answered(*lines)[2]) == expected


def test_our_refresh_is_an_update_where_the_caller_takes_one() -> None:
    one, _, _ = answered("Session-Expires: 600;refresher=uas", "Supported: timer", ALLOW)
    fired = one.run(300.0)
    assert fired[-1] == (300.0, "UPDATE")
    update = one.last()
    assert update.headers.get("session-expires") == "600;refresher=uac"
    assert update.body == b""
    lines = ("Session-Expires: 600;refresher=uac", ALLOW)
    one.receive(reply(one.sent[0][0], 200, more=lines))
    assert next(at for at, line in one.run(700.0) if line == "UPDATE") == 600.0


def test_our_refresh_is_a_re_invite_that_changes_nothing_where_it_must_be() -> None:
    one, _, _ = answered("Session-Expires: 600;refresher=uas", "Supported: timer")
    assert one.run(300.0) == [(300.0, "INVITE")]
    datagram = one.sent[0][0]
    assert parse(datagram).body == ANSWER
    ok = reply(datagram, 200, body=OFFER, more=("Session-Expires: 600;refresher=uac",))
    assert one.receive(ok) == ["ACK"]
    assert one.receive(ok) == ["ACK"]
    assert one.events() == []


@pytest.mark.parametrize("status", [408, 481])
def test_a_refresh_that_finds_no_call_ends_ours(status: int) -> None:
    one, _, _ = answered("Session-Expires: 600;refresher=uas", "Supported: timer", ALLOW)
    one.run(300.0)
    assert one.receive(reply(one.sent[0][0], status)) == ["BYE"]
    (event,) = one.events()
    assert isinstance(event, LegEnded)
    assert (event.by_peer, event.why) == (False, "no_refresh")


def test_a_refresh_that_nobody_answers_ends_the_call() -> None:
    one, _, _ = answered("Session-Expires: 600;refresher=uas", "Supported: timer", ALLOW)
    lines = [line for _, line in one.run(340.0)]
    assert lines[:1] == ["UPDATE"]
    assert "BYE" in lines
    (event,) = one.events()
    assert isinstance(event, LegEnded)
    assert event.why == "no_refresh"


def test_a_refresh_refused_for_another_reason_leaves_the_call_up() -> None:
    one, _, _ = answered("Session-Expires: 600;refresher=uas", "Supported: timer", ALLOW)
    one.run(300.0)
    assert one.receive(reply(one.sent[0][0], 500)) == []
    assert one.events() == []
    assert one.run(450.0) == [(450.0, "UPDATE")], "half-way to the end of the session"


def test_a_refresh_of_a_callers_that_meets_theirs_is_tried_again_within_two_seconds() -> None:
    one, tag, _ = answered("Session-Expires: 600;refresher=uas", "Supported: timer")
    one.run(300.0)
    datagram = one.sent[0][0]
    theirs = request("INVITE", cseq=2, to_tag=tag, body=OFFER)
    assert one.receive(theirs) == ["491 INVITE"]
    one.receive(reply(datagram, 491))
    again = [at for at, line in one.run(305.0) if line == "INVITE"]
    assert 300.0 <= again[0] <= 302.0, "§14.1: the Call-ID is the caller's"


def test_in_a_call_of_ours_the_second_attempt_waits_longer_than_theirs_can() -> None:
    one = ours("Session-Expires: 600;refresher=uac", "Supported: timer")
    one.run(300.0)
    one.receive(reply(one.sent[0][0], 491))
    again = [at for at, line in one.run(305.0) if line == "INVITE"]
    assert 302.1 <= again[0] <= 304.0, "§14.1: the Call-ID is ours"


def test_an_answer_to_a_refresh_of_ours_that_says_something_new_is_told_once() -> None:
    one = ours("Session-Expires: 600;refresher=uac", "Supported: timer")
    (leg,) = one.stack._legs
    one.run(300.0)
    assert one.receive(reply(one.sent[0][0], 200, body=ANSWER, more=REFRESHED)) == ["ACK"]
    assert one.events() == [], "the same as before"
    one.run(600.0)
    moved = reply(one.sent[-1][0], 200, body=OFFER, more=REFRESHED)
    assert one.receive(moved) == ["ACK"]
    assert one.receive(moved) == ["ACK"], "its repeat"
    assert one.events() == [CallConfirmed(leg, OFFER)]


def test_a_caller_that_does_not_refresh_is_hung_up_in_time() -> None:
    one, _, _ = answered("Session-Expires: 600;refresher=uac", "Supported: timer")
    assert one.run(568.0) == [(568.0, "BYE")]
    (event,) = one.events()
    assert isinstance(event, LegEnded)
    assert (event.by_peer, event.why) == (False, "expired")


def test_a_caller_that_does_refresh_is_left_alone() -> None:
    one, tag, _ = answered("Session-Expires: 600;refresher=uac", "Supported: timer")
    lines = ("Session-Expires: 600;refresher=uac", "Supported: timer")
    update = request("UPDATE", cseq=2, to_tag=tag, more=lines)
    assert one.receive(update, at=400.0) == ["200 UPDATE"]
    assert one.last().headers.get("session-expires") == "600;refresher=uac"
    assert one.run(967.0) == []
    assert one.run(968.0) == [(968.0, "BYE")]


# -- calls of ours -----------------------------------------------------------------


def ours(*lines: str) -> OneStack:
    """Call a phone that answers with these lines."""
    one = OneStack()
    one.stack.invite(invitation(), 0.0)
    one.flush()
    one.receive(reply(one.sent[0][0], 200, body=ANSWER, more=lines))
    one.events()
    return one


def test_our_invite_asks_for_a_timer_and_a_phone_without_one_has_none() -> None:
    one = OneStack()
    one.stack.invite(invitation(), 0.0)
    one.flush()
    assert one.last().headers.get("session-expires") == "1800"
    assert "timer" in one.last().headers.all("supported")
    assert ours().run(5000.0) == []


def test_a_phone_that_leaves_the_refresh_to_us_gets_it() -> None:
    one = ours("Session-Expires: 1000;refresher=uac", "Require: timer", ALLOW)
    assert one.run(500.0)[-1] == (500.0, "UPDATE")


def test_a_phone_that_promised_to_refresh_and_does_not_is_hung_up() -> None:
    one = ours("Session-Expires: 1000;refresher=uas", "Require: timer")
    assert one.run(968.0)[-1] == (968.0, "BYE")


def test_a_phone_that_wants_a_longer_interval_gets_it_at_once() -> None:
    one = OneStack()
    one.stack.invite(invitation(), 0.0)
    one.flush()
    too_small = reply(one.sent[0][0], 422, more=("Min-SE: 3600",))
    assert one.receive(too_small) == ["ACK", "INVITE"]
    again = one.last()
    assert again.headers.get("session-expires") == "3600"
    assert again.headers.get("min-se") == "3600"
    assert again.headers.cseq.number == 2
    one.receive(reply(one.sent[-1][0], 200, body=ANSWER))
    assert [type(event) for event in one.events()] == [LegAnswered]


def test_a_timer_dies_with_its_call() -> None:
    one, tag, _ = answered("Session-Expires: 600;refresher=uas", "Supported: timer", ALLOW)
    one.run(300.0)
    one.receive(request("BYE", cseq=2, to_tag=tag))
    one.run(900.0)
    assert one.empty()
    assert one.stack.next_deadline() is None
