"""Calls that we make: RFC 3261 §13.2, §9.1; forks, late answers, and giving up."""

import pytest

from sip.events import LegAnswered, LegEnded, LegRefused, LegReoffered, LegRinging
from sip.message import Malformed, Request, parse
from tests.helpers.one_stack import OneStack, invitation
from tests.helpers.sip_messages import ANSWER, HOLD, OFFER, PEER, reply, request


def calling(one: OneStack, **how: object) -> tuple[str, bytes]:
    """Call a phone; return the leg and the INVITE."""
    leg = one.stack.invite(invitation(**how), one.now)
    assert one.flush() == ["INVITE"]
    return leg, one.sent[0][0]


def accepted(one: OneStack, **how: object) -> tuple[str, bytes]:
    leg, invite = calling(one)
    assert one.receive(reply(invite, 200, body=OFFER, **how)) == ["ACK"]  # type: ignore[arg-type]
    one.events()
    return leg, invite


def test_the_invite_says_who_and_what() -> None:
    one = OneStack()
    one.stack.invite(invitation(headers=(("Alert-Info", "<urn:alert:service:call-waiting>"),)), 0.0)
    one.flush()
    invite = one.last()
    assert isinstance(invite, Request)
    assert (invite.uri, one.sent[0][1], invite.body) == ("sip:1001@192.0.2.10", PEER, ANSWER)
    assert (invite.headers.from_.display, invite.headers.to.tag) == ("市民", None)
    assert invite.headers.get("alert-info") == "<urn:alert:service:call-waiting>"
    assert invite.headers.via.unique and "rport" in invite.headers.via.params


def test_ringing_then_answered_then_hung_up_leaves_nothing_behind() -> None:
    one = OneStack()
    leg, invite = calling(one)
    one.receive(reply(invite, 100, to_tag=""), at=0.1)
    assert one.events() == [], "100 is between the hops"
    one.receive(reply(invite, 180), at=0.2)
    assert one.events() == [LegRinging(leg, 180)]
    assert one.receive(reply(invite, 200, body=OFFER), at=3.0) == ["ACK"]
    ack, destination = one.last(), one.sent[0][1]
    assert isinstance(ack, Request)
    assert (ack.uri, destination) == ("sip:phone@192.0.2.10:5060", PEER)
    assert ack.headers.cseq.number == 1
    assert ack.headers.via.branch != parse_branch(invite)
    (answered,) = one.events()
    assert isinstance(answered, LegAnswered)
    assert answered.answer is not None and answered.answer.audio is not None
    one.stack.hang_up(leg, 9.0)
    one.stack.hang_up(leg, 9.0)
    assert one.flush() == ["BYE"]
    assert one.last().headers.cseq.number == 2
    assert one.receive(reply(one.sent[0][0], 200), at=9.1) == []
    assert one.stack.legs() == 0
    assert one.run(99.0) == []
    assert one.events() == []
    assert one.empty()


def parse_branch(datagram: bytes) -> str:
    return datagram.split(b"branch=")[1].split(b";")[0].decode()


def test_each_repeat_of_the_200_gets_the_same_ack() -> None:
    one = OneStack()
    leg, invite = accepted(one)
    first = one.sent[0]
    assert one.receive(reply(invite, 200, body=OFFER), at=0.5) == ["ACK"]
    assert one.sent[0] == first
    assert one.events() == []
    one.stack.hang_up(leg, 1.0)
    one.flush()
    assert one.receive(reply(invite, 200, body=OFFER), at=1.5) == ["ACK"]


def test_a_second_phone_that_answers_gets_ack_and_bye() -> None:
    one = OneStack()
    _, invite = accepted(one)
    other = reply(invite, 200, to_tag="other", contact="<sip:b@192.0.2.11>", body=OFFER)
    assert one.receive(other) == ["ACK", "BYE"]
    assert {destination for _, destination in one.sent} == {("192.0.2.11", 5060)}
    assert one.receive(other) == ["ACK"], "its 200 again gets its ACK again, and no second BYE"
    assert one.events() == []
    assert one.stack.counters["forks"] == 1
    assert one.stack.legs() == 1


def test_forks_are_bounded() -> None:
    one = OneStack()
    _, invite = accepted(one)
    for number in range(50):
        one.receive(reply(invite, 200, to_tag=f"fork{number}"))
    assert one.stack.counters["forks"] == 15


def test_a_refusal_is_acknowledged_and_told() -> None:
    one = OneStack()
    leg, invite = calling(one)
    assert one.receive(reply(invite, 486)) == ["ACK"]
    ack = one.last()
    assert ack.headers.via.branch == parse_branch(invite), "within the transaction (§17.1.1.3)"
    assert ack.headers.to.tag == "phone"
    assert one.events() == [LegRefused(leg, 486, "Whatever")]
    assert one.stack.legs() == 0
    assert one.receive(reply(invite, 486), at=0.5) == ["ACK"]
    assert one.events() == []
    one.run(99.0)
    assert one.empty()


def test_a_phone_that_is_not_there_is_408_after_64_t1() -> None:
    one = OneStack()
    leg, _ = calling(one)
    fired = one.run(31.5)
    assert [second for second, _ in fired] == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    one.run(32.0)
    assert one.events() == [LegRefused(leg, 408, "Request Timeout")]
    assert one.empty()


def test_hanging_up_while_it_rings_cancels() -> None:
    one = OneStack()
    leg, invite = calling(one)
    one.receive(reply(invite, 180))
    one.events()
    reason = 'SIP;cause=200;text="Call completed elsewhere"'
    one.stack.hang_up(leg, 1.0, reason=reason)
    assert one.flush() == ["CANCEL"]
    cancel = one.last()
    assert isinstance(cancel, Request)
    assert cancel.headers.via.branch == parse_branch(invite)
    assert (cancel.uri, cancel.headers.to.tag) == ("sip:1001@192.0.2.10", None)
    assert cancel.headers.get("reason") == reason
    assert one.receive(reply(one.sent[0][0], 200), at=1.1) == []
    assert one.receive(reply(invite, 487), at=1.1) == ["ACK"]
    assert one.events() == []
    one.run(99.0)
    assert one.empty()


def test_hanging_up_before_any_answer_waits_for_one_and_cancels_then() -> None:
    one = OneStack()
    leg, invite = calling(one)
    one.stack.hang_up(leg, 0.1)
    assert one.flush() == []
    assert one.run(0.5) == [(0.5, "INVITE")], "the phone may not have heard it yet"
    assert one.receive(reply(invite, 100, to_tag="")) == ["CANCEL"]
    assert one.receive(reply(invite, 180)) == []
    assert one.events() == []


def test_hanging_up_on_a_phone_that_never_answers_ends_in_silence() -> None:
    one = OneStack()
    leg, _ = calling(one)
    one.stack.hang_up(leg, 0.1)
    one.run(40.0)
    assert one.events() == []
    assert one.empty()


def test_a_200_that_crosses_our_cancel_gets_ack_and_bye() -> None:
    one = OneStack()
    leg, invite = calling(one)
    one.receive(reply(invite, 180))
    one.events()
    one.stack.hang_up(leg, 1.0)
    one.flush()
    assert one.receive(reply(invite, 200, body=OFFER), at=1.0) == ["ACK", "BYE"]
    assert one.events() == []
    one.run(99.0)
    assert one.empty()


def test_a_200_right_after_giving_up_gets_ack_and_bye() -> None:
    one = OneStack()
    leg, invite = calling(one)
    one.stack.hang_up(leg, 0.1)
    assert one.receive(reply(invite, 200, body=OFFER)) == ["ACK", "BYE"]
    assert one.events() == []


def test_a_cancelled_invite_without_final_answer_is_forgotten_after_64_t1() -> None:
    one = OneStack()
    leg, invite = calling(one)
    one.receive(reply(invite, 180))
    one.stack.hang_up(leg, 1.0)
    one.flush()
    one.receive(reply(one.sent[-1][0], 200), at=1.1)
    one.run(33.0)
    assert one.stack.legs() == 0
    one.run(99.0)
    assert one.empty()


def test_a_phone_that_rings_for_ever_is_cancelled_and_told_as_408() -> None:
    one = OneStack(ring_limit=60.0)
    leg, invite = calling(one)
    one.receive(reply(invite, 180))
    one.events()
    assert one.run(60.0) == [(60.0, "CANCEL")]
    assert one.events() == [LegRefused(leg, 408, "Request Timeout")]
    one.receive(reply(invite, 487))
    assert one.events() == []
    one.run(999.0)
    assert one.empty()


def test_the_phone_hangs_up() -> None:
    one = OneStack()
    leg, _ = accepted(one)
    ours = one.sent[0][0]
    bye = from_the_phone(ours)
    assert one.receive(bye) == ["200 BYE"]
    assert one.events() == [LegEnded(leg, by_peer=True, why="bye")]


def from_the_phone(ack: bytes, method: str = "BYE", body: bytes = b"") -> bytes:
    """Write a request of the phone's within the dialog that our ACK belongs to."""
    headers = parse(ack).headers
    return request(
        method,
        cseq=77,
        call_id=headers.call_id,
        from_tag=headers.to.tag or "",
        to_tag=headers.from_.tag or "",
        body=body,
    )


def test_the_phone_puts_us_on_hold() -> None:
    one = OneStack()
    leg, _ = accepted(one)
    assert one.receive(from_the_phone(one.sent[0][0], "INVITE", HOLD)) == ["100 INVITE"]
    (event,) = one.events()
    assert isinstance(event, LegReoffered) and event.leg == leg
    one.stack.answer(leg, ANSWER, 1.0)
    assert one.flush() == ["200 INVITE"]


def test_an_answer_that_cannot_be_read_is_acknowledged_and_hung_up() -> None:
    one = OneStack()
    leg, invite = calling(one)
    assert one.receive(reply(invite, 200, body=b"v=0\r\nm=x\r\n")) == ["ACK", "BYE"]
    (event,) = one.events()
    assert isinstance(event, LegRefused) and (event.leg, event.status) == (leg, 488)


def test_the_session_told_while_ringing_counts_when_the_200_tells_none() -> None:
    one = OneStack()
    leg, invite = calling(one)
    one.receive(reply(invite, 183, body=OFFER))
    one.receive(reply(invite, 200))
    ringing, answered = one.events()
    assert ringing == LegRinging(leg, 183)
    assert isinstance(answered, LegAnswered) and answered.answer is not None


def test_a_session_told_while_ringing_that_cannot_be_read_is_passed_over() -> None:
    one = OneStack()
    leg, invite = calling(one)
    one.receive(reply(invite, 183, body=b"v=0\r\nm=x\r\n"))
    one.receive(reply(invite, 200))
    assert one.events() == [LegRinging(leg, 183), LegAnswered(leg, None)]


def test_ringing_and_challenging_mean_nothing_to_a_phone_that_we_call() -> None:
    one = OneStack()
    leg, _ = calling(one)
    one.stack.ring(leg, 0.0)
    one.stack.challenge(leg, 0.0)
    assert one.flush() == []
    assert one.stack.legs() == 1


def test_a_200_without_any_session_is_told_so() -> None:
    one = OneStack()
    leg, invite = calling(one)
    one.receive(reply(invite, 200))
    assert one.events() == [LegAnswered(leg, None)]


def test_the_route_set_of_the_200_is_followed_backwards() -> None:
    one = OneStack()
    _, invite = calling(one)
    routes = ("Record-Route: <sip:192.0.2.50;lr>, <sip:192.0.2.60;lr>",)
    one.receive(reply(invite, 200, body=OFFER, more=routes))
    ack, destination = one.last(), one.sent[-1][1]
    assert ack.headers.all("route") == ["<sip:192.0.2.60;lr>", "<sip:192.0.2.50;lr>"]
    assert destination == ("192.0.2.60", 5060)


def test_a_phone_behind_nat_is_reached_where_it_registered_from() -> None:
    one = OneStack()
    _, invite = calling(one, to_uri="sip:1001@10.0.0.7:5060", destination=("203.0.113.9", 40123))
    one.receive(reply(invite, 200, body=OFFER, contact="<sip:1001@10.0.0.7>"))
    assert one.sent[-1][1] == ("203.0.113.9", 40123)


def test_beyond_the_limit_of_legs_nobody_is_called() -> None:
    one = OneStack(max_legs=1)
    calling(one)
    leg = one.stack.invite(invitation(), 0.0)
    assert one.flush() == []
    assert one.events() == [LegRefused(leg, 503, "too many legs")]


def test_an_address_that_is_none_is_our_own_fault() -> None:
    with pytest.raises(Malformed):
        OneStack().stack.invite(invitation(to_uri="nonsense"), 0.0)


def test_a_header_cannot_be_smuggled_into_an_invite() -> None:
    with pytest.raises(ValueError):
        OneStack().stack.invite(invitation(display="x\r\nEvil: yes"), 0.0)


def test_an_answer_to_nothing_is_counted_and_dropped() -> None:
    one = OneStack()
    _, invite = calling(one)
    stray = reply(invite, 200).replace(b"branch=z9hG4bK", b"branch=z9hG4bKx")
    assert one.receive(stray) == []
    assert one.stack.counters["stray_answers"] == 1


def test_an_answer_with_two_vias_is_somebody_elses() -> None:
    one = OneStack()
    one.stack.invite(invitation(), 0.0)
    one.flush()
    answer = reply(one.sent[0][0], 180)
    twice = answer.replace(
        b"\r\nFrom:", b"\r\nVia: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKx\r\nFrom:"
    )
    one.receive(twice)
    assert one.events() == []
    assert one.stack.counters["stray_answers"] == 1
    one.receive(answer)
    assert len(one.events()) == 1
