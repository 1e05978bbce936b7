"""Registered phones are asked whether they are there, and how long their answers take."""

from sip.binding import Contact
from sip.flow import Address
from sip.message import Request, Response, respond
from sip.phone_watch import PhoneWatch
from sip.registrar import Registrar, RegistrarLimits
from sip.uri import Uri
from tests.helpers.one_stack import OneStack
from tests.helpers.provider import Providers, dead, says

A: Address = ("192.0.2.11", 5060)
B: Address = ("192.0.2.12", 40123)


def watched(every: float, **phones: Address) -> tuple[Providers, PhoneWatch, Registrar]:
    accounts = dict.fromkeys(phones, "x")
    registrar = Registrar("hotline", accounts, ("SHA-256",), RegistrarLimits(), b"s" * 32)
    registrar.restore(
        Contact(
            user, Uri.parse(f"sip:{user}@10.0.0.1"), at, 9_999.0, "reg", 1, path=("<sip:p;lr>",)
        )
        for user, at in phones.items()
    )
    one, watch = OneStack(), PhoneWatch(registrar, every)
    one.stack.take_on(watch, 0.0)
    return Providers(one), watch, registrar


def test_phones_are_asked_in_turn_spread_over_the_time() -> None:
    out, watch, _ = watched(30.0, a=A, b=B)
    out.hosts |= {A: says(200), B: says(486)}
    out.run(100.0)
    assert out.asked("OPTIONS") == [(30.0, B), (45.0, A), (60.0, B), (75.0, A), (90.0, B)]
    assert {host.up for host in watch.phones.values()} == {True}
    request = out.seen[0][1]
    assert (request.uri, request.headers.all("route")) == ("sip:b@10.0.0.1", ["<sip:p;lr>"])


def test_the_time_that_an_answer_takes_is_known() -> None:
    out, watch, _ = watched(30.0, a=A)
    waiting: list[Request] = []

    def later(request: Request, _: Address) -> list[Response]:
        waiting.append(request)
        return []

    out.hosts[A] = later
    out.run(30.25)
    out.one.stack.receive(bytes(respond(waiting[0], 200, to_tag="p")), A, 30.25)
    assert watch.phones_heard() == {"up": 1, "silent": 0, "slowest_ms": 250.0}


def test_a_phone_that_is_silent_is_told_of_and_stays_registered() -> None:
    out, watch, registrar = watched(30.0, a=A)
    out.hosts[A] = dead
    out.run(62.0)
    assert [host.up for host in watch.phones.values()] == [False]
    assert len(registrar.contacts("a", 62.0)) == 1
    out.hosts[A] = says(200)
    out.run(100.0)
    assert [host.up for host in watch.phones.values()] == [True]


def test_a_phone_that_signed_off_is_forgotten() -> None:
    out, watch, registrar = watched(30.0, a=A)
    out.hosts[A] = says(200)
    out.run(40.0)
    registrar._contacts.clear()
    out.run(100.0)
    assert watch.phones == {}
    assert len(out.asked("OPTIONS")) == 1
