"""Session descriptions, and the answer to an offer (RFC 8866, RFC 3264, RFC 4733).

One audio stream over plain RTP is what we speak; each other stream that is
offered is refused with port 0 in the answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal, cast

from sip.grammar import PORT_LIMIT, Malformed

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
_PAYLOADS = {name: payload for payload, (name, _) in STATIC.items()}

CONTENT_TYPE = "application/sdp"
EVENT_PAYLOAD = 101
"""The payload type that our offers give to telephone-event."""
USUAL_PTIME = 20
"""Milliseconds of audio in a packet of ours, and of theirs where they do not say."""
BODY_LIMIT = 16384
LINES_LIMIT = 500
STREAMS_LIMIT = 32
_RTPMAP = re.compile(r"([0-9]{1,3})[ \t]+([A-Za-z0-9_.+\-]+)/([0-9]{1,6})(?:/([0-9]{1,2}))?[ \t]*")
_MEDIA = re.compile(
    r"([A-Za-z0-9_.+\-]+) +([0-9]{1,5})(?:/[0-9]+)? +([A-Za-z0-9/_.+\-]+)((?: +[!-~]+)*+) *"
)
_ORIGIN = re.compile(r"([^ ]+) ([^ ]+) ([^ ]+) IN IP[46] ([^ ]+)")
_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_OUR_DIRECTION: dict[tuple[bool, bool], Direction] = {
    (True, True): "sendrecv",
    (True, False): "sendonly",
    (False, True): "recvonly",
    (False, False): "inactive",
}
"""By whether we send, and whether we receive."""


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

    audio: Audio | None
    """The first stream that we can speak; None if there is none."""
    origin: Origin | None = None
    streams: tuple[Stream, ...] = ()
    chosen: int | None = None
    """The place of `audio` among the streams."""
    timing: str = "0 0"


class NotAcceptable(Exception):
    """No audio that both sides speak: 488, with a Warning that says what we do speak."""

    def __init__(self, ours: Sequence[str], code: int = 305) -> None:
        self.ours = tuple(ours)
        self.code = code
        """305: no codec in common. 304: no stream that we could take at all."""
        self.text = "Incompatible media format" if code == 305 else "Media type not available"
        super().__init__(f"{self.text}; we speak {', '.join(self.ours)}")

    def warning(self, host: str) -> str:
        """Return the Warning header value (RFC 3261 §20.43)."""
        return f'{self.code} {host} "{self}"'


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the media worker must know: how to speak, where to, and who may."""

    codec: Codec
    event_payload: int | None
    address: str
    port: int
    sends: bool
    """Whether we may send."""
    receives: bool
    """Whether the peer will."""


@dataclass(slots=True)
class _Section:
    """The lines of the session, or of one stream."""

    stream: Stream | None = None
    connection: str | None = None
    direction: str | None = None
    ptime: int | None = None
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
    chosen = next((i for i, stream in enumerate(streams) if _speakable(stream)), None)
    if chosen is None:
        return SessionDescription(None, origin, streams, None, timing)
    audio = _audio(session, sections[chosen], streams[chosen])
    return SessionDescription(audio, origin, streams, chosen, timing)


def _speakable(stream: Stream) -> bool:
    return stream.kind == "audio" and stream.port > 0 and stream.protocol == "RTP/AVP"


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
    elif name == "ptime":
        section.ptime = _parse_ptime(rest)
    elif name == "rtpmap":
        match = _RTPMAP.fullmatch(rest)
        if match is not None and match[4] in (None, "1"):
            section.codecs[int(match[1])] = (match[2].upper(), int(match[3]))
        elif match is not None:
            section.codecs[int(match[1])] = ("", 0)  # several channels


def _parse_ptime(text: str) -> int:
    digits = text.strip().partition(".")[0]
    if digits.isascii() and digits.isdigit() and len(digits) <= 4 and 10 <= int(digits) <= 200:
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
        section.ptime or session.ptime or USUAL_PTIME,
        direction,
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


def agree(offer: SessionDescription, codecs: Sequence[str]) -> Agreed:
    """Choose the first of the offer's codecs that is ours; raise NotAcceptable."""
    if offer.audio is None:
        raise NotAcceptable(codecs, 304)
    ours = {name.upper() for name in codecs}
    audio = offer.audio
    codec = next((c for c in audio.codecs if c.name in ours and c.rate == 8000), None)
    if codec is None:
        raise NotAcceptable(codecs)
    return Agreed(
        codec,
        audio.event_payload,
        audio.address,
        audio.port,
        sends=audio.direction in ("sendrecv", "recvonly"),
        receives=audio.direction in ("sendrecv", "sendonly"),
    )


def agreed_by_answer(
    answer: SessionDescription, codecs: Sequence[str] = ("PCMA", "PCMU")
) -> Agreed:
    """Return what an answer to our offer of `codecs` settles; raise NotAcceptable.

    Of several codecs in the answer the first counts (RFC 3264 §6.1).
    """
    return agree(answer, codecs)


def answer(
    offer: SessionDescription,
    agreed: Agreed,
    address: str,
    port: int,
    session: int,
    version: int,
) -> bytes:
    """Answer `offer` (RFC 3264 §6): our address, the agreed codec, its direction mirrored."""
    lines = _session_lines(address, session, version, offer.timing)
    for index, stream in enumerate(offer.streams):
        if index == offer.chosen:
            direction = _OUR_DIRECTION[agreed.sends, agreed.receives]
            lines += _audio_lines(port, [agreed.codec], agreed.event_payload, direction)
        else:
            formats = " ".join(stream.formats) or "0"
            lines.append(f"m={stream.kind} 0 {stream.protocol} {formats}")
    return _written(lines)


def offer(address: str, port: int, codecs: Sequence[str], session: int, version: int) -> bytes:
    """Offer one stream of audio, `codecs` in order of preference, and keys."""
    chosen = [Codec(_PAYLOADS[name], *STATIC[_PAYLOADS[name]]) for name in codecs]
    lines = _session_lines(address, session, version, "0 0")
    return _written(lines + _audio_lines(port, chosen, EVENT_PAYLOAD, "sendrecv"))


def _session_lines(address: str, session: int, version: int, timing: str) -> list[str]:
    family = "IP6" if ":" in address else "IP4"
    return [
        "v=0",
        f"o=- {session} {version} IN {family} {address}",
        "s=-",
        f"c=IN {family} {address}",
        f"t={timing}",
    ]


def _audio_lines(
    port: int, codecs: list[Codec], event_payload: int | None, direction: Direction
) -> list[str]:
    formats = [codec.payload_type for codec in codecs]
    maps = [f"a=rtpmap:{c.payload_type} {c.name}/{c.rate}" for c in codecs]
    if event_payload is not None:
        formats.append(event_payload)
        maps.append(f"a=rtpmap:{event_payload} telephone-event/8000")
        maps.append(f"a=fmtp:{event_payload} 0-15")
    return [
        f"m=audio {port} RTP/AVP {' '.join(map(str, formats))}",
        *maps,
        f"a=ptime:{USUAL_PTIME}",
        f"a={direction}",
    ]


def _written(lines: list[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()
