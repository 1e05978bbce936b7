"""Calls that come in: RFC 3261 §13.3, and the probe of other stacks' faults."""

import pytest

from calls.transitions import IllegalTransition
from sip.events import CallCancelled, CallConfirmed, CallOffered, LegEnded, OfferUnreadable
from sip.message import Request, Response, parse
from tests.helpers.one_stack import OneStack
from tests.helpers.sip_messages import ANSWER, OFFER, PEER, request


def test_an_invite_is_offered_and_100_is_sent_at_once() -> None:
    one = OneStack()
    assert one.receive(request("INVITE", body=OFFER)) == ["100 INVITE"]
    (event,) = one.events()
    assert isinstance(event, CallOffered)
    assert (event.dialled, event.source, event.sip_call_id) == ("12345", PEER, "call-1")
    assert event.caller.uri.user == "13800138000"
    assert event.offer is not None and event.offer.audio is not None
    assert event.offer.audio.port == 40000
    assert event.user is None


def test_a_whole_call_leaves_nothing_behind() -> None:
    one = OneStack()
    event = one.offered()
    one.stack.ring(event.leg, 0.1)
    assert one.flush() == ["180 INVITE"]
    ringing = one.last().headers
    assert ringing.to.tag and ringing.get("contact") == "<sip:192.0.2.1:5060>"
    one.stack.answer(event.leg, ANSWER, 1.0)
    assert one.flush() == ["200 INVITE"]
    answer = one.last()
    assert (answer.body, answer.headers.to.tag) == (ANSWER, ringing.to.tag)
    assert "INVITE" in answer.headers.all("allow")
    assert one.receive(request("ACK", to_tag=ringing.to.tag), at=1.1) == []
    assert one.events() == [CallConfirmed(event.leg, None)]
    bye = request("BYE", cseq=2, to_tag=ringing.to.tag)
    assert one.receive(bye, at=9.0) == ["200 BYE"]
    assert one.events() == [LegEnded(event.leg, by_peer=True, why="bye")]
    assert one.stack.legs() == 0
    assert one.receive(bye, at=9.5) == ["200 BYE"], "a BYE sent again gets its 200 again"
    assert one.run(60.0) == []
    assert one.empty()


def test_an_invite_sent_again_makes_no_second_call() -> None:
    one = OneStack()
    event = one.offered()
    assert one.receive(request("INVITE", body=OFFER), at=0.5) == ["100 INVITE"]
    one.stack.ring(event.leg, 0.6)
    one.flush()
    assert one.receive(request("INVITE", body=OFFER), at=1.5) == ["180 INVITE"]
    one.stack.answer(event.leg, ANSWER, 2.0)
    one.flush()
    assert one.receive(request("INVITE", body=OFFER), at=2.1) == []
    assert one.stack.legs() == 1
    assert one.events() == []


def test_a_200_is_sent_again_from_t1_to_t2_until_the_ack() -> None:
    one = OneStack()
    event = one.offered()
    one.stack.answer(event.leg, ANSWER, 0.0)
    (first,) = [datagram for datagram, _ in one.stack.to_send()]
    seconds = [second for second, line in one.run(12.0) if line == "200 INVITE"]
    assert seconds == [0.5, 1.5, 3.5, 7.5, 11.5]
    assert one.sent[-1][0] == first, "the same octets each time, one To tag"
    one.receive(request("ACK", to_tag=parse(first).headers.to.tag or ""))
    assert one.run(20.0) == []


def test_a_200_without_ack_ends_the_call_with_bye_after_64_t1() -> None:
    one = OneStack()
    event = one.offered()
    one.stack.answer(event.leg, ANSWER, 0.0)
    one.flush()
    fired = one.run(32.0)
    assert fired[-1] == (32.0, "BYE")
    assert one.events() == [LegEnded(event.leg, by_peer=False, why="no_ack")]
    one.run(99.0)
    assert one.events() == []
    assert one.empty()


def test_hanging_up_before_the_ack_waits_for_it() -> None:
    one = OneStack()
    event = one.offered()
    one.stack.answer(event.leg, ANSWER, 0.0)
    one.flush()
    tag = one.last().headers.to.tag or ""
    one.stack.hang_up(event.leg, 0.1)
    assert one.flush() == []
    assert one.run(0.5) == [(0.5, "200 INVITE")]
    assert one.receive(request("ACK", to_tag=tag), at=0.6) == ["BYE"]
    assert one.events() == []


def test_cancel_gets_200_and_the_invite_487_until_its_ack() -> None:
    one = OneStack()
    event = one.offered()
    branch = "z9hG4bK-call-1-1-INVITE"
    assert one.receive(request("CANCEL", branch=branch), at=1.0) == ["200 CANCEL", "487 INVITE"]
    tags = {parse(datagram).headers.to.tag for datagram, _ in one.sent}
    assert len(tags) == 1
    assert one.events() == [CallCancelled(event.leg)]
    assert one.run(2.5) == [(1.5, "487 INVITE"), (2.5, "487 INVITE")]
    assert one.receive(request("ACK", branch=branch, to_tag=tags.pop() or "")) == []
    assert one.run(99.0) == []
    assert one.empty()


def test_answering_a_call_that_was_just_cancelled_changes_nothing() -> None:
    one = OneStack()
    event = one.offered()
    one.receive(request("CANCEL", branch="z9hG4bK-call-1-1-INVITE"))
    one.stack.answer(event.leg, ANSWER, 0.1)
    one.stack.hang_up(event.leg, 0.1)
    assert one.flush() == []
    assert one.stack.counters["late_commands"] == 2


def test_a_cancel_after_the_200_is_too_late() -> None:
    one = OneStack()
    event = one.offered()
    one.stack.answer(event.leg, ANSWER, 0.0)
    one.flush()
    assert one.receive(request("CANCEL", branch="z9hG4bK-call-1-1-INVITE")) == ["200 CANCEL"]
    assert one.events() == []
    assert one.stack.legs() == 1


def test_a_cancel_of_nothing_is_481() -> None:
    assert OneStack().receive(request("CANCEL")) == ["481 CANCEL"]


def test_a_bye_before_the_answer_ends_the_call_like_a_cancel() -> None:
    one = OneStack()
    event = one.offered()
    one.stack.ring(event.leg, 0.0)
    one.flush()
    tag = one.last().headers.to.tag or ""
    assert one.receive(request("BYE", cseq=2, to_tag=tag)) == ["200 BYE", "487 INVITE"]
    assert one.events() == [CallCancelled(event.leg)]


def test_a_bye_that_overtakes_the_ack_ends_the_call() -> None:
    one = OneStack()
    event = one.offered()
    one.stack.answer(event.leg, ANSWER, 0.0)
    one.flush()
    tag = one.last().headers.to.tag or ""
    assert one.receive(request("BYE", cseq=2, to_tag=tag)) == ["200 BYE"]
    assert one.events() == [LegEnded(event.leg, by_peer=True, why="bye")]
    assert one.receive(request("ACK", to_tag=tag)) == []
    assert one.stack.counters["stray_acks"] == 1
    assert one.run(99.0) == []


def test_an_ack_that_repeats_the_invites_branch_under_a_spoilt_tag_is_taken() -> None:
    one = OneStack()
    event = one.offered()
    one.stack.answer(event.leg, ANSWER, 0.0)
    one.flush()
    branch = parse(request("INVITE")).headers.via.branch
    one.receive(request("ACK", to_tag="made-up", branch=branch))
    assert one.events() == [CallConfirmed(event.leg, None)]
    assert one.run(40.0) == []


def test_a_rejection_says_what_call_control_wants_said() -> None:
    one = OneStack()
    event = one.offered()
    one.stack.reject(event.leg, 503, 0.0, headers=[("Retry-After", "5")], reason="Draining")
    assert one.flush() == ["503 INVITE"]
    sent = one.last()
    assert isinstance(sent, Response)
    assert (sent.reason, sent.headers.get("retry-after")) == ("Draining", "5")
    assert one.stack.legs() == 0


def test_rejecting_after_answering_is_our_own_bug() -> None:
    one = OneStack()
    event = one.offered()
    one.stack.answer(event.leg, ANSWER, 0.0)
    with pytest.raises(IllegalTransition):
        one.stack.reject(event.leg, 486, 0.1)


def test_hanging_up_an_unanswered_call_rejects_it_once() -> None:
    one = OneStack()
    event = one.offered()
    one.stack.hang_up(event.leg, 0.0, reason='Q.850;cause=31;text="shut down"')
    one.stack.hang_up(event.leg, 0.0)
    assert one.flush() == ["480 INVITE"]
    assert one.last().headers.get("reason") == 'Q.850;cause=31;text="shut down"'


def test_a_call_that_nobody_decides_on_ends_by_itself() -> None:
    one = OneStack()
    event = one.offered()
    ringing = [(60.0, "180 INVITE"), (120.0, "180 INVITE")]
    assert one.run(180.0) == [*ringing, (180.0, "480 INVITE")], "§13.3.1.1: one each minute"
    assert one.events() == [LegEnded(event.leg, by_peer=False, why="unanswered")]
    one.run(999.0)
    assert one.empty()


def test_an_invite_without_offer_gets_ours_and_the_ack_brings_theirs() -> None:
    one = OneStack()
    event = one.offered(body=b"")
    assert event.offer is None
    one.stack.answer(event.leg, ANSWER, 0.0)
    one.flush()
    tag = one.last().headers.to.tag or ""
    one.receive(request("ACK", to_tag=tag, body=OFFER))
    assert one.events() == [CallConfirmed(event.leg, OFFER)]


def test_an_unreadable_offer_is_refused_and_told_of_for_the_record() -> None:
    one = OneStack()
    assert one.receive(request("INVITE", body=b"v=0\r\nm=audio nonsense\r\n")) == ["400 INVITE"]
    (event,) = one.events()
    assert isinstance(event, OfferUnreadable)
    assert (event.status, event.dialled) == (400, "12345")
    assert one.stack.legs() == 0


def test_a_body_that_is_no_session_description_is_415() -> None:
    one = OneStack()
    assert one.receive(request("INVITE", body=b"hello", content_type="text/plain")) == [
        "415 INVITE"
    ]
    assert one.last().headers.get("accept") == "application/sdp"


def test_the_same_request_by_two_ways_is_482() -> None:
    one = OneStack()
    one.offered()
    assert one.receive(request("INVITE", branch="z9hG4bK-other", body=OFFER)) == ["482 INVITE"]
    assert one.stack.legs() == 1
    one.run(999.0)
    assert one.empty()


@pytest.mark.parametrize(
    ("line", "status", "header"),
    [
        ("Require: 100rel, x-unheard-of", 420, ("unsupported", ["x-unheard-of"])),
        ("Session-Expires: 30\r\nSupported: timer", 422, ("min-se", ["90"])),
        ("Replaces: other;to-tag=a;from-tag=b", 481, None),
        ("Replaces: nonsense", 400, None),
        ("Content-Encoding: gzip", 415, ("accept-encoding", ["identity"])),
    ],
)
def test_what_we_do_not_speak_is_refused_by_name(
    line: str, status: int, header: tuple[str, list[str]] | None
) -> None:
    one = OneStack()
    assert one.receive(request("INVITE", body=OFFER, more=(line,))) == [f"{status} INVITE"]
    if header:
        assert one.last().headers.all(header[0]) == header[1]
    assert one.stack.legs() == 0


def test_whose_place_a_call_wants_to_take_is_told() -> None:
    one = OneStack()
    event, tag = one.up()
    wanted = f"Replaces: call-1;to-tag={tag};from-tag=caller"
    other = one.offered(call_id="call-2", more=(wanted,))
    assert other.replaces == event.leg


def test_a_call_that_is_up_is_not_replaced_by_who_wants_a_ringing_one() -> None:
    one = OneStack()
    _, tag = one.up()
    wanted = f"Replaces: call-1;to-tag={tag};from-tag=caller;early-only"
    asked = request("INVITE", call_id="call-2", body=OFFER, more=(wanted,))
    assert one.receive(asked) == ["486 INVITE"]


def test_a_caller_of_ours_that_rings_is_not_replaced() -> None:
    one = OneStack()
    event = one.offered()
    leg = one.stack._legs[event.leg]
    wanted = f"Replaces: call-1;to-tag={leg.dialog.local_tag};from-tag=caller"  # type: ignore[union-attr]
    asked = request("INVITE", call_id="call-2", body=OFFER, more=(wanted,))
    assert one.receive(asked) == ["481 INVITE"]


def test_what_an_invite_says_of_its_way_is_told() -> None:
    lines = (
        'P-Asserted-Identity: "Li" <sip:+8613900001111@trunk.example>, tel:+8613900001111',
        "Privacy: id",
        "Diversion: <sip:110@city.example>;reason=unconditional, nonsense, <sip:119@city.example>",
        "User-to-User: 56a390f3d2b7310023a2;encoding=hex;purpose=isdn-interwork",
    )
    told = OneStack().offered(more=lines).told
    assert [address.uri.user for address in told.asserted] == ["+8613900001111"] * 2
    assert told.private
    assert [address.uri.user for address in told.diverted_from] == ["110", "119"]
    assert told.user_to_user == "56a390f3d2b7310023a2;encoding=hex;purpose=isdn-interwork"


def test_without_diversion_the_history_says_who_was_called_before() -> None:
    line = "History-Info: <sip:1@a>;index=1, <sip:2@a>;index=1.1, <sip:12345@a>;index=1.1.1"
    told = OneStack().offered(more=(line,)).told
    assert [address.uri.user for address in told.diverted_from] == ["2", "1"]
    assert not told.private


def test_user_to_user_goes_with_our_200() -> None:
    one = OneStack()
    event = one.offered()
    one.stack.answer(event.leg, ANSWER, 0.0, headers=[("User-to-User", "6869;encoding=hex")])
    one.flush()
    assert one.last().headers.get("user-to-user") == "6869;encoding=hex"


def test_a_caller_without_contact_is_reached_where_the_call_came_from() -> None:
    one = OneStack()
    event, _ = one.up(contact=None)
    one.stack.hang_up(event.leg, 1.0)
    assert one.flush() == ["BYE"]
    bye, destination = one.last(), one.sent[0][1]
    assert isinstance(bye, Request)
    assert (bye.uri, destination) == ("sip:13800138000@192.0.2.10", PEER)


def test_the_asserted_identity_counts_only_where_it_is_trusted() -> None:
    line = 'P-Asserted-Identity: "Li" <sip:+8613900001111@trunk.example>'
    assert OneStack().offered(more=(line,)).caller.uri.user == "13800138000"
    elsewhere = OneStack(trusted=("198.51.100.1",))
    assert elsewhere.offered(more=(line,)).caller.uri.user == "13800138000"
    trusting = OneStack(trusted=(PEER[0],))
    assert trusting.offered(more=(line,)).caller.uri.user == "+8613900001111"


def test_a_tel_number_is_what_was_dialled() -> None:
    assert OneStack().offered(uri="tel:12345").dialled == "12345"


def test_a_request_uri_without_user_dials_nothing() -> None:
    assert OneStack().offered(uri="sip:192.0.2.1").dialled == ""
