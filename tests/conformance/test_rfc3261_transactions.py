"""RFC 3261 §17, §18 and RFC 6026 with the whole stack: repeats, matching, sizes, framing."""

import pytest

from sip.events import CallOffered, LegRefused
from sip.message import Request, parse
from sip.settings import Listening
from tests.helpers.one_stack import OneStack, invitation
from tests.helpers.sip_messages import ANSWER, OFFER, PEER, reply, request

TCP_TOO = {"also": (Listening("TCP", "192.0.2.1", 5060),)}


# -- §17.1 ---------------------------------------------------------------------


def test_an_invite_that_nobody_answers_doubles_its_waits_and_is_given_up() -> None:
    one = OneStack()
    leg = one.stack.invite(invitation(), 0.0)
    one.flush()
    assert [at for at, _ in one.run(40.0)] == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert one.events() == [LegRefused(leg, 408, "Request Timeout")]


def test_the_ack_of_a_refusal_goes_where_the_invite_went_and_not_to_its_contact() -> None:
    one = OneStack()
    routed = invitation(headers=(("Route", "<sip:192.0.2.77;lr>"),))
    one.stack.invite(routed, 0.0)
    one.flush()
    invite = parse(one.sent[0][0])
    refused = reply(one.sent[0][0], 486, to_tag="busy", contact="<sip:x@203.0.113.1>")
    assert one.receive(refused) == ["ACK"]
    ack, destination = one.last(), one.sent[0][1]
    assert isinstance(ack, Request) and isinstance(invite, Request)
    assert destination == PEER and ack.uri == invite.uri
    assert ack.headers.all("via") == [str(invite.headers.via)]
    assert ack.headers.get("to") == "<sip:1001@192.0.2.10>;tag=busy"
    assert ack.headers.all("route") == ["<sip:192.0.2.77;lr>"]
    assert ack.headers.cseq.number == invite.headers.cseq.number
    assert one.receive(refused) == ["ACK"], "each time that it comes"
    assert len(one.events()) == 1


@pytest.mark.parametrize("status", [299, 399, 499, 599, 699])
def test_a_status_that_nobody_knows_counts_as_its_class(status: int) -> None:
    one = OneStack()
    leg = one.stack.invite(invitation(), 0.0)
    one.flush()
    said = one.receive(reply(one.sent[0][0], status, body=OFFER if status < 300 else b""))
    assert said == ["ACK"]
    (event,) = one.events()
    assert isinstance(event, LegRefused) == (status > 299)
    assert one.stack.has(leg) == (status < 300)


def test_a_provisional_status_that_nobody_knows_counts_as_progress() -> None:
    one = OneStack()
    one.stack.invite(invitation(), 0.0)
    one.flush()
    one.receive(reply(one.sent[0][0], 199))
    assert [event.status for event in one.events()] == [199]  # type: ignore[union-attr]
    assert one.run(60.0) == []


@pytest.mark.parametrize(
    "spoilt",
    [
        (b"branch=z9hG4bK", b"branch=z9hG4bKother"),
        (b"CSeq: 1 INVITE", b"CSeq: 1 BYE"),
    ],
)
def test_an_answer_by_another_branch_or_of_another_method_is_nobodys(
    spoilt: tuple[bytes, bytes],
) -> None:
    one = OneStack()
    one.stack.invite(invitation(), 0.0)
    one.flush()
    assert one.receive(reply(one.sent[0][0], 200, body=OFFER).replace(*spoilt)) == []
    assert one.stack.counters["stray_answers"] == 1
    assert one.events() == []


# -- §17.2, with peers of RFC 2543 ----------------------------------------------


def aged(method: str, branch: str, **how: object) -> bytes:
    """Write a request as RFC 2543 has it; an empty branch is none."""
    written = request(method, branch=branch, **how)  # type: ignore[arg-type]
    return written if branch else written.replace(b";branch=", b"")


@pytest.mark.parametrize("branch", ["", "1", "z9hG4bK", "Z9HG4BK77"])
def test_without_the_magic_cookie_a_whole_call_is_matched_by_everything_else(branch: str) -> None:
    one = OneStack()
    invite = aged("INVITE", branch, body=OFFER)
    one.receive(invite)
    (event,) = one.events()
    assert isinstance(event, CallOffered)
    assert one.receive(invite) == ["100 INVITE"], "the same again is no second call"
    one.stack.reject(event.leg, 486, 1.0)
    one.flush()
    tag = one.last().headers.to.tag or ""
    assert one.receive(invite) == ["486 INVITE"]
    assert one.receive(aged("ACK", branch, to_tag=tag)) == []
    assert one.run(20.0) == [], "the ACK was taken"
    assert one.empty()


def test_without_the_magic_cookie_two_calls_of_one_branch_are_two() -> None:
    one = OneStack()
    one.receive(request("INVITE", branch="1", body=OFFER))
    one.receive(request("INVITE", branch="1", body=OFFER, call_id="call-2", from_tag="other"))
    assert len(one.events()) == 2


def test_without_the_magic_cookie_a_cancel_finds_its_call() -> None:
    one = OneStack()
    one.receive(request("INVITE", branch="1", body=OFFER))
    assert one.receive(request("CANCEL", branch="1")) == ["200 CANCEL", "487 INVITE"]


def test_a_repeated_invite_gets_the_180_again_and_after_the_200_nothing() -> None:
    one = OneStack()
    invite = request("INVITE", body=OFFER)
    one.receive(invite)
    (event,) = one.events()
    assert isinstance(event, CallOffered)
    one.stack.ring(event.leg, 0.0)
    one.flush()
    assert one.receive(invite) == ["180 INVITE"]
    one.stack.answer(event.leg, ANSWER, 0.1)
    one.flush()
    assert one.receive(invite, at=0.2) == [], "only the leg repeats a 2xx (RFC 6026 §7.1)"
    assert one.events() == []


def test_the_acks_of_a_200_reach_the_call_while_repeats_of_the_invite_are_absorbed() -> None:
    one = OneStack()
    _, tag = one.up()
    assert one.receive(request("INVITE", body=OFFER), at=31.0) == []
    assert one.receive(request("ACK", to_tag=tag), at=31.5) == []
    assert one.stack.counters["stray_acks"] == 1
    assert one.stack.legs() == 1


# -- §18 ------------------------------------------------------------------------


@pytest.mark.parametrize(("more", "transport"), [(0, "UDP"), (1, "TCP")])
def test_one_octet_above_1300_goes_by_tcp(more: int, transport: str) -> None:
    one = OneStack(**TCP_TOO)
    one.stack.invite(invitation(headers=(("X-Fill", "x"),)), 0.0)
    one.flush()
    size = len(one.sent[0][0])
    other = OneStack(**TCP_TOO)
    fill = "x" * (1301 - size + more)
    other.stack.invite(invitation(headers=(("X-Fill", fill),)), 0.0)
    other.flush()
    assert len(other.sent[0][0]) == 1300 + more
    assert other.last().headers.via.transport == transport


def test_a_datagram_longer_than_its_content_length_loses_its_tail() -> None:
    one = OneStack()
    one.receive(request("INVITE", body=OFFER) + b"a=sendonly\r\ntail")
    (event,) = one.events()
    assert isinstance(event, CallOffered) and event.offer is not None
    assert event.offer.audio is not None and event.offer.audio.direction == "sendrecv"


def test_of_a_datagram_cut_short_a_request_is_400_and_an_answer_is_dropped() -> None:
    one = OneStack()
    assert one.receive(request("INVITE", body=OFFER)[:-5]) == ["400 INVITE"]
    one.stack.invite(invitation(), 0.0)
    one.flush()
    assert one.receive(reply(one.sent[0][0], 200, body=OFFER)[:-5]) == []
    assert one.events() == []


def test_without_content_length_a_datagram_ends_the_body() -> None:
    one = OneStack()
    whole = request("INVITE", body=OFFER)
    length = f"Content-Length: {len(OFFER)}\r\n".encode()
    one.receive(whole.replace(length, b""))
    (event,) = one.events()
    assert isinstance(event, CallOffered) and event.offer is not None
