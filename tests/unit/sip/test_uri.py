"""SIP addresses (RFC 3261 §19.1) and telephone numbers (RFC 3966)."""

import pytest

from sip.grammar import Malformed
from sip.uri import Uri


def test_each_part_of_a_sip_address_has_its_place() -> None:
    uri = Uri.parse("SIPS:alice:s3cret@Example.COM:5061;Transport=tls;lr?Subject=a%20b&x=y")
    assert uri.scheme == "sips"
    assert (uri.user, uri.password) == ("alice", "s3cret")
    assert (uri.host, uri.port) == ("example.com", 5061)
    assert uri.params == {"transport": "tls", "lr": None}
    assert uri.headers == {"Subject": "a%20b", "x": "y"}
    assert uri.secure
    assert not Uri.parse("sip:a@b").secure


@pytest.mark.parametrize(
    "text",
    [
        "sip:12345@192.0.2.1",
        "sip:192.0.2.1",
        "sips:a:@b:5061;lr?x=y",
        "sip:a@[2001:db8::1]:5060",
        "sip:user;par=u%40example.net@example.com",
        "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too."
        "(doesn't-it)@example.com",
        "tel:+861012345;phone-context=cn",
        "soap.beep://192.0.2.103:3002",
        "nobodyknowsthisscheme:totallyopaquecontent",
        "isbn:2983792873",
    ],
)
def test_an_address_is_written_as_it_was_read(text: str) -> None:
    assert str(Uri.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("sip:%61lice@b", "sip:alice@b"),
        ("sip:a%40b@c", "sip:a%40b@c"),
        ("sip:a%3bb@c", "sip:a%3Bb@c"),
        ("sip:*31#@b", "sip:*31%23@b"),
        ("sip:100%@b", "sip:100%25@b"),
        ("sip:市民@b", "sip:%E5%B8%82%E6%B0%91@b"),
        ("sip:null-%00-null@b", "sip:null-%00-null@b"),
        ("sip:a@b;%6C%72;n%61me=v%61lue%25%34%31", "sip:a@b;lr;name=value%2541"),
        ("sip:a@[2001:DB8:0:0::1]", "sip:a@[2001:db8::1]"),
        ("tel:+86-10-1234.5(6)", "tel:+8610123456"),
    ],
)
def test_escapes_have_one_form(text: str, written: str) -> None:
    assert str(Uri.parse(text)) == written
    assert Uri.parse(written) == Uri.parse(text)


@pytest.mark.parametrize(
    ("user", "text"),
    [
        ("%E5%B8%82%E6%B0%91", "市民"),
        ("I%20have%20spaces", "I have spaces"),
        ("null-%00-null", "null-%00-null"),
        ("bad%FFutf8", "bad%FFutf8"),
        ("*31%23", "*31#"),
        ("plain", "plain"),
    ],
)
def test_a_user_is_shown_readable_where_that_is_safe(user: str, text: str) -> None:
    assert Uri("sip", user, "b").user_text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alan@jasomi.com",
        "<sip:a@b>",
        "sip:",
        "sip:@b",
        "sip:a@",
        "sip:a@b@c",
        "sip:a b@c",
        "sip:a@b:0",
        "sip:a@b:65536",
        "sip:a@b:",
        "sip:a@b; lr",
        "sip:a@b;;lr",
        "sip:a@b;x=",
        "sip:a@b?",
        "sip:a@b?x",
        "sip:a@b?x=1&&y=2",
        "sip:a@[::g]",
        "sip:a@[1.2.3.4]",
        "sip:a@[::1",
        "sip:a@" + "b" * 256,
        "sip:\udcff@b",
        "sip:a@b" + "".join(f";p{i}" for i in range(200)),
        "sip:a@b?" + "&".join(f"h{i}=1" for i in range(200)),
        "tel:",
        "tel:+",
        "tel:()",
        "sip:" + "a" * 5000 + "@b",
        "tel:abc xyz",
        "mailto:",
        "mailto:\udcff",
        "http://a b",
    ],
)
def test_what_is_no_address_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        Uri.parse(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
        ),
    ],
)
def test_addresses_that_rfc_3261_calls_equal_are(one: str, other: str) -> None:
    assert Uri.parse(one) == Uri.parse(other)
    assert hash(Uri.parse(one)) == hash(Uri.parse(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
        ("sip:a@b", "sips:a@b"),
    ],
)
def test_addresses_that_rfc_3261_calls_different_are(one: str, other: str) -> None:
    assert Uri.parse(one) != Uri.parse(other)


def test_an_address_equals_no_text() -> None:
    assert Uri.parse("sip:a@b") != "sip:a@b"


def test_an_address_of_record_is_bare() -> None:
    assert str(Uri.parse("sip:a:x@b:5070;lr?y=z").plain()) == "sip:a@b"
