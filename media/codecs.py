"""The codecs that legs speak, and how one becomes another.

All of them have 160 octets in 20 ms and a clock of 8000 Hz (RFC 3551 §4.5), so packets are
counted, ordered, put by and relayed alike whatever is in them.
"""

from collections.abc import Callable, Mapping
from functools import partial
from operator import methodcaller

from media import g711, g722
from media.commands import CodecName, Law
from media.resampling import resampled

PAYLOAD_TYPES: Mapping[CodecName, int] = {"PCMU": 0, "PCMA": 8, "G722": 9}  # RFC 3551 §6
SILENCE: Mapping[CodecName, bytes] = {
    "PCMA": g711.SILENCE["PCMA"],
    "PCMU": g711.SILENCE["PCMU"],
    "G722": g722.SILENCE,
}
"""20 ms of nothing."""

Transcoder = Callable[[bytes], bytes]
"""Turns payloads of one stream, in the order they come."""


def law_of(codec: CodecName) -> Law:
    """Return what is heard of a leg is kept in: its own law, A-law for G.722."""
    return "PCMU" if codec == "PCMU" else "PCMA"


def transcoder(source: CodecName, target: CodecName) -> Transcoder | None:
    """Return what turns a stream of one codec into another; None if nothing need be done."""
    if source == target:
        return None
    if source == "G722":
        return partial(_narrowed, g722.Decoder(), law_of(target))
    if target == "G722":
        return partial(_widened, g722.Encoder(), law_of(source))
    return methodcaller("translate", g711.TRANSLATE[source, target])


def _narrowed(decoder: g722.Decoder, law: Law, payload: bytes) -> bytes:
    return g711.encode(decoder.decode(payload), law)


def _widened(encoder: g722.Encoder, law: Law, payload: bytes) -> bytes:
    return encoder.encode(g711.decode(payload, law))


def frames(pcm: bytes, codec: CodecName, rate: int = g711.RATE) -> list[bytes]:
    """Cut PCM16 into encoded frames of 20 ms; the last is filled up with silence."""
    if codec != "G722":
        return g711.frames(resampled(pcm, rate, g711.RATE), codec)
    width = g722.WIDE if rate >= g722.WIDE else g722.NARROW
    octets = g722.Encoder(width).encode(resampled(pcm[: len(pcm) & ~1], rate, width))
    cut = [octets[at : at + g711.FRAME] for at in range(0, len(octets), g711.FRAME)]
    if cut:
        cut[-1] += g722.SILENCE[len(cut[-1]) :]
    return cut
