"""Header fields: order, spelling, lists, typed values (RFC 3261 §7.3)."""

import pytest

from sip.grammar import Malformed
from sip.headers import ADDRESSES_LIMIT, SECONDS_LIMIT, Headers, parse_seconds


def some() -> Headers:
    return Headers(
        [
            ("v", "SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b"),
            ("VIA", "SIP/2.0/UDP c"),
            ("X-Own", "one, two"),
            ("s", ""),
            ("Supported", "100rel, timer"),
            ("x-own", "three"),
        ]
    )


def test_any_spelling_finds_a_field() -> None:
    headers = some()
    assert headers.get("Via") == headers.get("v") == "SIP/2.0/UDP a;branch=z9hG4bK1"
    assert headers.get("x-OWN") == "one, two"
    assert headers.get("Subject") == ""
    assert headers.get("Expires") is None
    assert "V" in headers
    assert "Expires" not in headers


def test_every_value_of_a_list_field_is_told_apart() -> None:
    headers = some()
    assert headers.all("via") == [
        "SIP/2.0/UDP a;branch=z9hG4bK1",
        "SIP/2.0/UDP b",
        "SIP/2.0/UDP c",
    ]
    assert headers.all("k") == ["100rel", "timer"]
    assert headers.all("X-Own") == ["one, two", "three"]
    assert headers.all("Route") == []


def test_an_empty_list_has_no_first_value() -> None:
    assert Headers([("Supported", "")]).get("Supported") is None
    assert Headers([("Supported", " , "), ("k", "timer")]).get("Supported") == "timer"


def test_fields_keep_their_order_and_spelling() -> None:
    assert [name for name, _ in some()] == ["v", "VIA", "X-Own", "s", "Supported", "x-own"]
    assert len(some()) == 6
    assert "X-Own" in repr(some())


def test_fields_can_be_added_at_both_ends_replaced_and_removed() -> None:
    headers = some()
    headers.add("Allow", "INVITE")
    headers.prepend("Via", "SIP/2.0/UDP z")
    headers.replace("X-OWN", "four")
    headers.replace("Server", "hotline")
    headers.remove("supported")
    assert [name for name, _ in headers] == ["Via", "v", "VIA", "X-OWN", "s", "Allow", "Server"]
    assert headers.all("x-own") == ["four"]
    assert headers.via.host == "z"


def test_the_first_value_alone_can_be_replaced_or_taken_off() -> None:
    headers = some()
    headers.replace_first("Via", "SIP/2.0/UDP z")
    assert headers.all("Via") == ["SIP/2.0/UDP z", "SIP/2.0/UDP b", "SIP/2.0/UDP c"]
    headers.replace_first("Via", None)
    headers.replace_first("Via", None)
    assert headers.all("Via") == ["SIP/2.0/UDP c"]
    headers.replace_first("Via", None)
    headers.replace_first("Via", None)
    assert headers.all("Via") == []
    headers.replace_first("Via", "SIP/2.0/UDP y")
    headers.replace_first("X-Own", "zero")
    assert headers.all("Via") == ["SIP/2.0/UDP y"]
    assert headers.all("X-Own") == ["zero", "three"]


@pytest.mark.parametrize("value", ["a\r\nVia: x", "a\nb", "a\rb", "\ud800"])
def test_a_value_cannot_smuggle_a_field_in(value: str) -> None:
    with pytest.raises(ValueError, match="no header field"):
        Headers().add("Subject", value)


@pytest.mark.parametrize("name", ["", "a b", "a:", "市民", "a\r\n"])
def test_a_name_is_a_token(name: str) -> None:
    with pytest.raises(ValueError, match="no header field"):
        Headers().prepend(name, "x")


def test_equality_asks_for_text_and_order_not_for_spelling_or_content_length() -> None:
    assert Headers([("v", "x"), ("l", "0")]) == Headers([("Via", "x")])
    assert Headers([("a", "x"), ("b", "y")]) != Headers([("b", "y"), ("a", "x")])
    assert Headers() != []


def test_a_copy_lives_its_own_life() -> None:
    headers = some()
    copy = headers.copy()
    copy.add("Allow", "BYE")
    assert "Allow" not in headers


def test_fields_of_some_names_can_be_taken_out_as_they_stand() -> None:
    assert list(some().only(["x-own", "Via"])) == [
        ("X-Own", "one, two"),
        ("x-own", "three"),
        ("v", "SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b"),
        ("VIA", "SIP/2.0/UDP c"),
    ]


def test_typed_values_are_read_once_and_again_after_a_change() -> None:
    headers = Headers([("CSeq", "1 INVITE")])
    assert headers.cseq is headers.cseq
    headers.replace("CSeq", "2 INVITE")
    assert headers.cseq.number == 2


def test_typed_values() -> None:
    headers = Headers(
        [
            ("f", '"市民" <sip:1@a>;tag=x'),
            ("t", "sip:2@b"),
            ("i", "abc@d"),
            ("m", "<sip:1@a>, <sip:2@b>;q=0.1"),
            ("Max-Forwards", "0068"),
            ("Expires", "600"),
            ("l", "12"),
            ("Route", "<sip:p1;lr>,<sip:p2;lr>"),
            ("Record-Route", "<sip:p3;lr>"),
        ]
    )
    assert (headers.from_.display, headers.from_.tag, headers.to.tag) == ("市民", "x", None)
    assert headers.call_id == "abc@d"
    assert [contact.uri.user for contact in headers.contact] == ["1", "2"]
    assert (headers.max_forwards, headers.expires, headers.content_length) == (68, 600, 12)
    assert [route.uri.host for route in headers.routes] == ["p1", "p2"]
    assert [route.uri.host for route in headers.record_routes] == ["p3"]
    assert not headers.wildcard


def test_what_is_not_said_is_none() -> None:
    headers = Headers()
    assert (headers.max_forwards, headers.expires, headers.content_length) == (None, None, None)
    assert headers.contact == []
    with pytest.raises(Malformed, match="no via"):
        _ = headers.via


def test_a_star_as_contact_means_all_and_stands_alone() -> None:
    star = Headers([("Contact", "*")])
    assert star.wildcard
    assert star.contact == []
    with pytest.raises(Malformed):
        _ = Headers([("Contact", "*, <sip:a@b>")]).contact


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("Call-ID", "a b", "call_id"),
        ("Call-ID", "", "call_id"),
        ("Call-ID", "x" * 256, "call_id"),
        ("Call-ID", "a\udcff", "call_id"),
        ("From", "<sip:a@b>;tag", "from_"),
        ("From", '<sip:a@b>;tag=""', "from_"),
        ("To", "<sip:a@b>;tag=市", "to"),
        ("Max-Forwards", "256", "max_forwards"),
        ("Content-Length", "-1", "content_length"),
    ],
)
def test_malformed_values_say_so_when_read(name: str, value: str, read: str) -> None:
    with pytest.raises(Malformed):
        getattr(Headers([(name, value)]), read)


def test_content_lengths_may_repeat_but_not_differ() -> None:
    assert Headers([("l", "5"), ("Content-Length", "05")]).content_length == 5
    with pytest.raises(Malformed):
        _ = Headers([("l", "5"), ("Content-Length", "13")]).content_length


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("60", 60), ("9" * 100, SECONDS_LIMIT), ("soon", 3600), ("-1", 3600), ("", 3600)],
)
def test_an_unreadable_time_is_an_hour_and_the_largest_is_bounded(text: str, seconds: int) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize(
    ("name", "read"),
    [("Contact", "contact"), ("Route", "routes"), ("Record-Route", "record_routes")],
)
def test_addresses_of_one_kind_are_bounded(name: str, read: str) -> None:
    enough = Headers([(name, ", ".join(["<sip:a@b>"] * ADDRESSES_LIMIT))])
    assert len(getattr(enough, read)) == ADDRESSES_LIMIT
    with pytest.raises(Malformed):
        getattr(Headers([(name, ", ".join(["<sip:a@b>"] * (ADDRESSES_LIMIT + 1)))]), read)


def test_what_was_not_there_when_first_asked_for_is_found_once_it_is() -> None:
    headers = Headers([("To", "<sip:a@b>")])
    assert "Reason" not in headers and headers.get("reason") is None
    headers.add("Reason", "SIP;cause=200")
    assert "reason" in headers and headers.all("Reason") == ["SIP;cause=200"]
    headers.remove("reason")
    assert "Reason" not in headers
    headers.prepend("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1")
    assert headers.via.branch == "z9hG4bK1"
    headers.replace_first("Via", None)
    assert "Via" not in headers and headers.get("via") is None
    headers.replace("Subject", "x")
    assert headers.get("s") == "x"
    assert headers.repeated({"subject"}) is None
    headers.add("Subject", "y")
    assert headers.repeated({"subject"}) == "subject"
