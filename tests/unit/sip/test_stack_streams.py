"""The stack over TCP and TLS: which way things go, and nothing repeated (RFC 3261 §18)."""

from sip.events import LegAnswered, LegRefused
from sip.flow import Flow
from sip.framing import Unframed
from sip.message import Request
from sip.settings import Listening
from tests.helpers.one_stack import OneStack, invitation
from tests.helpers.sip_messages import ANSWER, OFFER, PEER, reply, request

ALSO = (
    Listening("TCP", "192.0.2.1", 5060),
    Listening("TLS", "192.0.2.1", 5061),
    Listening("UDP", "192.0.2.2", 5070),
)
TCP = Flow("192.0.2.10", 49152, "TCP", 1, 7)
LARGE = (("X-Padding", "x" * 1300),)


def stream() -> OneStack:
    return OneStack(also=ALSO)


def over_tcp(datagram: bytes) -> bytes:
    return datagram.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP").replace(
        b"<sip:peer@192.0.2.10:5060>", b"<sip:peer@192.0.2.10:5060;transport=tcp>"
    )


def incoming(one: OneStack) -> str:
    """Let a call come in over TCP and be up; return our tag."""
    one.receive(over_tcp(request("INVITE", body=OFFER)), TCP)
    (event,) = one.events()
    one.stack.answer(event.leg, ANSWER, one.now)  # type: ignore[union-attr]
    one.flush()
    tag = one.last().headers.to.tag or ""
    one.receive(over_tcp(request("ACK", to_tag=tag)), TCP)
    one.events()
    return tag


def test_answers_go_back_by_the_connection_and_name_where_else_the_peer_is() -> None:
    one = stream()
    one.receive(over_tcp(request("INVITE", body=OFFER)), TCP)
    assert [to for _, to in one.sent] == [TCP._replace(port=5060)]


def test_a_contact_of_ours_names_the_transport_of_the_call() -> None:
    one = stream()
    incoming(one)
    assert one.sent == []
    one.receive(over_tcp(request("OPTIONS", cseq=2, call_id="other")), TCP)
    assert one.last().headers.get("contact") == "<sip:192.0.2.1:5060;transport=tcp>"


def test_our_bye_takes_the_connection_that_the_call_came_by() -> None:
    one = stream()
    incoming(one)
    (leg,) = one.stack._legs
    one.stack.hang_up(leg, one.now)
    assert one.flush() == ["BYE"]
    assert one.sent[0][1] == TCP._replace(port=5060)
    assert one.last().headers.via.transport == "TCP"
    assert one.run(40.0) == []
    assert one.empty()


def test_a_refusal_is_not_repeated_and_its_transaction_ends_with_the_ack() -> None:
    one = stream()
    one.receive(over_tcp(request("INVITE", body=OFFER)), TCP)
    (event,) = one.events()
    one.stack.reject(event.leg, 486, one.now)  # type: ignore[union-attr]
    one.flush()
    assert one.run(20.0) == []
    branch = "z9hG4bK-call-1-1-INVITE"
    one.receive(over_tcp(request("ACK", to_tag="x", branch=branch)), TCP)
    one.run(20.0)
    assert one.empty()


def test_a_200_is_repeated_over_tcp_too_until_the_ack_comes() -> None:
    one = stream()
    one.receive(over_tcp(request("INVITE", body=OFFER)), TCP)
    (event,) = one.events()
    one.stack.answer(event.leg, ANSWER, one.now)  # type: ignore[union-attr]
    one.flush()
    assert one.run(2.0) == [(0.5, "200 INVITE"), (1.5, "200 INVITE")]


def test_a_peer_on_our_second_udp_port_is_answered_from_there() -> None:
    one = stream()
    one.receive(request("OPTIONS"), Flow("192.0.2.10", 5060, local=3))
    assert one.sent[0][1] == Flow("192.0.2.10", 5060, local=3)
    assert one.last().headers.get("contact") == "<sip:192.0.2.2:5070>"


def test_a_secure_contact_is_called_over_tls() -> None:
    one = stream()
    event, _tag = one.up(contact="<sips:peer@192.0.2.10>")
    one.stack.hang_up(event.leg, one.now)
    one.flush()
    assert one.sent[0][1] == Flow("192.0.2.10", 5061, "TLS")
    assert str(one.last().headers.via).startswith("SIP/2.0/TLS 192.0.2.1:5061;")


def test_a_transport_that_we_do_not_speak_is_replaced_by_udp() -> None:
    one = OneStack()
    event, _tag = one.up(contact="<sip:peer@192.0.2.10:5099;transport=tcp>")
    one.stack.hang_up(event.leg, one.now)
    one.flush()
    assert one.sent[0][1] == ("192.0.2.10", 5099)


# -- §18.1.1: large requests ----------------------------------------------------


def test_a_large_request_goes_by_tcp_and_its_answer_ends_the_matter() -> None:
    one = stream()
    one.stack.invite(invitation(headers=LARGE), 0.0)
    assert one.flush() == ["INVITE"]
    assert one.sent[0][1] == Flow(*PEER, "TCP")
    assert one.last().headers.via.transport == "TCP"
    assert one.run(20.0) == []
    one.stack.invite(invitation(), 20.0)
    one.flush()
    assert one.sent[0][1] == PEER


def test_a_large_request_to_a_peer_without_tcp_goes_by_udp_after_all() -> None:
    one = stream()
    one.stack.invite(invitation(headers=LARGE), 0.0)
    one.flush()
    one.stack.undeliverable(Flow(*PEER, "TCP"), 1.0)
    assert one.flush() == ["INVITE"]
    (datagram, to), invite = one.sent[0], one.last()
    assert to == PEER
    assert invite.headers.via.transport == "UDP"
    one.receive(reply(datagram, 200, body=ANSWER))
    assert [type(event) for event in one.events()] == [LegAnswered]
    one.stack.invite(invitation(headers=LARGE), 2.0)
    one.flush()
    assert one.sent[0][1] == PEER, "the next one does not try TCP again"


def test_without_tcp_of_ours_large_requests_stay_udp() -> None:
    one = OneStack()
    one.stack.invite(invitation(headers=LARGE), 0.0)
    one.flush()
    assert one.sent[0][1] == PEER


# -- connections that fail ---------------------------------------------------------


def test_an_invite_that_no_connection_takes_is_refused_with_503() -> None:
    one = stream()
    phone = Flow("192.0.2.10", 5060, "TCP", 1, 9)
    one.stack.invite(invitation(destination=phone), 0.0)
    one.flush()
    one.stack.undeliverable(phone, 3.0)
    (event,) = one.events()
    assert isinstance(event, LegRefused)
    assert event.status == 503
    assert one.empty()


def test_a_stream_that_cannot_be_cut_is_answered_as_far_as_it_was_read() -> None:
    one = stream()
    head = over_tcp(request("OPTIONS")).replace(b"Content-Length: 0\r\n", b"")
    one.stack.refuse_unframed(Unframed("no Content-Length", 400, head), TCP)
    assert one.flush() == ["400 OPTIONS"]
    one.stack.refuse_unframed(Unframed("headers without end", 513), TCP)
    assert one.flush() == []


def test_a_datagram_of_line_ends_is_a_keep_alive_and_no_fault() -> None:
    one = stream()
    for octets in (b"\r\n\r\n", b"\x00\x00\x00\x00", b""):
        assert one.receive(octets) == []
    assert one.stack.counters["keep_alives"] == 3
    assert one.stack.counters["malformed"] == 0


def test_a_request_by_tcp_has_a_via_that_says_so() -> None:
    one = stream()
    one.stack.invite(invitation(destination=Flow(*PEER, "TCP", 1, 3)), 0.0)
    one.flush()
    invite = one.last()
    assert isinstance(invite, Request)
    assert str(invite.headers.via).startswith("SIP/2.0/TCP 192.0.2.1:5060;")
    assert invite.headers.get("contact") == "<sip:192.0.2.1:5060;transport=tcp>"
