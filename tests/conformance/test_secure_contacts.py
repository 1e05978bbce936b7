"""RFC 3261 §8.1.1.8, §12.1: where TLS is asked for all the way, our Contact asks for it too."""

import pytest

from sip.flow import Flow
from sip.message import Message, parse
from sip.settings import Listening
from tests.helpers.one_stack import OneStack, invitation
from tests.helpers.sip_messages import ANSWER, OFFER, reply, request

TLS_TOO = {"also": (Listening("TLS", "192.0.2.1", 5061),)}
CALLER = Flow("192.0.2.10", 41000, "TLS", 1, 7)
SECURE, PLAIN = "<sips:192.0.2.1:5061>", "<sip:192.0.2.1:5061;transport=tls>"


def contacts(one: OneStack) -> list[str | None]:
    """Return the Contact of each message that was sent last, of those that have one."""
    messages: list[Message] = [parse(datagram) for datagram, _ in one.sent]
    return [m.headers.get("contact") for m in messages if "Contact" in m.headers]


@pytest.mark.parametrize(
    ("uri", "more", "contact", "expected"),
    [
        ("sips:12345@192.0.2.1", (), "<sips:p@192.0.2.10:41000>", SECURE),
        ("sips:12345@192.0.2.1", (), "<sip:p@192.0.2.10:41000>", SECURE),
        ("sip:12345@192.0.2.1", ("Record-Route: <sips:192.0.2.77;lr>",), "<sip:p@x>", SECURE),
        ("sip:12345@192.0.2.1", (), "<sips:p@192.0.2.10:41000>", SECURE),
        ("sip:12345@192.0.2.1", ("Record-Route: <sip:192.0.2.77;lr>",), "<sips:p@x>", PLAIN),
        ("sip:12345@192.0.2.1", (), "<sip:p@192.0.2.10:41000;transport=tls>", PLAIN),
    ],
)
def test_a_caller_who_comes_securely_all_the_way_is_answered_so(
    uri: str, more: tuple[str, ...], contact: str, expected: str
) -> None:
    one = OneStack(**TLS_TOO)
    one.receive(request("INVITE", uri=uri, more=more, contact=contact, body=OFFER), CALLER)
    (event,) = one.events()
    one.stack.ring(event.leg, 0.0)  # type: ignore[union-attr]
    one.stack.answer(event.leg, ANSWER, 1.0)  # type: ignore[union-attr]
    one.flush()
    assert contacts(one) == [expected, expected]
    tag = one.last().headers.to.tag or ""
    one.receive(request("ACK", to_tag=tag), CALLER)
    one.receive(request("UPDATE", cseq=2, to_tag=tag, contact=contact), CALLER)
    assert contacts(one) == [expected]


def test_a_phone_that_is_called_securely_is_given_a_secure_contact() -> None:
    one = OneStack(**TLS_TOO)
    phone = Flow("192.0.2.10", 41000, "TLS", 1, 7)
    one.stack.invite(invitation(to_uri="sips:1001@192.0.2.10:41000", destination=phone), 0.0)
    one.flush()
    assert contacts(one) == [SECURE]
    more = ("Session-Expires: 90;refresher=uac",)
    one.receive(reply(one.sent[0][0], 200, body=OFFER, contact="<sips:p@192.0.2.10>", more=more))
    one.run(45.0)
    assert contacts(one) == [SECURE], "the refresh has it too"


def test_a_phone_behind_a_secure_proxy_is_given_a_secure_contact() -> None:
    one = OneStack(**TLS_TOO)
    routed = invitation(headers=(("Route", "<sips:192.0.2.77;lr>"),), destination=CALLER)
    one.stack.invite(routed, 0.0)
    one.flush()
    assert contacts(one) == [SECURE]


def test_without_tls_of_ours_nothing_is_promised() -> None:
    one = OneStack()
    one.stack.invite(invitation(to_uri="sips:1001@192.0.2.10"), 0.0)
    one.flush()
    assert contacts(one) == ["<sip:192.0.2.1:5060>"]
