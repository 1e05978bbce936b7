"""Strangers: how much they may send, who is recognised, and that all of it is bounded."""

from ipaddress import ip_network

import pytest

from sip.guard import Ban, Banned, Guard, GuardLimits
from sip.registrar import Registrar, RegistrarLimits
from sip.settings import StackSettings
from sip.sources import Sources
from sip.stack import Stack
from tests.helpers.one_stack import OneStack
from tests.helpers.sip_messages import OFFER, PEER, request

LIMITS = GuardLimits(rate=10.0, burst=5, ban=60.0, passwords=3, sources=4)
STRANGER = "203.0.113.7"
ASKED = request("OPTIONS")


def guard(trusted: str = "") -> Guard:
    return Guard(LIMITS, lambda host: host == trusted)


def admitted(guard: Guard, times: int, now: float, host: str = STRANGER) -> int:
    return sum(guard.admits(ASKED, host, now) for _ in range(times))


def test_a_burst_passes_and_then_so_many_a_second() -> None:
    one = guard()
    assert admitted(one, 7, 0.0) == 5
    assert admitted(one, 3, 0.1) == 1
    assert admitted(one, 3, 10.0) == 3


def test_who_goes_on_sending_is_banned_and_let_in_again_later() -> None:
    one = guard()
    assert admitted(one, 100, 0.0) == 5
    assert one.take_news() == [Banned(STRANGER, Ban.FLOOD, 60.0)]
    assert one.take_news() == []
    assert admitted(one, 1, 59.9) == 0
    assert admitted(one, 1, 60.0) == 1


def test_one_flood_costs_no_other_source_anything() -> None:
    one = guard()
    admitted(one, 100, 0.0)
    assert admitted(one, 5, 0.0, "203.0.113.8") == 5


@pytest.mark.parametrize(
    "line",
    [
        "User-Agent: friendly-scanner",
        "user-agent : sipcli/v1.8",
        'From: "sipvicious"<sip:100@1.1.1.1>;tag=1',
        "User-Agent: VaxSIPUserAgent/3.1",
    ],
)
def test_a_scanner_is_known_by_its_name_at_once(line: str) -> None:
    one = guard()
    scan = ASKED.replace(b"Max-Forwards: 70", line.encode())
    assert not one.admits(scan, STRANGER, 0.0)
    assert one.take_news() == [Banned(STRANGER, Ban.SCANNER, 60.0)]
    assert not one.admits(ASKED, STRANGER, 1.0)


def test_nobody_gets_a_trunk_banned_by_writing_its_address_on_a_datagram() -> None:
    one = guard(trusted=STRANGER)
    scan = ASKED.replace(b"Max-Forwards: 70", b"User-Agent: friendly-scanner")
    assert one.admits(scan, STRANGER, 0.0)
    assert admitted(one, 1000, 0.0) == 1000
    assert one.take_news() == []


def test_who_guesses_passwords_is_banned_and_who_mistypes_is_not() -> None:
    one = guard()
    for now in (0.0, 1.0, 100.0, 101.0):
        one.wrong_password(STRANGER, now)
    assert one.take_news() == []
    one.wrong_password(STRANGER, 102.0)
    assert [ban.why for ban in one.take_news()] == [Ban.PASSWORDS]


def test_as_many_sources_as_there_are_take_no_more_room_than_allowed() -> None:
    one = guard()
    for number in range(1000):
        one.admits(ASKED, f"203.0.113.{number}", 0.0)
        admitted(one, 20, 0.0, f"198.51.100.{number}")
    assert len(one) <= 2 * LIMITS.sources


def test_a_thousand_strangers_together_get_no_more_than_their_common_share() -> None:
    together = GuardLimits(rate=10.0, burst=5, sources=5000, together=100.0, together_burst=300)
    one = Guard(together, lambda host: host == "192.0.2.99")
    crowd = [f"203.0.113.{number}" for number in range(1000)]
    assert sum(one.admits(ASKED, host, 0.0) for host in crowd) == 300
    assert sum(one.admits(ASKED, host, 1.0) for host in crowd) == 100
    assert admitted(one, 500, 1.0, "192.0.2.99") == 500, "a trunk is never counted among them"
    assert one.take_news() == []


# -- in the stack -----------------------------------------------------------------------


def test_what_a_flood_sends_is_neither_parsed_nor_answered() -> None:
    names = iter(range(100))
    registrar = Registrar("hotline", {}, ("MD5",), RegistrarLimits(), b"s" * 32)
    stack = Stack(StackSettings("192.0.2.1"), registrar, lambda: str(next(names)), guard())
    changed = [stack.receive(request("OPTIONS", cseq=n), PEER, 0.0) for n in range(20)]
    assert changed == [True] * 5 + [False] * 15
    assert len(stack.to_send()) == 5
    assert stack.counters["dropped"] == 15
    assert [ban.why for ban in stack.banned()] == [Ban.FLOOD]


def test_wrong_passwords_are_counted_against_their_source() -> None:
    names = iter(range(100))
    registrar = Registrar("hotline", {"1001": "x"}, ("MD5",), RegistrarLimits(), b"s" * 32)
    stack = Stack(StackSettings("192.0.2.1"), registrar, lambda: str(next(names)), guard())
    line = (
        'Authorization: Digest username="1001", realm="hotline", nonce="{nonce}", uri="sip:x",'
        ' response="00000000000000000000000000000000", algorithm=MD5, qop=auth, nc=0000000{n},'
        ' cnonce="c"'
    )
    stack.receive(request("REGISTER"), PEER, 0.0)
    nonce = stack.to_send()[0][0].decode().split('nonce="')[1].split('"')[0]
    for number in range(2, 5):
        more = (line.format(nonce=nonce, n=number),)
        stack.receive(request("REGISTER", cseq=number, more=more), PEER, 1.0)
    assert [ban.why for ban in stack.banned()] == [Ban.PASSWORDS]


def test_a_call_from_where_none_may_come_costs_no_transaction() -> None:
    one = OneStack(callers=Sources([ip_network("192.0.2.0/28")]))
    asked = request("INVITE", body=OFFER)
    assert one.receive(asked, ("203.0.113.7", 5060)) == ["403 INVITE"]
    assert one.stack.transactions() == one.stack.legs() == 0
    assert one.events() == []
    assert one.stack.counters["strangers"] == 1
    assert one.receive(asked, PEER) == ["100 INVITE"]


def test_networks_answer_alike_however_often_they_are_asked() -> None:
    sources = Sources([ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")])
    for _ in range(2):
        assert "192.0.2.7" in sources
        assert "2001:db8::1" in sources
        assert "203.0.113.7" not in sources
        assert "no address" not in sources
