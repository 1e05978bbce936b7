"""What we offer, and the answer to an offer (RFC 3264, RFC 4733, RFC 4568, RFC 5761).

One stream of audio is what we speak, over plain RTP or SRTP; each other stream that is
offered is refused with port 0 in the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sip import sdes
from sip.descriptions import (
    SECURE,
    STATIC,
    USUAL_PTIME,
    Audio,
    Codec,
    Direction,
    Origin,
    SessionDescription,
    Stream,
    parse,
)
from sip.sdes import PLAIN, Secret, Security

__all__ = [
    "CONTENT_TYPE",
    "PLAIN",
    "Agreed",
    "Audio",
    "Codec",
    "Layout",
    "NotAcceptable",
    "Origin",
    "Security",
    "SessionDescription",
    "Stream",
    "agree",
    "agreed_by_answer",
    "among",
    "answer",
    "offer",
    "parse",
]

CONTENT_TYPE = "application/sdp"
EVENT_PAYLOAD = 101
"""The payload type that our offers give to telephone-event."""
_PAYLOADS = {name: payload for payload, (name, _) in STATIC.items()}
_OUR_DIRECTION: dict[tuple[bool, bool], Direction] = {
    (True, True): "sendrecv",
    (True, False): "sendonly",
    (False, True): "recvonly",
    (False, False): "inactive",
}
"""By whether we send, and whether we receive."""
LONGEST_SENT = 60
"""Milliseconds of audio in a packet of ours at most."""

Layout = tuple[tuple[Stream, ...], int]
"""Every stream that a session has had, as the peer offered them, and which of them is the voice."""


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
    ptime: int = USUAL_PTIME
    """Milliseconds of audio in each of our packets: 10, 20 … 60, as the peer wishes."""
    stream: int = 0
    """The place of the stream in the peer's description."""
    secret: Secret | None = None
    """The keys of SRTP; None: plain RTP."""
    mux: bool = False
    """Reports go and come on the port of the voice."""
    rtcp_port: int | None = None
    """Where else they go than to the next port."""


def agree(offer: SessionDescription, codecs: Sequence[str], security: Security = PLAIN) -> Agreed:
    """Choose the first of the offer's codecs that is ours; raise NotAcceptable."""
    able = _able(offer, security)
    if not able:
        raise NotAcceptable(codecs, 304)
    ours = {name.upper() for name in codecs}
    for place, audio in able:
        codec = next((c for c in audio.codecs if c.name in ours and c.rate == 8000), None)
        if codec is not None:
            return _agreed(place, audio, codec, security)
    raise NotAcceptable(codecs)


def _able(offer: SessionDescription, security: Security) -> list[tuple[int, Audio]]:
    """Return the streams that the policy allows, the secure one first."""
    policy = security.policy
    secure = policy != "off" and security.key
    allowed = [
        (place, audio)
        for place, audio in offer.candidates
        if (secure and audio.cryptos if audio.secure else policy != "required")
    ]
    return sorted(allowed, key=lambda one: not one[1].secure)


def _agreed(place: int, audio: Audio, codec: Codec, security: Security) -> Agreed:
    secret = None
    if audio.secure:
        crypto = audio.cryptos[0]
        secret = Secret(crypto.tag, crypto.key, security.key)
    return Agreed(
        codec,
        audio.event_payload,
        audio.address,
        audio.port,
        sends=audio.direction in ("sendrecv", "recvonly"),
        receives=audio.direction in ("sendrecv", "sendonly"),
        ptime=min(audio.ptime // 10 * 10, LONGEST_SENT),
        stream=place,
        secret=secret,
        mux=audio.mux,
        rtcp_port=audio.rtcp_port,
    )


def agreed_by_answer(
    answer: SessionDescription,
    codecs: Sequence[str] = ("PCMA", "PCMU"),
    security: Security = PLAIN,
) -> Agreed:
    """Return what an answer to our offer of `codecs` settles; raise NotAcceptable.

    Of several codecs in the answer the first counts (RFC 3264 §6.1).
    """
    return agree(answer, codecs, security.as_offered)


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
        if index == agreed.stream:
            secret = agreed.secret
            direction = _OUR_DIRECTION[agreed.sends, agreed.receives]
            lines += _audio_lines(port, [agreed.codec], agreed.event_payload, secret is not None)
            lines += [sdes.line(secret.tag, secret.ours)] if secret else []
            lines += ["a=rtcp-mux"] if agreed.mux else []
            lines += [f"a=ptime:{agreed.ptime}", f"a={direction}"]
        else:
            lines.append(_refused(stream))
    return _written(lines)


def among(described: bytes, streams: Sequence[Stream], place: int) -> bytes:
    """Put the stream of an offer of ours in its place among others that were refused before.

    No stream is ever taken out of a session again (RFC 3264 §8).
    """
    head, mark, voice = described.partition(b"m=")
    lines = [
        mark + voice if index == place else _written([_refused(stream)])
        for index, stream in enumerate(streams)
    ]
    return b"".join([head, *lines])


def _refused(stream: Stream) -> str:
    formats = " ".join(stream.formats) or "0"
    return f"m={stream.kind} 0 {stream.protocol} {formats}"


def offer(
    address: str,
    port: int,
    codecs: Sequence[str],
    session: int,
    version: int,
    security: Security = PLAIN,
) -> bytes:
    """Offer one stream of audio, `codecs` in order of preference, and keys."""
    chosen = [Codec(_PAYLOADS[name], *STATIC[_PAYLOADS[name]]) for name in codecs]
    lines = _session_lines(address, session, version, "0 0")
    secure = security.policy == "required"
    lines += _audio_lines(port, chosen, EVENT_PAYLOAD, secure)
    lines += [sdes.line(1, security.key)] if secure else []
    return _written([*lines, "a=rtcp-mux", f"a=ptime:{USUAL_PTIME}", "a=sendrecv"])


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
    port: int, codecs: list[Codec], event_payload: int | None, secure: bool
) -> list[str]:
    formats = [codec.payload_type for codec in codecs]
    maps = [f"a=rtpmap:{c.payload_type} {c.name}/{c.rate}" for c in codecs]
    if event_payload is not None:
        formats.append(event_payload)
        maps.append(f"a=rtpmap:{event_payload} telephone-event/8000")
        maps.append(f"a=fmtp:{event_payload} 0-15")
    return [
        f"m=audio {port} {SECURE if secure else 'RTP/AVP'} {' '.join(map(str, formats))}",
        *maps,
    ]


def _written(lines: list[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()
