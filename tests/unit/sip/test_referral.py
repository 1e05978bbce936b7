"""REFER and its NOTIFYs (RFC 3515, 4488)."""

import pytest

from sip.events import LegReferred
from tests.helpers.one_stack import OneStack
from tests.helpers.sip_messages import reply, request

REFER = ("Refer-To: <sip:1002@192.0.2.1>", "Referred-By: <sip:1001@192.0.2.1>")


def referred(*more: str) -> tuple[OneStack, LegReferred]:
    one = OneStack()
    _, tag = one.up()
    assert one.receive(request("REFER", cseq=2, to_tag=tag, more=(*REFER, *more))) == []
    (event,) = one.events()
    assert isinstance(event, LegReferred)
    return one, event


def test_whom_to_call_and_at_whose_word_is_told() -> None:
    _, event = referred()
    assert event.referral.to.uri.user == "1002"
    assert event.referral.by == "<sip:1001@192.0.2.1>"
    assert event.referral.wants_news


def test_a_referral_is_accepted_and_told_of_to_its_end() -> None:
    one, event = referred()
    one.stack.accept_referral(event.leg, 0.0)
    assert one.flush() == ["202 REFER", "NOTIFY"]
    notify = one.last()
    assert notify.body == b"SIP/2.0 100 Trying\r\n"
    assert notify.headers.get("subscription-state") == "active;expires=60"
    assert notify.headers.get("event") == "refer;id=2"
    one.receive(reply(one.sent[-1][0], 200))
    one.stack.tell_referral(event.leg, 200, "OK", 1.0)
    assert one.flush() == ["NOTIFY"]
    assert one.last().headers.get("subscription-state") == "terminated;reason=noresource"
    one.stack.tell_referral(event.leg, 200, "OK", 2.0)
    assert one.flush() == []


def test_who_wants_no_news_gets_none() -> None:
    one, event = referred("Refer-Sub: false")
    one.stack.accept_referral(event.leg, 0.0)
    assert one.flush() == ["202 REFER"]
    assert one.last().headers.get("refer-sub") == "false"


def test_a_referral_may_be_refused_and_the_call_goes_on() -> None:
    one, event = referred()
    one.stack.refuse_referral(event.leg, 603, 0.0)
    assert one.flush() == ["603 REFER"]
    one.stack.hang_up(event.leg, 1.0)
    assert one.flush() == ["BYE"]


def test_a_second_referral_waits_its_turn() -> None:
    one, event = referred()
    tag = one.stack._legs[event.leg].dialog.local_tag  # type: ignore[union-attr]
    assert one.receive(request("REFER", cseq=3, to_tag=tag, more=REFER)) == ["491 REFER"]


@pytest.mark.parametrize("lines", [(), (REFER[0], REFER[0]), ("Refer-To: <<",)])
def test_a_refer_needs_one_target_that_can_be_read(lines: tuple[str, ...]) -> None:
    one = OneStack()
    _, tag = one.up()
    assert one.receive(request("REFER", cseq=2, to_tag=tag, more=lines)) == ["400 REFER"]
    assert one.events() == []


def test_a_stranger_to_every_call_refers_nobody() -> None:
    assert OneStack().receive(request("REFER", more=REFER)) == ["603 REFER"]


def test_a_call_that_ends_answers_the_referral_that_waits() -> None:
    one, event = referred()
    tag = one.stack._legs[event.leg].dialog.local_tag  # type: ignore[union-attr]
    assert one.receive(request("BYE", cseq=3, to_tag=tag)) == ["200 BYE", "487 REFER"]
    one.run(100.0)
    assert one.empty()


def test_the_reason_of_a_bye_is_told() -> None:
    one = OneStack()
    _, tag = one.up()
    lines = ('Reason: Q.850;cause=16;text="Terminated"', "User-to-User: 00;encoding=hex")
    one.receive(request("BYE", cseq=2, to_tag=tag, more=lines))
    (event,) = one.events()
    assert event.reason == 'Q.850;cause=16;text="Terminated"'  # type: ignore[union-attr]
    assert event.user_to_user == "00;encoding=hex"  # type: ignore[union-attr]
