"""RFC 4028 with the whole stack: who refreshes, how often, and what is said of it."""

import pytest

from sip.events import LegEnded
from sip.message import Response, parse
from tests.helpers.one_stack import OneStack, invitation
from tests.helpers.sip_messages import ANSWER, OFFER, reply, request

ABLE = "Supported: timer"


def answered(*lines: str, **settings: object) -> tuple[OneStack, Response]:
    one = OneStack(**settings)
    event = one.offered(more=lines)
    one.stack.answer(event.leg, ANSWER, 0.0)
    one.flush()
    ok = one.last()
    assert isinstance(ok, Response)
    one.receive(request("ACK", to_tag=ok.headers.to.tag or ""))
    one.events()
    return one, ok


@pytest.mark.parametrize(
    ("lines", "refresher", "required"),
    [
        (("Session-Expires: 600",), "uas", False),
        (("Session-Expires: 600", ABLE), "uac", True),
        (("Session-Expires: 600;refresher=uac", ABLE), "uac", True),
        (("Session-Expires: 600;refresher=uas", ABLE), "uas", True),
    ],
)
def test_who_refreshes_is_as_the_table_has_it(
    lines: tuple[str, ...], refresher: str, required: bool
) -> None:
    _, ok = answered(*lines)
    assert ok.headers.get("session-expires") == f"600;refresher={refresher}"
    assert (ok.headers.get("require") == "timer") == required


@pytest.mark.parametrize("seconds", [90, 91, 1799, 1800, 1801, 86400, 4294967295])
def test_the_interval_is_never_made_longer_than_was_asked_nor_shorter_than_90(seconds: int) -> None:
    _, ok = answered(f"Session-Expires: {seconds}", ABLE)
    told = int((ok.headers.get("session-expires") or "").partition(";")[0])
    assert 90 <= told <= seconds


def test_it_is_never_shorter_than_the_callers_least() -> None:
    _, ok = answered("Session-Expires: 7200", "Min-SE: 3600", ABLE)
    assert (ok.headers.get("session-expires") or "").startswith("3600")
    assert "min-se" not in ok.headers, "§5: only a 422 has one"


def test_too_short_is_422_for_who_understands_it_and_90_seconds_for_who_does_not() -> None:
    one = OneStack()
    short = request("INVITE", body=OFFER, more=("Session-Expires: 60", ABLE))
    assert one.receive(short) == ["422 INVITE"]
    assert one.last().headers.get("min-se") == "90"
    one, ok = answered("Session-Expires: 60")
    assert ok.headers.get("session-expires") == "90;refresher=uas"
    assert one.run(45.0) == [(45.0, "INVITE")]


def test_too_short_within_a_call_is_422_and_the_call_stays() -> None:
    one, ok = answered("Session-Expires: 600", ABLE)
    tag = ok.headers.to.tag or ""
    update = request("UPDATE", cseq=2, to_tag=tag, more=("Session-Expires: 30", ABLE))
    assert one.receive(update) == ["422 UPDATE"]
    assert one.stack.legs() == 1


def test_the_least_that_was_ever_asked_for_in_a_call_stands_in_each_refresh() -> None:
    lines = ("Session-Expires: 600;refresher=uas", "Min-SE: 120", ABLE, "Allow: UPDATE")
    one, ok = answered(*lines)
    tag = ok.headers.to.tag or ""
    larger = ("Session-Expires: 600;refresher=uas", "Min-SE: 90", ABLE)
    one.receive(request("UPDATE", cseq=2, to_tag=tag, more=larger), at=1.0)
    one.run(301.0)
    update = one.last()
    assert update.headers.get("min-se") == "120"
    assert update.headers.get("session-expires") == "600;refresher=uac"
    assert update.body == b""
    one.receive(reply(bytes(update), 422, more=("Min-SE: 900",)))
    assert one.last().headers.get("min-se") == "900"
    assert one.last().headers.get("session-expires") == "900;refresher=uac"
    assert one.last().headers.cseq.number == parse(bytes(update)).headers.cseq.number + 1


def test_our_first_refresh_names_no_least_where_none_was_named() -> None:
    one, _ = answered("Session-Expires: 600;refresher=uas", ABLE, "Allow: UPDATE")
    one.run(300.0)
    assert "min-se" not in one.last().headers


def test_a_refresh_as_re_invite_repeats_our_description_to_the_letter() -> None:
    one, _ = answered("Session-Expires: 600;refresher=uas", ABLE)
    one.run(300.0)
    invite = one.last()
    assert invite.body == ANSWER, "the same origin says that nothing has changed"
    assert invite.headers.all("supported") == ["100rel", "timer"]


def test_refused_refreshes_are_tried_again_before_the_session_ends() -> None:
    one, _ = answered("Session-Expires: 600;refresher=uas", ABLE, "Allow: UPDATE")
    instants = []
    while one.now < 599.0 and (due := one.stack.next_deadline()) is not None and due < 600.0:
        one.run(due)
        for datagram, _ in one.sent:
            instants.append(due)
            one.receive(reply(datagram, 500))
    assert instants == [300.0, 450.0, 525.0, 562.5, 581.25]
    assert one.events() == []


def test_as_uac_what_the_2xx_says_counts_and_nothing_means_no_timer() -> None:
    for lines, expected in (((), []), (("Session-Expires: 200",), [(100.0, "UPDATE")])):
        one = OneStack()
        one.stack.invite(invitation(), 0.0)
        one.flush()
        one.receive(reply(one.sent[0][0], 200, body=OFFER, more=(*lines, "Allow: UPDATE")))
        assert one.run(100.0) == expected


def test_a_timer_may_be_switched_off_by_a_later_2xx() -> None:
    one, _ = answered("Session-Expires: 600;refresher=uas", ABLE, "Allow: UPDATE")
    one.run(300.0)
    one.receive(reply(one.sent[0][0], 200))
    assert one.run(9000.0) == []


def test_who_does_not_refresh_is_hung_up_32_seconds_before_the_end() -> None:
    one = OneStack()
    event = one.offered(more=("Session-Expires: 600;refresher=uac", ABLE))
    one.stack.answer(event.leg, ANSWER, 0.0)
    one.flush()
    one.receive(request("ACK", to_tag=one.last().headers.to.tag or ""))
    one.events()
    assert one.run(568.0)[0] == (568.0, "BYE")
    assert one.events() == [LegEnded(event.leg, by_peer=False, why="expired")]
