"""Dialogs: RFC 3261 §12."""

import pytest

from sip.dialog import Dialog, reachable
from sip.headers import Headers
from sip.message import Malformed, Request, Response, parse
from sip.uri import Uri
from tests.helpers.sip_messages import PEER, reply, request


def offered(**how: object) -> Dialog:
    message = parse(request("INVITE", **how))  # type: ignore[arg-type]
    assert isinstance(message, Request)
    return Dialog.of_offer(message, "ours", PEER)


def answered(**how: object) -> Dialog:
    datagram = request("INVITE", from_tag="ours")
    invite, answer = parse(datagram), parse(reply(datagram, 200, **how))  # type: ignore[arg-type]
    assert isinstance(invite, Request) and isinstance(answer, Response)
    return Dialog.of_answer(invite, answer, PEER)


def test_as_uas_the_parties_change_sides() -> None:
    dialog = offered(cseq=7)
    assert dialog.id == ("call-1", "ours", "caller")
    bye = dialog.request("BYE", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx")
    assert (bye.uri, bye.headers.cseq.number) == ("sip:peer@192.0.2.10:5060", 1)
    assert (bye.headers.from_.tag, bye.headers.to.tag) == ("ours", "caller")
    assert dialog.next_hop() == PEER


def test_as_uac_they_stay() -> None:
    dialog = answered()
    assert dialog.id == ("call-1", "ours", "phone")
    assert dialog.target == "sip:phone@192.0.2.10:5060"
    assert dialog.request("BYE", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx").headers.cseq.number == 2


def test_the_ack_takes_the_number_of_its_invite_and_counts_nothing() -> None:
    dialog = answered()
    ack = dialog.request("ACK", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx", 1)
    assert str(ack.headers.cseq) == "1 ACK"
    assert dialog.local_seq == 1


def test_numbers_may_leap_but_not_fall() -> None:
    dialog = offered(cseq=7)
    later, earlier = parse(request("INFO", cseq=90)), parse(request("INFO", cseq=8))
    assert isinstance(later, Request) and isinstance(earlier, Request)
    assert dialog.admits(later)
    assert not dialog.admits(earlier)
    assert dialog.admits(later)


def test_a_strict_router_gets_what_it_expects() -> None:
    dialog = offered(more=("Record-Route: <sip:192.0.2.77;x=1>, <sip:192.0.2.78;lr>",))
    bye = dialog.request("BYE", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx")
    assert bye.uri == "sip:192.0.2.77;x=1"
    assert bye.headers.all("route") == ["<sip:192.0.2.78;lr>", "<sip:peer@192.0.2.10:5060>"]
    assert dialog.next_hop() == ("192.0.2.77", 5060)


def test_an_offer_without_contact_is_answered_to_where_it_came_from() -> None:
    dialog = offered(contact=None)
    assert (dialog.target, dialog.next_hop()) == ("sip:13800138000@192.0.2.10", PEER)


def test_a_peer_moves_with_its_contact_unless_that_cannot_be_read() -> None:
    dialog = offered()
    for contact in ("<sip:moved@192.0.2.44:5080>", "<<"):
        refresh = Request("UPDATE", "sip:x", Headers([("Contact", contact)]))
        refresh.headers.add("Via", "SIP/2.0/UDP 192.0.2.44:5080;branch=z9hG4bKx")
        dialog.refresh(refresh, ("192.0.2.44", 5080))
        assert dialog.target == "sip:moved@192.0.2.44:5080"
        assert dialog.next_hop() == ("192.0.2.44", 5080)


def test_an_answer_without_contact_is_reached_where_it_was_called() -> None:
    assert answered(contact=None).target == "sip:12345@192.0.2.1"


def test_an_unreadable_route_in_an_offer_is_its_senders_fault() -> None:
    with pytest.raises(Malformed):
        offered(more=("Record-Route: <<>>",))
    with pytest.raises(Malformed, match="too many"):
        offered(more=tuple("Record-Route: <sip:192.0.2.9;lr>" for _ in range(21)))


def test_an_unreadable_route_in_an_answer_is_done_without() -> None:
    assert answered(more=("Record-Route: <<>>",)).routes == ()


def test_headers_in_a_contact_are_not_sent_back() -> None:
    assert offered(contact="<sip:a@192.0.2.10?Subject=x>").target == "sip:a@192.0.2.10"


def test_a_peer_without_tag_is_one_of_rfc_2543() -> None:
    message = parse(request("INVITE").replace(b";tag=caller", b""))
    assert isinstance(message, Request)
    assert Dialog.of_offer(message, "ours", PEER).id == ("call-1", "ours", "")


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("sip:a@192.0.2.5:5070", ("192.0.2.5", 5070)),
        ("sip:a@192.0.2.5", ("192.0.2.5", 5060)),
        ("sip:[2001:db8::1]:5070", PEER),
        ("sip:a@255.255.255.255", PEER),
        ("sip:a@224.0.1.75", PEER),
        ("sip:a@phone.example", PEER),
        ("sip:a@0.0.0.0", PEER),
        ("tel:12345", PEER),
    ],
)
def test_what_no_datagram_can_be_sent_to_is_reached_where_it_was_seen(
    uri: str, address: tuple[str, int]
) -> None:
    assert reachable(Uri.parse(uri), PEER) == address


def test_over_ipv6_an_address_of_ipv6_is_reached() -> None:
    address = reachable(Uri.parse("sip:[2001:db8::1]:5070"), ("2001:db8::9", 5060))
    assert address == ("2001:db8::1", 5070)
