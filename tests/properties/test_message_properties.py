"""What holds of messages whatever a peer sends."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sip import sdp
from sip.address import NameAddr
from sip.digest import Challenge, Credentials
from sip.grammar import LWS, Malformed, quote, split_list, unquote
from sip.headers import Headers
from sip.message import Message, Request, Response, note_source, parse, respond
from sip.uri import Uri
from sip.via import Via

QUICK = settings(max_examples=120)
TORTURE = [
    file.read_bytes()
    for file in sorted(
        (Path(__file__).parents[1] / "conformance" / "rfc4475" / "messages").glob("*.dat")
    )
]

hosts = st.text("abcXYZ019.-_", min_size=1, max_size=8)
words = st.text("abcXYZ019.-_~", min_size=1, max_size=8)
texts = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)
PIECES = (
    '"', "<", ">", ";", ",", ":", "\\", "%00", "%", "@", "\r\n", "\r\n ", "\n", "\r", " ", "\t",
    "[::1]", "sip:", "tag=", "=", "0", "99999999999", "\x00", "\xff", "市民", "SIP/2.0",
)  # fmt: skip
pieces = st.sampled_from(PIECES)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Draw a torture message with a few octets replaced, doubled or cut."""
    octets = draw(st.sampled_from(TORTURE))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(octets)))
        cut = draw(st.integers(0, 20))
        octets = octets[:at] + draw(pieces).encode("utf-8", "replace") + octets[at + cut :]
    return octets


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """Draw a message as we might make it ourselves."""
    method = draw(st.sampled_from(["INVITE", "BYE", "REGISTER", "X"]))
    uri = f"sip:{draw(words)}@{draw(hosts)}"
    headers = Headers(
        [
            ("Via", f"SIP/2.0/UDP {draw(hosts)};branch={draw(words)}"),
            ("From", str(NameAddr(Uri.parse(uri), draw(texts), {"tag": draw(words)}))),
            ("To", f"<{uri}>"),
            ("Call-ID", draw(words)),
            ("CSeq", f"{draw(st.integers(0, 2**31 - 1))} {method}"),
        ]
    )
    for name, value in draw(st.lists(st.tuples(words, texts), max_size=4)):
        headers.add(f"X-{name.replace('.', '')}", value)
    body = draw(st.binary(max_size=40))
    if draw(st.booleans()):
        return Request(method, uri, headers, body)
    return Response(draw(st.integers(100, 699)), draw(texts).strip(LWS), headers, body)


def survives(octets: bytes) -> None:
    """Read, and hold what must hold of whatever could be read."""
    try:
        message = parse(octets)
    except Malformed as malformed:
        if malformed.request is not None:
            bytes(respond(malformed.request, malformed.status, to_tag="t"))
        return
    assert parse(bytes(message)) == message
    if isinstance(message, Request):
        note_source(message, ("192.0.2.1", 5060))
        assert parse(bytes(respond(message, 200, to_tag="t"))).headers.call_id
        message.headers.from_.display.encode()
        str(message.headers.to.uri).encode()
        message.target.user_text.encode()


@QUICK
@given(st.binary(max_size=300))
def test_any_octets_are_read_or_malformed(octets: bytes) -> None:
    survives(octets)


@QUICK
@given(mutated())
def test_any_damage_to_a_message_leaves_it_readable_or_malformed(octets: bytes) -> None:
    survives(octets)


@QUICK
@given(messages())
def test_what_we_write_is_read_back_the_same(message: Message) -> None:
    assert parse(bytes(message)) == message


@QUICK
@given(st.lists(st.one_of(pieces, words), max_size=12).map("".join))
def test_any_value_is_read_or_malformed(text: str) -> None:
    for read in (Uri.parse, Via.parse, NameAddr.parse, Challenge.parse, Credentials.parse):
        try:
            value = read(text)
        except Malformed:
            continue
        assert read(str(value)) == value


@QUICK
@given(st.lists(st.one_of(pieces, words), max_size=8).map("".join))
def test_any_parameters_after_a_scheme_and_host_survive_being_written(text: str) -> None:
    for begin, read in (
        ("sip:a@b;", Uri.parse),
        ("SIP/2.0/UDP a;", Via.parse),
        ("<sip:a@b>;", NameAddr.parse),
    ):
        try:
            value = read(begin + text)
        except Malformed:
            continue
        assert read(str(value)) == value


@QUICK
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(st.one_of(pieces, words), max_size=12).map(
            lambda parts: (
                "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 8 " + "".join(parts)
            ).encode()
        ),
    )
)
def test_any_description_is_read_and_answered_or_malformed(body: bytes) -> None:
    try:
        offer = sdp.parse(body)
        agreed = sdp.agree(offer, ["PCMA", "PCMU"])
    except (Malformed, sdp.NotAcceptable):
        return
    answer = sdp.parse(sdp.answer(offer, agreed, "192.0.2.9", 5000, 1, 1))
    assert len(answer.streams) == len(offer.streams)
    assert answer.audio is not None
    assert answer.audio.codecs[0] == agreed.codec


@QUICK
@given(texts)
def test_what_is_quoted_is_one_member_of_a_list(text: str) -> None:
    assert unquote(quote(text)) == text
    assert split_list(f"a, {quote(text)} ,b") == ["a", quote(text), "b"]
