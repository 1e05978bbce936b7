"""The way to a phone: proxies (RFC 3327), flows (RFC 5626), browsers' connections."""

import pytest

from sip.digest import Challenge, Login, authorize
from sip.flow import TCP, WS, Address, Flow
from sip.message import Request, Response, parse
from sip.registrar import PhoneGone, Registrar, RegistrarLimits

SOURCE = ("203.0.113.7", 40123)
PHONE = "<sip:1001@10.0.0.5:5060>"


class Phones:
    """A registrar, and one user's phones."""

    def __init__(self) -> None:
        limits = RegistrarLimits()
        self.registrar = Registrar("hotline", {"1001": "secret"}, ["SHA-256"], limits, b"key")

    def register(
        self,
        contact: str = PHONE,
        more: tuple[tuple[str, str], ...] = (),
        call_id: str = "reg1",
        source: Address = SOURCE,
    ) -> Response:
        """Send a proven REGISTER; return its answer."""
        head = (
            "REGISTER sip:hotline SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKa\r\n"
            "Max-Forwards: 70\r\nFrom: <sip:1001@hotline>;tag=f1\r\nTo: <sip:1001@hotline>\r\n"
            f"Call-ID: {call_id}\r\nCSeq: 1 REGISTER\r\nContact: {contact}\r\n\r\n"
        )
        request = parse(head.encode())
        assert isinstance(request, Request)
        asked = self.registrar.authenticate(request, 0.0)
        assert isinstance(asked, Response)
        challenge = Challenge.parse(asked.headers.get("WWW-Authenticate") or "")
        login = Login("1001", "secret")
        proof = authorize(challenge, login, "REGISTER", request.uri, "c", 1)
        for name, value in (*more, ("Authorization", proof)):
            request.headers.add(name, value)
        return self.registrar.receive(request, source, 0.0)[0]


FLOW = ';+sip.instance="<urn:uuid:0-1>";reg-id=1'
OUTBOUND = (("Supported", "path, outbound"),)


def test_the_way_to_a_phone_leads_through_its_proxies() -> None:
    phones = Phones()
    path = (("Path", "<sip:edge.example;lr>, <sip:inner.example;lr;ob>"),)
    response = phones.register(more=path)
    assert response.status == 200
    assert response.headers.all("path") == ["<sip:edge.example;lr>", "<sip:inner.example;lr;ob>"]
    (known,) = phones.registrar.contacts("1001", 0.0)
    assert phones.registrar.routes("1001", str(known.uri), 0.0) == [
        ("Route", "<sip:edge.example;lr>"),
        ("Route", "<sip:inner.example;lr;ob>"),
    ]
    assert phones.registrar.routes("1001", "sip:other@192.0.2.9", 0.0) == []


def test_a_flow_that_moved_takes_its_old_place() -> None:
    phones = Phones()
    first = phones.register(contact=f"<sip:1001@192.0.2.10:1111>{FLOW}", more=OUTBOUND)
    assert (first.status, first.headers.get("require")) == (200, "outbound")
    assert FLOW in (first.headers.get("contact") or "")
    phones.register(contact=f"<sip:1001@192.0.2.10:2222>{FLOW}", more=OUTBOUND, call_id="new")
    assert [c.uri.port for c in phones.registrar.contacts("1001", 0.0)] == [2222]


def test_without_outbound_a_new_address_is_a_second_phone() -> None:
    phones = Phones()
    phones.register(contact=f"<sip:1001@192.0.2.10:1111>{FLOW}")
    answer = phones.register(contact=f"<sip:1001@192.0.2.10:2222>{FLOW}", call_id="new")
    assert answer.headers.get("require") is None
    assert len(phones.registrar.contacts("1001", 0.0)) == 2


def test_a_proxy_that_would_not_keep_to_the_flow_is_told_so() -> None:
    phones = Phones()
    behind = (*OUTBOUND, ("Via", "SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKp"))
    contact = f"<sip:1001@192.0.2.10:1111>{FLOW}"
    assert phones.register(contact=contact, more=behind).status == 439
    kept = (*behind, ("Path", "<sip:edge.example;lr;ob>"))
    assert phones.register(contact=contact, more=kept).status == 200


@pytest.mark.parametrize("number", ["0", "x", "99999999999"])
def test_a_reg_id_that_is_none_is_refused(number: str) -> None:
    contact = f'<sip:1001@192.0.2.10>;+sip.instance="<urn:uuid:0-1>";reg-id={number}'
    assert Phones().register(contact=contact, more=OUTBOUND).status == 400


def test_a_path_that_cannot_be_followed_is_refused() -> None:
    assert Phones().register(more=(("Path", "<nonsense"),)).status == 400
    assert Phones().register(more=tuple([("Path", "<sip:p;lr>")] * 6)).status == 400


def test_a_browsers_phone_goes_with_its_connection_and_no_others_do() -> None:
    phones = Phones()
    page, stream = Flow("192.0.2.10", 80, WS, 1, 7), Flow("192.0.2.10", 40123, TCP, 2, 7)
    phones.register(contact="<sip:1001@x.invalid;transport=ws>", source=page)
    phones.register(contact="<sip:1001@192.0.2.10;transport=tcp>", source=stream, call_id="two")
    assert phones.registrar.disconnected(8) == []
    (gone,) = phones.registrar.disconnected(7)
    assert isinstance(gone, PhoneGone)
    assert [c.uri.host for c in phones.registrar.contacts("1001", 0.0)] == ["192.0.2.10"]
