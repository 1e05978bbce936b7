"""Being registered at a provider, and knowing which of its hosts are there."""

from itertools import pairwise

import pytest

from sip.digest import Login
from sip.enrolment import Enrolment, EnrolmentPlan, Standing
from sip.flow import Address
from sip.upstream import Upstream
from tests.helpers.one_stack import OneStack
from tests.helpers.provider import Asking, Providers, dead, says

A: Address = ("192.0.2.11", 5060)
B: Address = ("192.0.2.12", 5060)
LOGIN = Login("us", "geheim")
CONTACT = ("Contact", '<sip:other@192.0.2.1>;expires=60, <sip:us@192.0.2.1>;expires="600"')


class Room:
    """One registration on virtual time."""

    def __init__(self, *hosts: Address, every: float | None = None, expires: int = 3600) -> None:
        self.one = OneStack()
        self.out = Providers(self.one)
        self.upstream = Upstream("carrier.example", every)
        plan = EnrolmentPlan(LOGIN, expires, "urn:uuid:0-0")
        self.enrolment = Enrolment(plan, self.upstream)
        for chore in (self.upstream, self.enrolment):
            self.one.stack.take_on(chore, 0.0)
        self.upstream.located(hosts, 0.0)

    def run(self, end: float) -> "Room":
        self.out.run(end)
        return self

    def registers(self) -> list[float]:
        return [at for at, _ in self.out.asked("REGISTER")]


def test_a_registration_says_who_where_and_for_how_long() -> None:
    room = Room(A)
    room.out.hosts[A] = says(200, CONTACT)
    room.run(0.0)
    ((_, request, _),) = room.out.seen
    headers = request.headers
    assert request.uri == "sip:carrier.example"
    assert headers.to.uri.user == headers.from_.uri.user == "us"
    assert headers.get("expires") == "3600"
    assert headers.get("contact") == (
        '<sip:us@192.0.2.1:5060>;+sip.instance="<urn:uuid:0-0>";reg-id=1'
    )
    assert room.enrolment.standing is Standing.REGISTERED
    assert (room.enrolment.at, room.enrolment.until) == (A, 600.0)


def test_a_challenge_is_met() -> None:
    room = Room(A)
    provider = room.out.hosts[A] = Asking("us", "geheim")
    room.run(0.0)
    assert room.enrolment.registered
    assert [proof.user for proof in provider.proofs] == ["us"]
    assert [r.headers.cseq.number for _, r, _ in room.out.seen] == [1, 2]


@pytest.mark.parametrize(
    ("granted", "renewed"), [("600", 300.0), ("60", 30.0), ("3600", 3000.0), ("1200", 600.0)]
)
def test_it_is_renewed_long_before_its_end(granted: str, renewed: float) -> None:
    room = Room(A)
    room.out.hosts[A] = says(200, ("Expires", granted))
    room.run(renewed)
    assert room.registers() == [0.0, renewed]
    assert len({r.headers.call_id for _, r, _ in room.out.seen}) == 1


def test_too_short_a_time_is_asked_for_again_as_long_as_the_registrar_wants() -> None:
    room = Room(A, expires=60)
    room.out.hosts[A] = lambda request, at: (
        says(200) if request.headers.expires == 1800 else says(423, ("Min-Expires", "1800"))
    )(request, at)
    room.run(0.0)
    assert [r.headers.get("expires") for _, r, _ in room.out.seen] == ["60", "1800"]
    assert room.enrolment.until == 1800.0


def test_a_longer_time_is_asked_for_with_a_proof_of_its_own() -> None:
    room = Room(A, expires=60)
    provider = room.out.hosts[A] = Asking("us", "geheim")
    provider.then = lambda request, at: (
        says(200) if request.headers.expires == 1800 else says(423, ("Min-Expires", "1800"))
    )(request, at)
    room.run(0.0)
    assert room.enrolment.until == 1800.0
    assert len({proof.nonce for proof in provider.proofs}) == 2


@pytest.mark.parametrize("least", ["0", "60", "", "99999999999", "x"])
def test_a_423_that_asks_for_nothing_longer_is_a_refusal(least: str) -> None:
    room = Room(A, expires=60)
    room.out.hosts[A] = says(423, ("Min-Expires", least))
    room.run(100.0)
    assert room.registers() == [0.0]
    assert room.enrolment.standing is Standing.REFUSED


def test_a_wrong_password_is_not_tried_for_minutes() -> None:
    room = Room(A)
    room.out.hosts[A] = Asking("us", "other")
    room.run(299.0)
    assert room.registers() == [0.0, 0.0]
    assert (room.enrolment.standing, room.enrolment.status) == (Standing.REFUSED, 401)
    room.run(301.0)
    assert room.registers() == [0.0, 0.0, 300.0, 300.0]


def test_a_host_that_cannot_is_followed_by_the_next() -> None:
    room = Room(A, B)
    room.out.hosts |= {A: says(503), B: says(200)}
    room.run(0.0)
    assert room.enrolment.at == B


def test_when_every_host_fails_the_waits_grow_up_to_half_an_hour() -> None:
    room = Room(A)
    room.out.hosts[A] = says(503)
    room.run(20_000.0)
    at = room.registers()
    waits = [later - earlier for earlier, later in pairwise(at)]
    bounds = [30.0 * 2**n for n in range(6)]
    assert all(b / 2 <= wait <= b for b, wait in zip(bounds, waits, strict=False))
    assert all(900.0 <= wait <= 1800.0 for wait in waits[6:])
    assert len(waits) > 10
    assert room.enrolment.standing is Standing.UNREACHABLE


def test_retry_after_is_kept_to() -> None:
    room = Room(A)
    room.out.hosts[A] = says(503, ("Retry-After", "120 (in a while)"))
    room.run(130.0)
    assert room.registers() == [0.0, 120.0]


def test_a_registration_outlives_one_renewal_that_fails() -> None:
    room = Room(A)
    room.out.hosts[A] = says(200, ("Expires", "600"))
    room.run(299.0)
    room.out.hosts[A] = says(503)
    room.run(301.0)
    assert room.enrolment.registered
    room.out.hosts[A] = says(200, ("Expires", "600"))
    room.run(340.0)
    assert room.enrolment.until is not None
    assert room.enrolment.until > 900.0


def test_a_host_that_dies_is_noticed_and_left_for_the_next() -> None:
    room = Room(A, B, every=30.0)
    room.out.hosts |= {A: says(200, ("Expires", "3600")), B: says(200, ("Expires", "3600"))}
    room.run(10.0)
    assert room.enrolment.at == A
    room.out.hosts[A] = dead
    room.run(33.9)
    assert room.enrolment.at == A
    room.run(34.0)
    assert room.enrolment.at == B
    assert room.upstream.targets() == [B, A]
    room.out.hosts[A] = says(200)
    room.run(130.0)
    assert room.upstream.targets() == [A, B]
    assert room.enrolment.at == B  # no need to move back


def test_leaving_takes_the_registration_back() -> None:
    room = Room(A)
    room.out.hosts[A] = Asking("us", "geheim")
    room.run(1.0)
    room.enrolment.leave(1.0)
    room.out.carry()
    assert [r.headers.get("expires") for _, r, _ in room.out.seen] == ["3600", "3600", "0", "0"]
    assert not room.enrolment.registered
    room.run(10_000.0)
    assert len(room.out.asked("REGISTER")) == 4


def test_what_was_granted_while_we_were_leaving_is_taken_back_too() -> None:
    room = Room(A)
    room.out.hosts[A] = dead
    room.run(0.0)
    room.enrolment.leave(0.1)
    room.one.stack.let_go(room.enrolment)
    room.out.hosts[A] = says(200)
    room.run(10_000.0)
    asked = [request.headers.get("expires") for _, request, _ in room.out.seen]
    assert asked == ["3600", "3600", "0"], "the first was lost"
    assert not room.enrolment.registered


def test_hosts_that_are_found_later_are_registered_at_then() -> None:
    room = Room()
    room.out.hosts[A] = says(200)
    room.run(10.0)
    assert room.registers() == []
    room.upstream.located([A], 10.0)
    room.run(11.0)
    assert room.enrolment.registered


def test_each_host_is_asked_in_turn_and_its_time_is_known() -> None:
    room = Room(A, B, every=30.0)
    room.enrolment.leave(0.0)
    room.out.hosts |= {A: says(404), B: says(503)}
    room.run(65.0)
    assert room.out.asked("OPTIONS") == [(t, h) for t in (0.0, 30.0, 60.0) for h in (A, B)]
    known = [(str(host), host.up, host.seconds) for host in room.upstream.hosts]
    assert known == [("192.0.2.11:5060/udp", True, 0.0), ("192.0.2.12:5060/udp", False, 0.0)]
