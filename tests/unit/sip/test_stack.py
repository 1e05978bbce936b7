"""The stack as a whole: what any datagram gets, where answers go, and that all is bounded."""

import pytest

from sip.digest import Login, authorize, choose
from sip.events import CallOffered, LegEnded
from sip.message import Response
from sip.registrar import PhoneRegistered, Registrar, RegistrarLimits
from tests.helpers.one_stack import OneStack, invitation
from tests.helpers.sip_messages import ANSWER, OFFER, PEER, request


def test_options_tell_what_we_can() -> None:
    one = OneStack()
    assert one.receive(request("OPTIONS")) == ["200 OPTIONS"]
    headers = one.last().headers
    assert headers.all("allow") == [
        "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "UPDATE", "PRACK", "REFER",
    ]  # fmt: skip
    assert headers.get("accept") == "application/sdp"
    assert headers.all("supported") == ["100rel", "timer", "norefersub", "path", "outbound"]
    assert headers.to.tag


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("Accept: application/sdp;level=1, text/html", 100),
        ("Accept: Application/*", 100),
        ("Accept: */*", 100),
        ("Accept: text/plain", 406),
        ("Accept:", 406),
    ],
)
def test_who_takes_no_session_description_is_told_406(accept: str, status: int) -> None:
    one = OneStack()
    assert one.receive(request("INVITE", body=OFFER, more=(accept,))) == [f"{status} INVITE"]


@pytest.mark.parametrize("method", ["OPTIONS", "REGISTER", "SUBSCRIBE", "BYE"])
def test_who_only_asks_is_not_told_what_software_answers(method: str) -> None:
    one = OneStack()
    one.receive(request(method))
    assert {"server", "user-agent"}.isdisjoint(name.lower() for name, _ in one.last().headers)


def test_options_sent_again_get_the_same_answer() -> None:
    one = OneStack()
    one.receive(request("OPTIONS"))
    first = one.sent
    assert one.receive(request("OPTIONS"), at=0.5) == ["200 OPTIONS"]
    assert one.sent == first


def test_options_while_draining_send_new_calls_elsewhere() -> None:
    one = OneStack()
    one.stack.draining = True
    assert one.receive(request("OPTIONS")) == ["503 OPTIONS"]
    assert one.last().headers.get("retry-after") == "10"


@pytest.mark.parametrize("method", ["SUBSCRIBE", "MESSAGE", "PUBLISH", "REGISTER", "FOO"])
def test_methods_that_we_do_not_take_are_405_with_allow(method: str) -> None:
    one = OneStack()
    assert one.receive(request(method)) == [f"405 {method}"]
    assert "INVITE" in one.last().headers.all("allow")


@pytest.mark.parametrize("method", ["BYE", "INFO", "UPDATE"])
def test_requests_that_need_a_dialog_and_name_none_are_481(method: str) -> None:
    assert OneStack().receive(request(method)) == [f"481 {method}"]


def test_an_unknown_scheme_is_416() -> None:
    assert OneStack().receive(request("OPTIONS", uri="nobodyKnowsThis:x")) == ["416 OPTIONS"]


def test_no_hops_left_is_483_unless_the_settings_take_it() -> None:
    datagram = request("OPTIONS").replace(b"Max-Forwards: 70", b"Max-Forwards: 0")
    assert OneStack().receive(datagram) == ["483 OPTIONS"]
    assert OneStack(refuse_zero_hops=False).receive(datagram) == ["200 OPTIONS"]


def test_what_is_malformed_is_answered_400_and_not_remembered() -> None:
    one = OneStack()
    datagram = request("INVITE", body=OFFER).replace(b"CSeq: 1 INVITE", b"CSeq: x INVITE")
    one.stack.receive(datagram, PEER, 0.0)
    ((answer, destination),) = one.stack.to_send()
    assert answer.startswith(b"SIP/2.0 400 ")
    assert destination == PEER
    assert one.stack.counters["malformed"] == 1
    assert one.empty()


@pytest.mark.parametrize(
    "datagram",
    [b"", b"\r\n\r\n", b"\x00" * 40, b"SIP/2.0 999 x\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"],
)
def test_what_is_no_sip_gets_no_answer(datagram: bytes) -> None:
    one = OneStack()
    assert one.receive(datagram) == []
    assert one.empty()


def test_a_malformed_ack_is_never_answered() -> None:
    datagram = request("ACK", to_tag="x").replace(b"CSeq: 1 ACK", b"CSeq: x ACK")
    assert OneStack().receive(datagram) == []


def test_an_ack_for_nothing_is_counted() -> None:
    one = OneStack()
    assert one.receive(request("ACK", to_tag="nobody")) == []
    assert one.stack.counters["stray_acks"] == 1
    assert one.empty()


def test_an_answer_goes_to_the_port_that_was_asked_from() -> None:
    one = OneStack()
    datagram = request("OPTIONS", via="10.0.0.5:5060;rport")
    one.receive(datagram, ("203.0.113.5", 41000))
    assert one.sent[0][1] == ("203.0.113.5", 41000)
    via = one.last().headers.via
    assert (via.params["received"], via.params["rport"]) == ("203.0.113.5", "41000")


def test_without_rport_the_answer_goes_to_the_port_of_the_via() -> None:
    one = OneStack()
    one.receive(request("OPTIONS", via="10.0.0.5:5070"), ("203.0.113.5", 41000))
    assert one.sent[0][1] == ("203.0.113.5", 5070)


def test_a_caller_behind_nat_is_hung_up_on_where_the_call_came_from() -> None:
    one = OneStack()
    source = ("203.0.113.5", 41000)
    how = {"via": "10.0.0.5:5060;rport", "contact": "<sip:a@10.0.0.5:5060>"}
    one.receive(request("INVITE", body=OFFER, **how), source)  # type: ignore[arg-type]
    (event,) = one.events()
    assert isinstance(event, CallOffered)
    one.stack.answer(event.leg, ANSWER, 0.0)
    one.flush()
    tag = one.last().headers.to.tag or ""
    one.receive(request("ACK", to_tag=tag), source)
    one.stack.hang_up(event.leg, 1.0)
    assert one.flush() == ["BYE"]
    assert one.sent[0][1] == source


def test_a_peer_of_rfc_2543_is_served() -> None:
    one = OneStack()
    invite = request("INVITE", branch="1", body=OFFER)
    one.receive(invite)
    (event,) = one.events()
    assert one.receive(invite) == ["100 INVITE"]
    one.stack.reject(event.leg, 486, 0.0)  # type: ignore[union-attr]
    one.flush()
    tag = one.last().headers.to.tag or ""
    assert one.receive(request("ACK", branch="1", to_tag=tag)) == []
    assert one.run(99.0) == []
    assert one.empty()


def test_beyond_the_limit_of_legs_a_call_is_503_with_retry_after() -> None:
    one = OneStack(max_legs=2)
    for number in range(2):
        one.offered(call_id=f"c{number}")
    assert one.receive(request("INVITE", call_id="c3", body=OFFER)) == ["503 INVITE"]
    assert one.last().headers.get("retry-after") == "10"
    assert (one.stack.counters["full"], one.stack.legs()) == (1, 2)


def test_beyond_the_limit_of_transactions_a_request_is_503_and_not_remembered() -> None:
    one = OneStack(max_transactions=2)
    for number in range(2):
        one.receive(request("OPTIONS", call_id=f"c{number}"))
    assert one.receive(request("OPTIONS", call_id="c3")) == ["503 OPTIONS"]
    assert one.stack.transactions() == 2
    assert one.receive(request("OPTIONS", call_id="c0")) == ["200 OPTIONS"]


def registrar() -> Registrar:
    return Registrar("bh", {"1001": "secret"}, ["SHA-256", "MD5"], RegistrarLimits(), b"s" * 16)


def with_credentials(one: OneStack, method: str, refused: Response, **how: object) -> bytes:
    """Write the request again with an answer to the challenge, as a phone does."""
    challenge = choose(refused.headers.all("www-authenticate"))
    assert challenge is not None
    uri = str(how.get("uri", "sip:12345@192.0.2.1"))
    value = authorize(challenge, Login("1001", "secret"), method, uri, "0a4f113b", 1)
    return request(method, cseq=2, more=(f"Authorization: {value}",), **how)  # type: ignore[arg-type]


def test_a_phone_registers_and_its_time_runs_out() -> None:
    one = OneStack(registrar())
    to = {"uri": "sip:192.0.2.1"}
    sent = request("REGISTER", **to).replace(b"To: <sip:12345@", b"To: <sip:1001@")
    assert one.receive(sent) == ["401 REGISTER"]
    refused = one.last()
    assert isinstance(refused, Response)
    again = with_credentials(one, "REGISTER", refused, **to)
    assert one.receive(again.replace(b"To: <sip:12345@", b"To: <sip:1001@")) == ["200 REGISTER"]
    (event,) = one.events()
    assert isinstance(event, PhoneRegistered) and event.user == "1001"
    one.run(601.0)
    assert [type(event).__name__ for event in one.events()] == ["PhoneGone"]
    assert one.empty()


def test_a_phone_that_calls_can_be_asked_who_it_is() -> None:
    one = OneStack(registrar())
    event = one.offered()
    assert event.user is None
    one.stack.challenge(event.leg, 0.0)
    assert one.flush() == ["401 INVITE"]
    refused = one.last()
    assert isinstance(refused, Response)
    one.receive(
        request("ACK", branch="z9hG4bK-call-1-1-INVITE", to_tag=refused.headers.to.tag or "")
    )
    one.receive(with_credentials(one, "INVITE", refused, body=OFFER))
    (again,) = one.events()
    assert isinstance(again, CallOffered) and again.user == "1001"


def test_without_a_registrar_a_challenge_is_a_plain_no() -> None:
    one = OneStack()
    event = one.offered()
    one.stack.challenge(event.leg, 0.0)
    assert one.flush() == ["403 INVITE"]


def test_many_short_calls_leave_every_table_empty() -> None:
    one = OneStack()
    for number in range(300):
        one.now = number / 10
        event, tag = one.up(call_id=f"c{number}")
        if number % 2:
            one.stack.hang_up(event.leg, one.now)
        else:
            one.receive(request("BYE", cseq=2, call_id=f"c{number}", to_tag=tag))
            assert one.events() == [LegEnded(event.leg, by_peer=True, why="bye")]
        one.stack.invite(invitation(), one.now)
    one.run(200.0)
    assert one.empty()
    assert len(one.stack._legs._agenda._heap) == 0


def test_a_call_that_is_answered_in_the_turn_in_which_it_came_gets_no_100() -> None:
    one = OneStack()
    one.stack.receive(request("INVITE", body=OFFER), PEER, 0.0)
    one.stack.receive(request("INVITE", body=OFFER), PEER, 0.0)
    (event,) = one.events()
    assert isinstance(event, CallOffered)
    one.stack.answer(event.leg, ANSWER, 0.0)
    assert one.flush() == ["200 INVITE"], "nor does its repeat, which had no answer to get again"
    assert one.flush() == []


def test_a_call_that_nobody_has_answered_yet_is_told_100_once() -> None:
    one = OneStack()
    one.stack.receive(request("INVITE", body=OFFER), PEER, 0.0)
    assert (one.flush(), one.flush()) == (["100 INVITE"], [])
