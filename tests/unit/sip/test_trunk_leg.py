"""Calls through a trunk: a challenge is met, the next host is called when one fails."""

import pytest

from sip.digest import Login
from sip.events import LegAnswered, LegRefused, LegRinging
from sip.flow import TCP, Address, Flow
from sip.message import Request, Response, respond
from sip.settings import Listening
from sip.trunk_leg import TrunkInvitation
from tests.helpers.one_stack import OneStack
from tests.helpers.provider import Asking, Providers, dead, says
from tests.helpers.sip_messages import ANSWER

A: Address = ("192.0.2.11", 5060)
B: Address = ("192.0.2.12", 5060)
C: Address = Flow("192.0.2.13", 5060, TCP)


def call(one: OneStack, *others: Address, login: Login | None = None, first: Address = A) -> str:
    wanted = TrunkInvitation(
        to_uri="sip:13900001111@carrier.example",
        destination=first,
        from_uri="sip:12345@carrier.example",
        sdp=ANSWER,
        others=others,
        login=login,
    )
    return one.stack.invite(wanted, one.now)


def takes(request: Request, _: Address) -> list[Response]:
    """Answer an INVITE with 200 and our own words, anything else with 200."""
    answer = respond(request, 200, to_tag="t")
    if request.method == "INVITE":
        answer.headers.add("Contact", "<sip:there@192.0.2.12>")
        answer.headers.add("Content-Type", "application/sdp")
        answer.body = ANSWER
    return [answer]


def rings_then_refuses(request: Request, _: Address) -> list[Response]:
    return [respond(request, 180, to_tag="t"), respond(request, 503, to_tag="t")]


@pytest.fixture
def one() -> OneStack:
    return OneStack()


@pytest.fixture
def out(one: OneStack) -> Providers:
    return Providers(one)


@pytest.mark.parametrize("proxy", [False, True])
def test_a_challenge_is_met_with_the_trunks_login(
    one: OneStack, out: Providers, proxy: bool
) -> None:
    provider = out.hosts[A] = Asking("us", "geheim", proxy=proxy)
    provider.then = takes
    call(one, login=Login("us", "geheim"))
    out.carry()
    assert [type(event) for event in one.events()] == [LegAnswered]
    first, ack, second, _ = [request for _, request, _ in out.seen]
    assert (first.headers.cseq.number, second.headers.cseq.number) == (1, 2)
    assert first.headers.via.branch == ack.headers.via.branch != second.headers.via.branch
    assert first.headers.call_id == second.headers.call_id
    assert first.headers.from_.tag == second.headers.from_.tag
    assert provider.proofs[0].uri == "sip:13900001111@carrier.example"


@pytest.mark.parametrize(
    ("proxy", "field"), [(False, "Authorization"), (True, "Proxy-Authorization")]
)
def test_every_ack_has_the_credentials_of_its_invite(
    one: OneStack, out: Providers, proxy: bool, field: str
) -> None:
    """An ACK cannot be challenged (§22.1): of the 401 none were sent, of the 200 they were."""
    provider = out.hosts[A] = Asking("us", "geheim", proxy=proxy)
    provider.then = takes
    call(one, login=Login("us", "geheim"))
    out.carry()
    first, refused, second, taken = [request for _, request, _ in out.seen]
    assert (first.headers.get(field), refused.headers.get(field)) == (None, None)
    assert second.headers.get(field) is not None
    assert taken.method == "ACK"
    assert taken.headers.all(field) == second.headers.all(field)


def test_the_ack_of_a_refusal_after_a_challenge_has_the_credentials_too(
    one: OneStack, out: Providers
) -> None:
    out.hosts[A] = Asking("us", "geheim")
    call(one, login=Login("us", "wrong"))
    out.carry()
    *_, invite, ack = [request for _, request, _ in out.seen]
    assert (invite.method, ack.method) == ("INVITE", "ACK")
    assert ack.headers.all("Authorization") == invite.headers.all("Authorization") != []


def test_a_wrong_password_is_tried_once(one: OneStack, out: Providers) -> None:
    out.hosts[A] = Asking("us", "geheim")
    call(one, login=Login("us", "wrong"))
    out.carry()
    (event,) = one.events()
    assert isinstance(event, LegRefused)
    assert event.status == 401
    assert len(out.asked("INVITE")) == 2


def test_another_session_interval_is_asked_for_with_a_proof_of_its_own(
    one: OneStack, out: Providers
) -> None:
    provider = out.hosts[A] = Asking("us", "geheim")
    provider.then = lambda request, at: (
        takes if request.headers.get("min-se") == "600" else says(422, ("Min-SE", "600"))
    )(request, at)
    call(one, login=Login("us", "geheim"))
    out.carry()
    assert [type(event) for event in one.events()] == [LegAnswered]
    assert len({proof.nonce for proof in provider.proofs if proof}) == len(provider.proofs) == 2


def test_without_a_login_a_challenge_is_a_refusal(one: OneStack, out: Providers) -> None:
    out.hosts[A] = Asking("us", "geheim")
    call(one)
    out.carry()
    assert [getattr(event, "status", None) for event in one.events()] == [401]


@pytest.mark.parametrize("status", [503, 408])
def test_a_host_that_cannot_is_followed_by_the_next(
    one: OneStack, out: Providers, status: int
) -> None:
    out.hosts |= {A: says(status), B: takes}
    call(one, B)
    out.carry()
    assert [to for _, to in out.asked("INVITE")] == [A, B]
    assert [type(event) for event in one.events()] == [LegAnswered]


@pytest.mark.parametrize("status", [404, 486, 603])
def test_a_number_that_refuses_is_not_tried_elsewhere(
    one: OneStack, out: Providers, status: int
) -> None:
    out.hosts |= {A: says(status), B: takes}
    call(one, B)
    out.carry()
    (event,) = one.events()
    assert isinstance(event, LegRefused)
    assert event.status == status
    assert [to for _, to in out.asked("INVITE")] == [A]


def test_a_dead_host_costs_four_seconds_and_then_the_next_is_called(
    one: OneStack, out: Providers
) -> None:
    out.hosts |= {A: dead, B: takes}
    call(one, B)
    out.carry()
    out.run(3.99)
    assert out.asked("INVITE") == [(0.0, A)]
    out.run(4.0)
    assert out.asked("INVITE") == [(0.0, A), (4.0, B)]
    assert [type(event) for event in one.events()] == [LegAnswered]


def test_the_last_host_has_as_long_as_any_request(one: OneStack, out: Providers) -> None:
    call(one, B)
    out.carry()
    out.run(36.0)
    assert [(getattr(e, "status", None)) for e in one.events()] == [408]
    assert out.asked("INVITE") == [(0.0, A), (4.0, B)]
    out.run(200.0)
    assert one.empty()


def test_a_host_that_answers_too_late_is_told_to_hang_up(one: OneStack, out: Providers) -> None:
    out.hosts[B] = takes
    call(one, B)
    out.carry()
    invite = out.seen[0][1]
    out.run(5.0)
    out.seen.clear()
    late = takes(invite, A)[0]
    for _ in range(2):  # a repeat of the 200 gets the same ACK and no second BYE
        one.stack.receive(bytes(late), A, one.now)
        out.carry()
    assert [request.method for _, request, _ in out.seen] == ["ACK", "BYE", "ACK"]
    assert [type(event) for event in one.events()] == [LegAnswered]


def test_a_host_that_rings_too_late_is_cancelled_once(one: OneStack, out: Providers) -> None:
    out.hosts[B] = takes
    call(one, B)
    out.carry()
    invite = out.seen[0][1]
    out.run(5.0)
    out.hosts[A] = says(200)
    for _ in range(3):
        one.stack.receive(bytes(respond(invite, 180, to_tag="x")), A, one.now)
        out.carry()
    assert [to for _, to in out.asked("CANCEL")] == [A]
    one.stack.receive(bytes(respond(invite, 487, to_tag="x")), A, one.now)
    out.carry()
    out.run(100.0)
    assert one.stack.transactions() == 0
    assert one.stack.legs() == 1


def test_no_connection_means_the_next_host_at_once() -> None:
    one = OneStack(also=(Listening(TCP, "192.0.2.1", 5060),))
    out = Providers(one)
    out.hosts[B] = takes
    call(one, B, first=C)
    out.carry()
    one.stack.undeliverable(C, one.now)
    out.carry()
    assert [to for _, to in out.asked("INVITE")] == [C, B]
    by_tcp, by_udp = (r.headers for _, r, _ in out.seen if r.method == "INVITE")
    assert (by_tcp.via.transport, by_udp.via.transport) == ("TCP", "UDP")
    assert "transport=tcp" in (by_tcp.get("contact") or "")
    assert "transport" not in (by_udp.get("contact") or "")


def test_a_call_hung_up_while_the_next_host_is_called_waits_to_cancel(
    one: OneStack, out: Providers
) -> None:
    """RFC 3261 §9.1: no CANCEL before the new INVITE has any answer."""
    out.hosts |= {A: rings_then_refuses, B: dead}
    leg = call(one, B)
    out.carry()
    assert [type(event) for event in one.events()] == [LegRinging]
    one.stack.hang_up(leg, one.now)
    out.carry()
    assert out.asked("CANCEL") == []
    invite = next(request for _, request, to in out.seen if to == B)
    one.stack.receive(bytes(respond(invite, 100)), B, one.now)
    out.carry()
    assert [to for _, to in out.asked("CANCEL")] == [B]


def test_after_hanging_up_no_other_host_is_called(one: OneStack, out: Providers) -> None:
    out.hosts |= {A: dead, B: takes}
    leg = call(one, B)
    out.carry()
    one.stack.hang_up(leg, one.now)
    out.run(100.0)
    assert [to for _, to in out.asked("INVITE")] == [A]
    assert one.empty()
