"""RFC 3311 UPDATE, RFC 3515 REFER, RFC 3891 Replaces, with the whole stack."""

import pytest

from sip.events import LegReferred
from sip.message import Request
from tests.helpers.one_stack import OneStack, invitation
from tests.helpers.sip_messages import ANSWER, HOLD, OFFER, reply, request

TO_SOMEBODY = ("Refer-To: <sip:1002@192.0.2.1>",)


# -- RFC 3311 -------------------------------------------------------------------


def test_an_update_while_another_waits_is_500_with_a_wait_of_up_to_ten_seconds() -> None:
    waits = set()
    for number in range(30):
        one = OneStack()
        call = f"call-{number}"
        _, tag = one.up(call_id=call)
        one.receive(request("UPDATE", cseq=2, to_tag=tag, body=HOLD, call_id=call))
        assert one.receive(request("UPDATE", cseq=3, to_tag=tag, body=HOLD, call_id=call)) == [
            "500 UPDATE"
        ]
        waits.add(int(one.last().headers.get("retry-after") or "-1"))
    assert min(waits) >= 0 and max(waits) <= 10 and len(waits) > 4


def test_an_update_with_an_offer_while_ours_waits_for_its_answer_is_491() -> None:
    one = OneStack()
    event, tag = one.up()
    one.receive(request("INVITE", cseq=2, to_tag=tag))
    one.stack.answer(event.leg, ANSWER, 1.0)
    one.flush()
    assert one.receive(request("UPDATE", cseq=3, to_tag=tag, body=HOLD)) == ["491 UPDATE"]
    assert one.receive(request("UPDATE", cseq=4, to_tag=tag)) == ["200 UPDATE"], "no offer"


def test_an_update_that_is_refused_leaves_target_and_session_as_they_were() -> None:
    one = OneStack()
    event, tag = one.up()
    moved = "<sip:moved@192.0.2.10:5099>"
    one.receive(request("UPDATE", cseq=2, to_tag=tag, body=HOLD, contact=moved))
    one.stack.reject(event.leg, 488, 1.0)
    assert one.flush() == ["488 UPDATE"]
    one.stack.hang_up(event.leg, 2.0)
    one.flush()
    bye = one.last()
    assert isinstance(bye, Request) and bye.uri == "sip:peer@192.0.2.10:5060"


def test_the_2xx_to_an_update_and_to_the_invite_name_the_same_contact() -> None:
    one = OneStack()
    event = one.offered()
    tag = one.stack._legs[event.leg].tag  # type: ignore[attr-defined]
    one.receive(request("UPDATE", cseq=2, to_tag=tag))
    early = one.last().headers.get("contact")
    one.stack.answer(event.leg, ANSWER, 1.0)
    one.flush()
    assert early is not None and one.last().headers.get("contact") == early


# -- RFC 3515 -------------------------------------------------------------------


def referred(one: OneStack, tag: str, cseq: int = 2) -> list[str]:
    return one.receive(request("REFER", cseq=cseq, to_tag=tag, more=TO_SOMEBODY))


def test_a_subscription_to_a_referral_that_is_not_there_is_403() -> None:
    one = OneStack()
    _, tag = one.up()
    asked = request("SUBSCRIBE", cseq=2, to_tag=tag, more=("Event: refer;id=93",))
    assert one.receive(asked) == ["403 SUBSCRIBE"]
    other = request("SUBSCRIBE", cseq=3, to_tag=tag, more=("Event: presence",))
    assert one.receive(other) == ["405 SUBSCRIBE"]
    assert "SUBSCRIBE" not in one.last().headers.all("allow")


def test_a_refer_before_the_call_is_up_is_asked_to_come_again_and_ends_nothing() -> None:
    one = OneStack()
    event = one.offered()
    tag = one.stack._legs[event.leg].tag  # type: ignore[attr-defined]
    assert referred(one, tag) == ["491 REFER"]
    one.stack.answer(event.leg, ANSWER, 1.0)
    one.flush()
    assert referred(one, tag, 3) == ["491 REFER"], (
        "a 481 would tell the phone that the call is gone"
    )
    one.receive(request("ACK", to_tag=tag))
    one.events()
    assert referred(one, tag, 4) == []
    assert isinstance(one.events()[0], LegReferred)


@pytest.mark.parametrize(
    "lines",
    [(), ("Refer-To: <sip:a@b>", "Refer-To: <sip:c@d>"), ("Refer-To: nonsense",)],
)
def test_a_refer_without_exactly_one_target_is_400(lines: tuple[str, ...]) -> None:
    one = OneStack()
    _, tag = one.up()
    assert one.receive(request("REFER", cseq=2, to_tag=tag, more=lines)) == ["400 REFER"]


def test_the_news_follow_the_202_by_the_routes_of_the_call_and_name_their_referral() -> None:
    one = OneStack()
    event, tag = one.up(more=("Record-Route: <sip:192.0.2.77;lr>",))
    referred(one, tag, 7)
    one.stack.accept_referral(event.leg, 0.0)
    assert one.flush() == ["202 REFER", "NOTIFY"]
    notify = one.last()
    assert one.sent[-1][1] == ("192.0.2.77", 5060)
    assert notify.headers.get("event") == "refer;id=7"
    assert (notify.headers.get("content-type") or "").startswith("message/sipfrag")
    assert notify.body.startswith(b"SIP/2.0 100 ")
    assert len(notify.headers.contact) == 1


@pytest.mark.parametrize("status", [481, 405, 500])
def test_whoever_refuses_the_news_is_told_no_more(status: int) -> None:
    one = OneStack()
    event, tag = one.up()
    referred(one, tag)
    one.stack.accept_referral(event.leg, 0.0)
    one.flush()
    one.receive(reply(one.sent[-1][0], status))
    one.stack.tell_referral(event.leg, 200, "OK", 5.0)
    assert one.flush() == []
    assert one.stack.has(event.leg), "the call goes on"
    assert referred(one, tag, 3) == [], "and may refer again"


def test_news_that_are_lost_silence_only_their_own_referral() -> None:
    one = OneStack()
    event, tag = one.up()
    referred(one, tag)
    one.stack.accept_referral(event.leg, 0.0)
    one.flush()
    one.receive(reply(one.sent[-1][0], 200))
    one.stack.tell_referral(event.leg, 486, "Busy Here", 1.0)
    one.flush()  # the last news of the first are lost
    referred(one, tag, 3)
    one.stack.accept_referral(event.leg, 2.0)
    one.flush()
    one.receive(reply(one.sent[-1][0], 200), at=2.0)
    one.run(40.0)
    one.stack.tell_referral(event.leg, 200, "OK", 41.0)
    assert one.flush() == ["NOTIFY"]
    assert one.last().headers.get("event") == "refer;id=3"


# -- RFC 3891 -------------------------------------------------------------------


def wanting(call_id: str, tag: str, theirs: str, more: str = "") -> bytes:
    line = f"Replaces: {call_id};to-tag={tag};from-tag={theirs}{more}"
    return request("INVITE", call_id="new", body=OFFER, more=(line,))


@pytest.mark.parametrize("method", ["UPDATE", "BYE", "REFER", "OPTIONS", "INFO"])
def test_replaces_in_anything_but_an_invite_is_400(method: str) -> None:
    one = OneStack()
    _, tag = one.up()
    line = f"Replaces: call-1;to-tag={tag};from-tag=caller"
    assert one.receive(request(method, cseq=2, to_tag=tag, more=(line,))) == [f"400 {method}"]
    assert one.stack.legs() == 1


@pytest.mark.parametrize(
    "lines",
    [
        ("Replaces: a;to-tag=b;from-tag=c", "Replaces: d;to-tag=e;from-tag=f"),
        ("Replaces: a;to-tag=b",),
        ("Replaces: a;from-tag=b",),
        ("Replaces: a;to-tag=b;from-tag=c", "Join: a;to-tag=b;from-tag=c"),
    ],
)
def test_two_of_them_half_of_one_or_one_beside_join_is_400(lines: tuple[str, ...]) -> None:
    one = OneStack()
    assert one.receive(request("INVITE", body=OFFER, more=lines)) == ["400 INVITE"]


def test_a_call_is_matched_by_our_tag_as_to_and_theirs_as_from_and_nothing_else() -> None:
    one = OneStack()
    event, tag = one.up()
    assert one.receive(wanting("call-1", "caller", tag)) == ["481 INVITE"], "the wrong way round"
    assert one.receive(wanting("call-2", tag, "caller").replace(b"new", b"n2")) == ["481 INVITE"]
    one.receive(wanting("call-1", tag, "caller").replace(b"new", b"n3"))
    assert one.events()[-1].replaces == event.leg  # type: ignore[union-attr]


def test_a_call_that_is_just_ending_is_declined() -> None:
    one = OneStack()
    event, tag = one.up()
    one.stack.hang_up(event.leg, 1.0)
    one.flush()
    assert one.receive(wanting("call-1", tag, "caller")) == ["603 INVITE"]


def test_a_caller_who_waits_for_our_word_is_not_replaced() -> None:
    one = OneStack()
    event = one.offered()
    tag = one.stack._legs[event.leg].tag  # type: ignore[attr-defined]
    assert one.receive(wanting("call-1", tag, "caller")) == ["481 INVITE"]


def test_a_phone_that_rings_for_us_is_not_given_to_another() -> None:
    one = OneStack()
    leg = one.stack.invite(invitation(), 0.0)
    one.flush()
    invite = one.sent[0][0]
    one.receive(reply(invite, 180))
    one.events()
    ours = one.stack._legs[leg].early
    assert ours is not None
    assert one.receive(wanting(ours[0], ours[1], "phone", ";early-only")) == ["603 INVITE"]
    assert one.receive(reply(invite, 200, body=OFFER)) == ["ACK"], "and goes on ringing"


def test_what_must_be_replaced_and_cannot_be_is_told_so_by_name() -> None:
    one = OneStack()
    _, tag = one.up()
    asked = wanting("call-1", tag, "caller").replace(
        b"Replaces:", b"Require: replaces\r\nReplaces:"
    )
    assert one.receive(asked) == ["420 INVITE"]
    assert one.last().headers.all("unsupported") == ["replaces"]
