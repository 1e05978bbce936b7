"""name-addr (RFC 3261 §20.10)."""

import pytest

from sip.address import NameAddr
from sip.grammar import Malformed
from sip.uri import Uri


@pytest.mark.parametrize(
    ("text", "display"),
    [
        ('"市民" <sip:13800138000@gw>', "市民"),
        ("市民 <sip:13800138000@gw>", "市民"),
        ("<sip:a@b>", ""),
        ("caller<sip:a@b>", "caller"),
        ("T. Watson <sip:a@b>", "T. Watson"),
        (r'"J Rosenberg \\\"" <sip:a@b>', 'J Rosenberg \\"'),
        ('"Bell, Alexander" <sip:a@b>', "Bell, Alexander"),
        ('"<sip:fake@x>" <sip:a@b>', "<sip:fake@x>"),
        ('"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:a@b>', "BEL: NUL: DEL:"),
    ],
)
def test_a_display_name_is_what_people_read(text: str, display: str) -> None:
    assert NameAddr.parse(text).display == display


def test_a_display_name_in_gb18030_is_read_as_such() -> None:
    text = '"市民" <sip:a@b>'.encode("gb18030").decode("utf-8", "surrogateescape")
    assert NameAddr.parse(text).display == "市民"


def test_a_display_name_in_no_known_charset_holds_no_surrogates() -> None:
    assert NameAddr.parse('"a\udcff" <sip:a@b>').display == "a\ufffd"


def test_without_brackets_parameters_are_the_headers() -> None:
    address = NameAddr.parse("sip:+1972@gw1.example.net;unknownparam ; tag = 7")
    assert address.uri.params == {}
    assert address.params == {"unknownparam": None, "tag": "7"}
    assert address.tag == "7"


def test_within_brackets_parameters_are_the_addresss() -> None:
    address = NameAddr.parse("<sip:+1972@gw1.example.net;unknownparam>")
    assert address.uri.params == {"unknownparam": None}
    assert address.params == {}
    assert address.tag is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<>",
        "< sip:a@b >",
        "<sip:a@b",
        "sip:a@b?Route=x",
        "sip:a@b,sip:c@d",
        "sip:a@b x",
        '"open <sip:a@b>',
        "Bell, Alexander <sip:a@b>;tag=43",
        "<sip:a@b> x",
        '"Joe" <sip:joe@example.org>;;;;',
        "alan@jasomi.com",
    ],
)
def test_what_is_no_address_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        NameAddr.parse(text)


def test_an_address_is_written_as_it_can_be_read_again() -> None:
    address = NameAddr(Uri.parse("sip:a@b;lr"), 'J "R" \\', {"tag": "x", "q": "0.5", "lr": None})
    assert NameAddr.parse(str(address)) == address
    assert str(NameAddr(Uri.parse("sip:a@b"))) == "<sip:a@b>"
