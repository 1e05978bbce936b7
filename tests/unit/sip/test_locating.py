"""Where a name's servers are, with DNS played from a table."""

from collections import Counter

import pytest

from sip.flow import TCP, TLS, UDP, Address, Flow
from sip.locating import PLACES_LIMIT, Naptr, Question, Record, Srv, Wanted, locate

ALL = (UDP, TCP, TLS)
Zone = dict[tuple[str, str], list[Record]]


def find(
    wanted: Wanted, zone: Zone, spoken: tuple[str, ...] = ALL, lot: int = 0
) -> tuple[list[Address], list[Question]]:
    """Return the places, and every question asked for them."""
    search, asked = locate(wanted, spoken, lambda most: min(lot, most)), []
    try:
        questions = next(search)
        while True:
            asked += questions
            questions = search.send({one: zone.get((one.kind, one.name), []) for one in questions})
    except StopIteration as found:
        return found.value, asked


def test_an_address_needs_no_dns() -> None:
    assert find(Wanted("192.0.2.1"), {}) == ([("192.0.2.1", 5060)], [])
    assert find(Wanted("192.0.2.1", 5070, TCP), {}) == ([Flow("192.0.2.1", 5070, TCP)], [])
    assert find(Wanted("2001:db8::1", None, TLS), {}) == ([Flow("2001:db8::1", 5061, TLS)], [])


def test_a_port_says_that_no_service_is_to_be_looked_for() -> None:
    zone: Zone = {("ADDRESS", "a.example"): ["192.0.2.1", "192.0.2.2"]}
    places, asked = find(Wanted("a.example", 5080), zone)
    assert places == [("192.0.2.1", 5080), ("192.0.2.2", 5080)]
    assert asked == [Question("ADDRESS", "a.example")]


NAPTRS: list[Record] = [
    Naptr(50, 50, "s", "SIPS+D2T", "_sips._tcp.a.example"),
    Naptr(90, 50, "s", "SIP+D2T", "_sip._tcp.a.example"),
    Naptr(100, 50, "s", "SIP+D2U", "_sip._udp.a.example"),
    Naptr(10, 50, "u", "E2U+sip", "!.*!sip:x@evil.example!"),
]
SERVED: Zone = {
    ("NAPTR", "a.example"): NAPTRS,
    ("SRV", "_sips._tcp.a.example"): [Srv(1, 1, 5061, "s.a.example")],
    ("SRV", "_sip._tcp.a.example"): [Srv(1, 1, 5060, "t.a.example")],
    ("SRV", "_sip._udp.a.example"): [
        Srv(2, 1, 5060, "u2.a.example"), Srv(1, 1, 5070, "u1.a.example"),
    ],
    ("ADDRESS", "s.a.example"): ["192.0.2.3"],
    ("ADDRESS", "t.a.example"): ["192.0.2.4"],
    ("ADDRESS", "u1.a.example"): ["192.0.2.5"],
    ("ADDRESS", "u2.a.example"): ["192.0.2.6", "not an address", "0.0.0.0"],
}  # fmt: skip


def test_naptr_chooses_among_the_transports_that_we_speak() -> None:
    places, _ = find(Wanted("a.example"), SERVED)
    assert places == [
        Flow("192.0.2.3", 5061, TLS),
        Flow("192.0.2.4", 5060, TCP),
        ("192.0.2.5", 5070),
        ("192.0.2.6", 5060),
    ]
    places, _ = find(Wanted("a.example"), SERVED, (UDP,))
    assert places == [("192.0.2.5", 5070), ("192.0.2.6", 5060)]


def test_a_transport_of_the_settings_goes_before_what_naptr_prefers() -> None:
    places, asked = find(Wanted("a.example", None, TCP), SERVED)
    assert places == [Flow("192.0.2.4", 5060, TCP)]
    assert asked[0] == Question("SRV", "_sip._tcp.a.example")


def test_without_naptr_the_service_of_each_transport_is_asked_for() -> None:
    zone = {key: found for key, found in SERVED.items() if key[0] != "NAPTR"}
    places, asked = find(Wanted("a.example"), zone)
    assert [place[0] for place in places] == ["192.0.2.5", "192.0.2.6", "192.0.2.4", "192.0.2.3"]
    assert [one.kind for one in asked[:4]] == ["NAPTR", "SRV", "SRV", "SRV"]


def test_without_any_service_the_name_itself_is_the_host() -> None:
    zone: Zone = {("ADDRESS", "a.example"): ["192.0.2.9"]}
    assert find(Wanted("a.example"), zone)[0] == [("192.0.2.9", 5060)]
    assert find(Wanted("a.example", None, TLS), zone)[0] == [Flow("192.0.2.9", 5061, TLS)]
    assert find(Wanted("nowhere.example"), {})[0] == []


def test_a_dot_means_that_there_is_no_such_service() -> None:
    zone: Zone = {
        ("SRV", "_sip._udp.a.example"): [Srv(0, 0, 0, ".")],
        ("ADDRESS", "a.example"): ["192.0.2.9"],
    }
    assert find(Wanted("a.example", None, UDP), zone)[0] == [("192.0.2.9", 5060)]


@pytest.mark.parametrize(("lot", "first"), [(0, "c"), (1, "a"), (30, "a"), (31, "b"), (100, "b")])
def test_equal_priorities_are_drawn_by_weight(lot: int, first: str) -> None:
    zone: Zone = {
        ("SRV", "_sip._udp.x"): [
            Srv(1, 70, 1, "192.0.2.2"), Srv(1, 30, 1, "192.0.2.1"), Srv(1, 0, 1, "192.0.2.3"),
        ]
    }  # fmt: skip
    places, _ = find(Wanted("x", None, UDP), zone, lot=lot)
    assert places[0][0] == {"a": "192.0.2.1", "b": "192.0.2.2", "c": "192.0.2.3"}[first]
    assert Counter(place[0] for place in places) == {f"192.0.2.{n}": 1 for n in (1, 2, 3)}


def test_a_name_with_hundreds_of_servers_keeps_a_caller_no_longer_than_others() -> None:
    zone: Zone = {("SRV", "_sip._udp.x"): [Srv(n, 0, 5060, f"192.0.2.{n}") for n in range(1, 200)]}
    assert len(find(Wanted("x", None, UDP), zone)[0]) == PLACES_LIMIT
