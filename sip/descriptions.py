"""Session descriptions as they come (RFC 8866, RFC 4733, RFC 4568)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, cast

from sip import sdes
from sip.grammar import PORT_LIMIT, Malformed
from sip.hosts import ip_address

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
"""As its sender sees it: `sendonly` is a peer who holds us."""

STATIC: dict[int, tuple[str, int]] = {
    0: ("PCMU", 8000),
    3: ("GSM", 8000),
    4: ("G723", 8000),
    8: ("PCMA", 8000),
    9: ("G722", 8000),  # 16 kHz audio; the RTP clock is 8000 (RFC 3551 §4.5.2)
    13: ("CN", 8000),
    15: ("G728", 8000),
    18: ("G729", 8000),
}
"""Payload types that need no rtpmap (RFC 3551 §6)."""
USUAL_PTIME = 20
"""Milliseconds of audio in a packet of ours, and of theirs where they do not say."""
SECURE = "RTP/SAVP"
LONGEST_PTIME = 200
BODY_LIMIT = 16384
LINES_LIMIT = 500
STREAMS_LIMIT = 32
_RTPMAP = re.compile(r"([0-9]{1,3})[ \t]+([A-Za-z0-9_.+\-]+)/([0-9]{1,6})(?:/([0-9]{1,2}))?[ \t]*")
_MEDIA = re.compile(
    r"([A-Za-z0-9_.+\-]+) +([0-9]{1,5})(?:/[0-9]+)? +([A-Za-z0-9/_.+\-]+)((?: +[!-~]+)*+) *"
)
_ORIGIN = re.compile(r"([^ ]+) ([^ ]+) ([^ ]+) IN IP[46] ([^ ]+)")
_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")


@dataclass(frozen=True, slots=True)
class Codec:
    """How voice is coded, and the number it goes by in this session."""

    payload_type: int
    name: str
    """In capitals: PCMA, PCMU, G722 …"""
    rate: int
    """The RTP clock in Hz."""


@dataclass(frozen=True, slots=True)
class Audio:
    """A stream of audio as its sender describes it."""

    address: str
    port: int
    codecs: tuple[Codec, ...]
    """In the sender's order of preference; telephone-event and comfort noise are not among them."""
    event_payload: int | None
    """The payload type of keys (RFC 4733); None when they cannot be sent."""
    ptime: int
    """Milliseconds of audio in a packet."""
    direction: Direction
    secure: bool = False
    """SRTP (RTP/SAVP)."""
    cryptos: tuple[sdes.Crypto, ...] = ()
    """Those of its keys that we could take."""
    mux: bool = False
    """Reports may come on the port of the voice (RFC 5761)."""
    rtcp_port: int | None = None
    """Where reports go, if that is not the next port (RFC 3605)."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One m-line as it came, for an answer to take or refuse."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who made the description, and its version; equal versions mean nothing changed."""

    user: str
    session: str
    version: str
    address: str


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """An offer or an answer."""

    candidates: tuple[tuple[int, Audio], ...]
    """The first plain and the first secure stream of audio, each with its place."""
    origin: Origin | None = None
    streams: tuple[Stream, ...] = ()
    timing: str = "0 0"

    @property
    def audio(self) -> Audio | None:
        """The first stream that we could speak; None if there is none."""
        return self.candidates[0][1] if self.candidates else None

    @property
    def chosen(self) -> int | None:
        """The place of `audio` among the streams."""
        return self.candidates[0][0] if self.candidates else None


@dataclass(slots=True)
class _Section:
    """The lines of the session, or of one stream."""

    stream: Stream | None = None
    connection: str | None = None
    direction: str | None = None
    ptime: int | None = None
    longest: int | None = None
    mux: bool = False
    rtcp_port: int | None = None
    cryptos: list[sdes.Crypto] = field(default_factory=list)
    codecs: dict[int, tuple[str, int]] = field(default_factory=dict)


def parse(body: bytes) -> SessionDescription:
    """Read a description; raise Malformed with 400, or 488 for what we cannot use.

    Missing `o=`, `s=` and `t=` lines and lines out of order are borne.
    """
    if len(body) > BODY_LIMIT or body.count(b"\n") > LINES_LIMIT:
        raise Malformed("session description too long", 413)
    session, sections, origin, timing = _Section(), [], None, "0 0"
    section = session
    lines = [line for line in body.decode("utf-8", "replace").split("\n") if line.strip()]
    if not lines or lines[0].strip() != "v=0":
        raise Malformed("session description without v=0")
    for line in lines:
        kind, value = _line(line)
        if kind == "m":
            section = _Section(_parse_stream(value))
            sections.append(section)
        elif kind == "o":
            origin = _parse_origin(value)
        elif kind == "t":
            timing = value if re.fullmatch(r"[0-9]+ [0-9]+", value) else timing
        else:
            _note(section, kind, value)
    return _described(session, sections, origin, timing)


def _line(line: str) -> tuple[str, str]:
    kind, equals, value = line.strip("\r \t").partition("=")
    if not equals or len(kind) != 1:
        raise Malformed(f"session description line {line[:60]!r}")
    return kind, value


def _described(
    session: _Section, sections: list[_Section], origin: Origin | None, timing: str
) -> SessionDescription:
    if len(sections) > STREAMS_LIMIT:
        raise Malformed(f"more than {STREAMS_LIMIT} streams", 488)
    streams = tuple(section.stream for section in sections if section.stream is not None)
    candidates: dict[str, tuple[int, Audio]] = {}
    for index, stream in enumerate(streams):
        if _speakable(stream) and stream.protocol not in candidates:
            candidates[stream.protocol] = index, _audio(session, sections[index], stream)
    return SessionDescription(tuple(candidates.values()), origin, streams, timing)


def _speakable(stream: Stream) -> bool:
    return stream.kind == "audio" and stream.port > 0 and stream.protocol in ("RTP/AVP", SECURE)


def _parse_stream(value: str) -> Stream:
    match = _MEDIA.fullmatch(value)
    if match is None or int(match[2]) > PORT_LIMIT:
        raise Malformed(f"stream {value[:60]!r}")
    formats = tuple(match[4].split(" "))
    return Stream(match[1].lower(), int(match[2]), match[3], tuple(f for f in formats if f))


def _parse_origin(value: str) -> Origin | None:
    match = _ORIGIN.fullmatch(value)
    return None if match is None else Origin(match[1], match[2], match[3], match[4])


def _note(section: _Section, kind: str, value: str) -> None:
    """Keep what a line says, if it says anything that we use."""
    if kind == "c":
        section.connection = section.connection or value
    if kind != "a":
        return
    name, _, rest = value.partition(":")
    if name in _DIRECTIONS:
        section.direction = name
    elif name in _ATTRIBUTES:
        _ATTRIBUTES[name](section, rest)


def _note_ptime(section: _Section, value: str) -> None:
    section.ptime = _parse_ptime(value)


def _note_longest(section: _Section, value: str) -> None:
    section.longest = _parse_ptime(value)


def _note_mux(section: _Section, value: str) -> None:
    section.mux = True


def _note_rtcp(section: _Section, value: str) -> None:
    """Take the port; reports to another address than the voice's are not sent."""
    words = value.split()
    if len(words) == 1 and words[0].isascii() and words[0].isdigit():
        port = int(words[0])
        section.rtcp_port = port if 0 < port <= PORT_LIMIT else None


def _note_crypto(section: _Section, value: str) -> None:
    crypto = sdes.parse(value)
    if crypto is not None:
        section.cryptos.append(crypto)


def _note_codec(section: _Section, value: str) -> None:
    match = _RTPMAP.fullmatch(value)
    if match is not None and match[4] in (None, "1"):
        section.codecs[int(match[1])] = (match[2].upper(), int(match[3]))
    elif match is not None:
        section.codecs[int(match[1])] = ("", 0)  # several channels


_ATTRIBUTES: dict[str, Callable[[_Section, str], None]] = {
    "ptime": _note_ptime,
    "maxptime": _note_longest,
    "rtpmap": _note_codec,
    "rtcp-mux": _note_mux,
    "rtcp": _note_rtcp,
    "crypto": _note_crypto,
}


def _parse_ptime(text: str) -> int:
    digits = text.strip().partition(".")[0]
    if (
        digits.isascii()
        and digits.isdigit()
        and len(digits) <= 4
        and 10 <= int(digits) <= LONGEST_PTIME
    ):
        return int(digits)
    return USUAL_PTIME


def _audio(session: _Section, section: _Section, stream: Stream) -> Audio:
    address = _parse_connection(section.connection or session.connection)
    direction = cast(Direction, section.direction or session.direction or "sendrecv")
    if ip_address(address).is_unspecified:
        direction = _held(direction)
    listed = [
        Codec(payload, *(section.codecs.get(payload) or STATIC.get(payload) or ("", 0)))
        for payload in _payload_types(stream.formats)
    ]
    events = (c.payload_type for c in listed if (c.name, c.rate) == ("TELEPHONE-EVENT", 8000))
    return Audio(
        address,
        stream.port,
        tuple(c for c in listed if c.name not in ("", "TELEPHONE-EVENT", "CN")),
        next(events, None),
        min(section.ptime or session.ptime or USUAL_PTIME, section.longest or LONGEST_PTIME),
        direction,
        stream.protocol == SECURE,
        tuple(section.cryptos),
        section.mux,
        section.rtcp_port,
    )


def _held(direction: Direction) -> Direction:
    """An address of zeros is how RFC 2543 holds: nothing may be sent there (RFC 3264 §8.4)."""
    return "sendonly" if direction in ("sendrecv", "sendonly") else "inactive"


def _payload_types(formats: tuple[str, ...]) -> list[int]:
    return [
        int(text)
        for text in formats
        if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) < 128
    ]


def _parse_connection(value: str | None) -> str:
    """Read `IN IP4 192.0.2.1`; a name, or a multicast group, is of no use to us."""
    words = (value or "").split()
    if len(words) != 3 or words[0].upper() != "IN":
        raise Malformed(f"connection {value!r:.80}")
    try:
        address = ip_address(words[2].partition("/")[0])
    except ValueError:
        raise Malformed(f"connection {value!r:.80}: no IP address", 488) from None
    if address.is_multicast or getattr(address, "scope_id", None):
        raise Malformed(f"connection {value!r:.80}: not one host", 488)
    return str(address)
