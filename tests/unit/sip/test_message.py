"""From a datagram to a message and back (RFC 3261 §7, §8.2.6, §18)."""

import time
from contextlib import suppress

import pytest

from sip.headers import Headers
from sip.message import (
    DATAGRAM_LIMIT,
    HEADERS_LIMIT,
    REASONS,
    Malformed,
    Request,
    Response,
    note_source,
    parse,
    respond,
)


def datagram(
    *, start: str = "INVITE sip:12345@hotline SIP/2.0", more: str = "", body: str = ""
) -> bytes:
    method = start.partition(" ")[0]
    return (
        f"{start}\r\n"
        "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport\r\n"
        "v: SIP/2.0/UDP 192.0.2.7\r\n"
        "Max-Forwards: 70\r\n"
        'From: "市民" <sip:13800138000@192.0.2.1>;tag=1\r\n'
        "To: sip:12345@hotline\r\n"
        "Call-ID: c1@192.0.2.1\r\n"
        f"CSeq: 7 {method}\r\n"
        "Contact: <sip:13800138000@192.0.2.1:5060>\r\n"
        "Record-Route: <sip:p1;lr>\r\n"
        "Timestamp: 54\r\n"
        f"{more}\r\n{body}"
    ).encode()


def request(**changes: str) -> Request:
    message = parse(datagram(**changes))
    assert isinstance(message, Request)
    return message


def malformed(octets: bytes) -> Malformed:
    with pytest.raises(Malformed) as caught:
        parse(octets)
    return caught.value


def changed(old: str, new: str) -> bytes:
    return datagram().decode().replace(old, new).encode()


def test_a_request_is_read() -> None:
    invite = request(more="Content-Length: 4\r\n", body="v=0\n")
    assert (invite.method, invite.uri) == ("INVITE", "sip:12345@hotline")
    assert invite.target.user == "12345"
    assert invite.headers.from_.display == "市民"
    assert invite.headers.via.branch == "z9hG4bK1"
    assert invite.headers.cseq.number == 7
    assert invite.body == b"v=0\n"


def test_a_response_is_read() -> None:
    octets = datagram(start="SIP/2.0 200 OK then").replace(b"7 SIP/2.0", b"7 INVITE")
    response = parse(octets)
    assert isinstance(response, Response)
    assert (response.status, response.reason) == (200, "OK then")


@pytest.mark.parametrize("start", ["SIP/2.0 180 ", "SIP/2.0 180", "sip/2.0 180 "])
def test_a_response_may_go_without_a_reason(start: str) -> None:
    response = parse(datagram().replace(b"INVITE sip:12345@hotline SIP/2.0", start.encode()))
    assert isinstance(response, Response)
    assert (response.status, response.reason) == (180, "")


def test_folded_lines_are_one_line() -> None:
    message = request(more="Subject: a\r\n  b\r\n\tc \r\nX: y\r\n")
    assert message.headers.get("Subject") == "a b c"
    assert message.headers.get("X") == "y"


def test_lines_may_end_in_lf_alone_and_begin_with_empty_ones() -> None:
    assert parse(b"\r\n\r\n" + datagram().replace(b"\r\n", b"\n")) == request()


def test_a_bare_cr_ends_no_line() -> None:
    message = request(more="Subject: a\rEvil: b\r\n")
    assert message.headers.get("Subject") == "a Evil: b"
    assert "Evil" not in message.headers
    assert b"a\r" not in bytes(message)


def test_names_bear_spaces_before_the_colon() -> None:
    assert request(more="Subject  : x\r\nS\t:y\r\n").headers.all("subject") == ["x", "y"]


def test_octets_that_are_no_utf_8_go_out_as_they_came() -> None:
    octets = datagram(more="Subject: ?\r\n").replace(b"?", b"\xff\xfe")
    assert b"Subject: \xff\xfe\r\n" in bytes(parse(octets))


def test_the_body_ends_where_content_length_says() -> None:
    assert request(more="l: 3\r\n", body="abcdef").body == b"abc"
    assert request(body="abcdef").body == b"abcdef"


def test_content_length_is_always_written_right() -> None:
    message = request(more="l: 3\r\n", body="abcdef")
    message.body = "市".encode() * 10
    written = bytes(message)
    assert written.count(b"Content-Length: 30\r\n\r\n") == 1
    assert b"\r\nl:" not in written
    assert parse(written) == message


def test_a_message_is_written_as_it_was_read() -> None:
    message = request(more="Subject: x\r\nUnheard-Of:  ;;,,;\r\nContent-Length: 1\r\n", body="y")
    assert parse(bytes(message)) == message
    assert b"\r\nv: SIP/2.0/UDP 192.0.2.7\r\n" in bytes(message)


def test_a_start_line_cannot_smuggle_a_header() -> None:
    with pytest.raises(ValueError, match="no start line"):
        bytes(Response(200, "OK\r\nVia: x"))
    with pytest.raises(ValueError, match="no start line"):
        bytes(Request("INVITE", "sip:a@b SIP/2.0\r\nVia: x"))


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\r\n\r\n",
        b"\x00" * 4,
        b"\xff" * 200,
        b"hello",
        b"{}",
        b"SIP/2.0 099 x\r\n\r\n",
        b"SIP/2.0 700 x\r\n\r\n",
        b"SIP/2.0 4294967301 x\r\n\r\n",
        b"SIP/3.0 200 OK\r\n\r\n",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"SIP/2.0 200 OK\r\nVia\r\n\r\n",
        b"x" * (DATAGRAM_LIMIT + 1),
    ],
)
def test_what_is_no_request_at_all_cannot_be_answered(octets: bytes) -> None:
    assert malformed(octets).request is None


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("INVITE sip:12345@hotline SIP/2.0", "INVITE sip:12345@hotline", 400),
        ("INVITE sip:12345@hotline SIP/2.0", "INVITE  sip:12345@hotline SIP/2.0", 400),
        ("INVITE sip:12345@hotline SIP/2.0", "INVITE sip:12345@hotline SIP/2.0 ", 400),
        ("INVITE sip:12345@hotline SIP/2.0", "INVITE\tsip:12345@hotline SIP/2.0", 400),
        ("INVITE sip:12345@hotline SIP/2.0", "INVITE sip:12345@hotline SIP/7.0", 505),
        ("INVITE sip:12345@hotline", "INVITE <sip:12345@hotline>", 400),
        ("INVITE sip:12345@hotline", "INVITE sip:12345@hotline?a=b", 400),
        ("INVITE sip:12345@hotline", "INVITE 12345", 400),
        ("INVITE sip:12345@hotline", "INVITE sip:" + "1" * 9000 + "@hotline", 414),
        ("CSeq: 7 INVITE", "CSeq: 7 BYE", 400),
        ("CSeq: 7 INVITE", "CSeq: 2147483648 INVITE", 400),
        ("CSeq: 7 INVITE", "CSeq: x", 400),
        ("CSeq: 7 INVITE\r\n", "", 400),
        ("CSeq: 7 INVITE\r\n", "CSeq: 7 INVITE\r\nCSeq: 7 INVITE\r\n", 400),
        ("Max-Forwards: 70", "Max-Forwards: 70\r\nMax-Forwards: 70", 400),
        ("Max-Forwards: 70", "Max-Forwards: 300", 400),
        ("Call-ID: c1", "Call-ID: c 1", 400),
        ("To: sip:12345@hotline", 'To: "open <sip:12345@hotline>', 400),
        ("To: sip:12345@hotline", "To: 12345", 400),
        ("Contact: <sip:", "Contact: <:", 400),
        ("Timestamp: 54", "Timestamp 54", 400),
        ("Timestamp: 54", "市: 54", 400),
        ("Timestamp: 54", "l: 1", 400),
        ("Timestamp: 54", "l: -1", 400),
        ("Timestamp: 54", "l: 0\r\nl: 1", 400),
        ("\r\n\r\n", "\r\n", 400),
    ],
)
def test_a_broken_request_can_still_be_answered(old: str, new: str, status: int) -> None:
    fault = malformed(changed(old, new))
    assert fault.status == status
    assert fault.request is not None
    answer = respond(fault.request, fault.status, to_tag="9")
    assert answer.headers.all("Via") == [
        "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport",
        "SIP/2.0/UDP 192.0.2.7",
    ]
    assert fault.request.method == "INVITE"
    assert bytes(answer).startswith(f"SIP/2.0 {status} {REASONS[status]}\r\nVia: ".encode())


def test_a_method_after_which_nothing_follows_is_no_request() -> None:
    assert malformed(b"INVITE").request is None
    assert malformed(b" INVITE sip:a@b SIP/2.0\r\n\r\n").request is None


def test_too_many_headers_are_refused() -> None:
    room = HEADERS_LIMIT - 10
    request(more="X: y\r\n" * room)
    fault = malformed(datagram(more="X: y\r\n" * (room + 1)))
    assert fault.request is not None
    assert "headers" in fault.what


def test_a_contact_counts_only_where_it_is_used() -> None:
    octets = datagram(start="BYE sip:12345@hotline SIP/2.0").replace(b"Contact: <sip:", b"m: <:")
    assert parse(octets).headers.get("Contact") == "<:13800138000@192.0.2.1:5060>"


def test_a_request_of_rfc_2543_does_without_branch_hops_and_tag() -> None:
    message = parse(
        b"INVITE sip:b@example.com SIP/2.0\r\nVia: SIP/2.0/UDP gw\r\nFrom: <sip:a@gw>\r\n"
        b"To: sip:b@example.com\r\nCall-ID: 1\r\nCSeq: 56 INVITE\r\n\r\nv=0"
    )
    assert message.headers.max_forwards is None
    assert message.headers.from_.tag is None
    assert not message.headers.via.unique
    assert message.body == b"v=0"


def test_an_answer_repeats_what_identifies_the_request() -> None:
    invite = request()
    answer = respond(invite, 404, to_tag="t9")
    assert (
        bytes(answer)
        == (
            "SIP/2.0 404 Not Found\r\n"
            "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport\r\n"
            "v: SIP/2.0/UDP 192.0.2.7\r\n"
            'From: "市民" <sip:13800138000@192.0.2.1>;tag=1\r\n'
            "To: sip:12345@hotline;tag=t9\r\n"
            "Call-ID: c1@192.0.2.1\r\n"
            "CSeq: 7 INVITE\r\n"
            "Content-Length: 0\r\n\r\n"
        ).encode()
    )
    assert invite.headers.to.tag is None


def test_an_answer_adds_no_second_tag_and_none_unasked() -> None:
    assert respond(request(), 100).headers.to.tag is None
    tagged = parse(changed("To: sip:12345@hotline", "To: <sip:12345@hotline>;tag=5"))
    assert isinstance(tagged, Request)
    assert respond(tagged, 200, to_tag="6").headers.to.tag == "5"


@pytest.mark.parametrize(
    ("status", "copied"), [(100, False), (183, True), (200, True), (404, False)]
)
def test_answers_that_make_a_dialog_carry_the_route(status: int, copied: bool) -> None:
    assert ("Record-Route" in respond(request(), status).headers) is copied


def test_only_100_carries_the_timestamp() -> None:
    assert respond(request(), 100).headers.get("Timestamp") == "54"
    assert "Timestamp" not in respond(request(), 180).headers


@pytest.mark.parametrize(
    ("status", "given", "reason"),
    [(486, None, "Busy Here"), (486, "忙", "忙"), (499, None, "Bad Request"), (299, None, "OK")],
)
def test_an_unknown_status_has_the_reason_of_its_class(
    status: int, given: str | None, reason: str
) -> None:
    assert respond(request(), status, given).reason == reason


def test_where_a_request_came_from_is_noted_in_its_topmost_via_alone() -> None:
    invite = request()
    note_source(invite, ("203.0.113.5", 40000))
    assert invite.headers.via.reply_address() == ("203.0.113.5", 40000)
    assert invite.headers.all("Via")[1] == "SIP/2.0/UDP 192.0.2.7"
    plain = parse(changed(";rport", ""))
    assert isinstance(plain, Request)
    before = plain.headers.copy()
    note_source(plain, ("192.0.2.1", 40000))
    assert plain.headers == before


def test_messages_are_equal_by_what_they_say() -> None:
    assert request() == request()
    assert request() != request(more="X: y\r\n")
    assert Response(200, "OK", Headers()) != Response(200, "Fine", Headers())


@pytest.mark.parametrize(
    "hostile",
    [
        b"Via: " + b"," * 60000,
        b"X: a\r\n" + b" \r\n" * 15000,
        b"From: " + b'"' + b"\\" * 60000,
        b"From: <sip:" + b"a" * 60000,
        b"To: sip:a@b" + b";a" * 20000,
        b"\r" * 60000,
        b"X" + b" " * 60000,
        b"Contact: " + b"<sip:a@b>," * 6000,
    ],
)
def test_hostile_datagrams_are_read_in_linear_time(hostile: bytes) -> None:
    octets = datagram().replace(b"Max-Forwards: 70", hostile)
    began = time.process_time()
    with suppress(Malformed):
        parse(octets)
    assert time.process_time() - began < 0.5
