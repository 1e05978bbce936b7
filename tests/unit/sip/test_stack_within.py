"""Requests within a call: RFC 3261 §12.2.2, §14, §15; RFC 3311; hold, keys and glare."""

import pytest

from sip.events import CallConfirmed, LegEnded, LegKey, LegReoffered
from sip.settings import METHODS
from tests.helpers.one_stack import OneStack
from tests.helpers.sip_messages import ANSWER, HOLD, OFFER, request


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_hold_is_offered_and_answered(method: str) -> None:
    one = OneStack()
    event, tag = one.up()
    sent = one.receive(request(method, cseq=2, to_tag=tag, body=HOLD))
    assert sent == (["100 INVITE"] if method == "INVITE" else [])
    (reoffered,) = one.events()
    assert isinstance(reoffered, LegReoffered) and reoffered.leg == event.leg
    assert reoffered.offer is not None and reoffered.offer.audio is not None
    assert reoffered.offer.audio.direction == "sendonly"
    one.stack.answer(event.leg, ANSWER, 5.0)
    assert one.flush() == [f"200 {method}"]
    assert one.last().body == ANSWER


def test_a_hold_that_is_refused_leaves_the_call_up() -> None:
    one = OneStack()
    event, tag = one.up()
    one.receive(request("INVITE", cseq=2, to_tag=tag, body=HOLD))
    one.stack.reject(event.leg, 488, 5.0)
    assert one.flush() == ["488 INVITE"]
    assert one.stack.legs() == 1


def test_the_200_to_a_re_invite_is_repeated_until_its_own_ack() -> None:
    one = OneStack()
    event, tag = one.up()
    one.receive(request("INVITE", cseq=2, to_tag=tag, body=HOLD), at=5.0)
    one.stack.answer(event.leg, ANSWER, 5.0)
    one.flush()
    one.events()
    assert one.receive(request("ACK", cseq=1, to_tag=tag, branch="z9hG4bK-late")) == []
    assert one.run(6.5) == [(5.5, "200 INVITE"), (6.5, "200 INVITE")]
    one.receive(request("ACK", cseq=2, to_tag=tag))
    assert one.run(20.0) == []
    assert one.events() == []


def test_a_re_invite_whose_200_is_never_acknowledged_ends_the_call() -> None:
    one = OneStack()
    event, tag = one.up()
    one.receive(request("INVITE", cseq=2, to_tag=tag, body=HOLD), at=5.0)
    one.stack.answer(event.leg, ANSWER, 5.0)
    one.events()
    assert one.run(37.0)[-1] == (37.0, "BYE")
    assert one.events() == [LegEnded(event.leg, by_peer=False, why="no_ack")]


def test_a_re_invite_without_offer_asks_for_ours() -> None:
    one = OneStack()
    event, tag = one.up()
    one.receive(request("INVITE", cseq=2, to_tag=tag))
    assert one.events() == [LegReoffered(event.leg, None)]
    one.stack.answer(event.leg, ANSWER, 5.0)
    one.flush()
    assert one.receive(request("INVITE", cseq=3, to_tag=tag, body=HOLD)) == ["491 INVITE"]
    one.receive(request("ACK", cseq=2, to_tag=tag, body=OFFER))
    assert one.events() == [CallConfirmed(event.leg, OFFER)]


def test_a_second_re_invite_before_the_first_is_decided_is_500_with_retry_after() -> None:
    one = OneStack()
    _, tag = one.up()
    one.receive(request("INVITE", cseq=2, to_tag=tag, body=HOLD))
    assert one.receive(request("UPDATE", cseq=3, to_tag=tag, body=HOLD)) == ["500 UPDATE"]
    assert 0 <= int(one.last().headers.get("retry-after") or "-1") <= 10


def test_a_re_invite_that_is_cancelled_leaves_the_call_as_it_was() -> None:
    one = OneStack()
    event, tag = one.up()
    one.receive(request("INVITE", cseq=2, to_tag=tag, body=HOLD, branch="z9hG4bK-hold"))
    cancel = request("CANCEL", cseq=2, to_tag=tag, branch="z9hG4bK-hold")
    assert one.receive(cancel) == ["200 CANCEL", "487 INVITE"]
    one.stack.answer(event.leg, ANSWER, 5.0)
    assert one.flush() == []
    assert one.stack.counters["late_commands"] == 1
    assert one.stack.legs() == 1


def test_a_bye_during_a_re_invite_answers_both() -> None:
    one = OneStack()
    event, tag = one.up()
    one.receive(request("INVITE", cseq=2, to_tag=tag, body=HOLD))
    one.events()
    assert one.receive(request("BYE", cseq=3, to_tag=tag)) == ["200 BYE", "487 INVITE"]
    assert one.events() == [LegEnded(event.leg, by_peer=True, why="bye")]
    one.run(99.0)
    assert one.empty()


def test_an_update_without_offer_is_a_refresh_and_nobody_is_asked() -> None:
    one = OneStack()
    _, tag = one.up()
    assert one.receive(request("UPDATE", cseq=2, to_tag=tag)) == ["200 UPDATE"]
    assert one.last().headers.get("contact") == "<sip:192.0.2.1:5060>"
    assert one.events() == []


def test_an_update_before_the_answer_has_to_wait() -> None:
    one = OneStack()
    event = one.offered()
    one.stack.ring(event.leg, 0.0)
    one.flush()
    tag = one.last().headers.to.tag or ""
    assert one.receive(request("UPDATE", cseq=2, to_tag=tag, body=HOLD)) == ["500 UPDATE"]


def test_an_unreadable_reoffer_is_refused_and_the_call_stays() -> None:
    one = OneStack()
    _, tag = one.up()
    assert one.receive(request("INVITE", cseq=2, to_tag=tag, body=b"v=0\r\nm=x\r\n")) == [
        "400 INVITE"
    ]
    assert one.events() == []
    assert one.stack.legs() == 1


def test_a_lower_cseq_is_500() -> None:
    one = OneStack()
    _, tag = one.up(cseq=10)
    assert one.receive(request("BYE", cseq=9, to_tag=tag)) == ["500 BYE"]
    assert one.stack.legs() == 1


@pytest.mark.parametrize(
    ("body", "content_type", "key"),
    [
        (b"Signal=5\r\nDuration=160\r\n", "application/dtmf-relay", "5"),
        (b"Signal= *\r\nDuration= 250\r\n", "application/dtmf-relay", "*"),
        (b"Duration=250\r\nSignal=11", "application/dtmf-relay", "#"),
        (b"9", "application/dtmf", "9"),
        (b"d\r\n", "Application/DTMF;x=y", "D"),
    ],
)
def test_a_key_by_info(body: bytes, content_type: str, key: str) -> None:
    one = OneStack()
    event, tag = one.up()
    info = request("INFO", cseq=2, to_tag=tag, body=body, content_type=content_type)
    assert one.receive(info) == ["200 INFO"]
    assert one.events() == [LegKey(event.leg, key)]
    assert one.receive(info) == ["200 INFO"]
    assert one.events() == [], "the same INFO again is not a second key"


def test_an_info_that_says_nothing_is_accepted_and_told_to_nobody() -> None:
    one = OneStack()
    _, tag = one.up()
    assert one.receive(request("INFO", cseq=2, to_tag=tag)) == ["200 INFO"]
    flash = request(
        "INFO", cseq=3, to_tag=tag, body=b"Signal=!", content_type="application/dtmf-relay"
    )
    assert one.receive(flash) == ["200 INFO"]
    assert one.events() == []


def test_an_info_of_another_kind_is_415() -> None:
    one = OneStack()
    _, tag = one.up()
    info = request("INFO", cseq=2, to_tag=tag, body=b"<x/>", content_type="application/xml")
    assert one.receive(info) == ["415 INFO"]
    assert one.last().headers.all("accept") == ["application/dtmf-relay", "application/dtmf"]


@pytest.mark.parametrize("method", ["NOTIFY", "SUBSCRIBE"])
def test_what_we_do_not_take_within_a_call_is_405(method: str) -> None:
    one = OneStack()
    _, tag = one.up()
    assert one.receive(request(method, cseq=2, to_tag=tag)) == [f"405 {method}"]
    assert "NOTIFY" not in one.last().headers.all("allow")
    assert one.stack.legs() == 1


def test_a_method_that_the_settings_allow_and_no_leg_knows_is_405() -> None:
    one = OneStack(allow=(*METHODS, "NOTIFY"))
    _, tag = one.up()
    assert one.receive(request("NOTIFY", cseq=2, to_tag=tag)) == ["405 NOTIFY"]


def test_options_within_a_call_are_answered() -> None:
    one = OneStack()
    _, tag = one.up()
    assert one.receive(request("OPTIONS", cseq=2, to_tag=tag)) == ["200 OPTIONS"]


@pytest.mark.parametrize("method", ["BYE", "INVITE", "UPDATE", "INFO", "OPTIONS"])
def test_a_request_in_a_dialog_that_is_not_there_is_481(method: str) -> None:
    one = OneStack()
    assert one.receive(request(method, cseq=2, to_tag="nobody")) == [f"481 {method}"]
    assert one.stack.counters["no_dialog"] == 1
    one.run(99.0)
    one.receive(request("ACK", cseq=2, branch=f"z9hG4bK-call-1-2-{method}"), at=99.0)
    one.run(999.0)
    assert one.empty()


def test_two_byes_that_cross_end_the_call_once() -> None:
    one = OneStack()
    event, tag = one.up()
    one.stack.hang_up(event.leg, 5.0)
    assert one.flush() == ["BYE"]
    assert one.receive(request("BYE", cseq=2, to_tag=tag), at=5.0) == ["200 BYE"]
    assert one.events() == []
    one.run(99.0)
    assert one.empty()


def test_while_our_bye_is_under_way_nothing_can_be_changed() -> None:
    one = OneStack()
    event, tag = one.up()
    one.stack.hang_up(event.leg, 5.0)
    one.flush()
    assert one.receive(request("INVITE", cseq=2, to_tag=tag, body=HOLD)) == ["481 INVITE"]


def test_a_bye_that_nobody_answers_ends_the_leg_after_64_t1() -> None:
    one = OneStack()
    event, _ = one.up()
    one.stack.hang_up(event.leg, 0.0)
    one.flush()
    one.run(32.0)
    assert one.stack.legs() == 0
    assert one.events() == []
    assert one.stack.counters["timed_out"] == 1


def test_a_bye_of_ours_follows_the_route_set_and_the_latest_contact() -> None:
    one = OneStack()
    routes = ("Record-Route: <sip:192.0.2.77;lr>, <sip:proxy.example:5080;lr>",)
    event, tag = one.up(more=routes)
    moved = request("UPDATE", cseq=2, to_tag=tag, contact="<sip:moved@192.0.2.99:5070>")
    one.receive(moved)
    one.stack.hang_up(event.leg, 5.0, reason="Q.850;cause=16")
    assert one.flush() == ["BYE"]
    bye, destination = one.last(), one.sent[-1][1]
    assert destination == ("192.0.2.77", 5060)
    assert bye.uri == "sip:moved@192.0.2.99:5070"
    assert bye.headers.all("route") == ["<sip:192.0.2.77;lr>", "<sip:proxy.example:5080;lr>"]
    assert bye.headers.get("reason") == "Q.850;cause=16"
    assert bye.headers.from_.tag == tag


def test_hanging_up_stops_the_repeats_of_a_200_to_a_re_invite() -> None:
    one = OneStack()
    event, tag = one.up()
    one.receive(request("INVITE", cseq=2, to_tag=tag, body=HOLD), at=5.0)
    one.stack.answer(event.leg, ANSWER, 5.0)
    one.stack.hang_up(event.leg, 5.1)
    one.flush()
    assert {line for _, line in one.run(60.0)} == {"BYE"}
    assert one.empty()
