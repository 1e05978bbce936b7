"""Via (RFC 3261 §20.42) and where responses go (RFC 3581)."""

import pytest

from sip.grammar import Malformed
from sip.via import Via


def test_a_via_has_transport_host_port_and_branch() -> None:
    via = Via.parse("SIP/2.0/udp Host.Example.COM:5070;branch=z9hG4bKx1;rport")
    assert (via.transport, via.host, via.port) == ("UDP", "host.example.com", 5070)
    assert (via.branch, via.unique) == ("z9hG4bKx1", True)
    assert via.sent_by == ("host.example.com", 5070)


def test_spaces_may_stand_wherever_the_grammar_lets_them() -> None:
    via = Via.parse(
        "SIP  / 2.0  / TCP     spindle.example.com :  5060  ;  branch  =   z9hG4bK9ikj8 "
    )
    assert str(via) == "SIP/2.0/TCP spindle.example.com:5060;branch=z9hG4bK9ikj8"


def test_ipv6_loses_its_brackets_inside_and_gets_them_back_outside() -> None:
    via = Via.parse("SIP/2.0/UDP [2001:DB8::9:1]:5060;received=[2001:db8::9:255]")
    assert via.host == "2001:db8::9:1"
    assert via.reply_address() == ("2001:db8::9:255", 5060)
    assert str(via).startswith("SIP/2.0/UDP [2001:db8::9:1]:5060;")


@pytest.mark.parametrize(
    ("branch", "unique"),
    [
        (";branch=z9hG4bKa", True),
        (";branch=z9hG4bK", False),
        (";branch=390skdjuw", False),
        ("", False),
    ],
)
def test_a_branch_names_a_transaction_only_with_cookie_and_more(branch: str, unique: bool) -> None:
    assert Via.parse(f"SIP/2.0/UDP 192.0.2.1{branch}").unique is unique


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SIP/2.0/UDP",
        "SIP/2.0 192.0.2.1",
        "SIP/2.0/UDP 192.0.2.15;;",
        "SIP/2.0/UDP a:0",
        "SIP/2.0/UDP a:99999",
        "SIP/2.0/UDP a b",
        "SIP/2.0/UDP [::x]",
    ],
)
def test_what_is_no_via_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        Via.parse(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("SIP/2.0/UDP 10.0.0.5;rport", "SIP/2.0/UDP 10.0.0.5;rport=1024;received=192.0.2.9"),
        ("SIP/2.0/UDP 10.0.0.5", "SIP/2.0/UDP 10.0.0.5;received=192.0.2.9"),
        ("SIP/2.0/UDP pc.example.com", "SIP/2.0/UDP pc.example.com;received=192.0.2.9"),
        ("SIP/2.0/UDP 192.0.2.9;rport", "SIP/2.0/UDP 192.0.2.9;rport=1024;received=192.0.2.9"),
        ("SIP/2.0/UDP 192.0.2.9:5060", "SIP/2.0/UDP 192.0.2.9:5060"),
        ("SIP/2.0/UDP 10.0.0.5;received=6.6.6.6", "SIP/2.0/UDP 10.0.0.5;received=192.0.2.9"),
    ],
)
def test_the_receiver_notes_where_a_request_came_from(text: str, written: str) -> None:
    assert str(Via.parse(text).came_from(("192.0.2.9", 1024))) == written


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("SIP/2.0/UDP 10.0.0.5:5062;rport=1024;received=192.0.2.9", ("192.0.2.9", 1024)),
        ("SIP/2.0/UDP 10.0.0.5:5062;received=192.0.2.9", ("192.0.2.9", 5062)),
        ("SIP/2.0/UDP 192.0.2.9", ("192.0.2.9", 5060)),
        ("SIP/2.0/UDP 192.0.2.9;rport", ("192.0.2.9", 5060)),
        ("SIP/2.0/UDP 192.0.2.9;maddr=203.0.113.1", ("192.0.2.9", 5060)),
    ],
)
def test_a_response_goes_back_to_where_its_request_came_from(
    text: str, address: tuple[str, int]
) -> None:
    assert Via.parse(text).reply_address() == address
