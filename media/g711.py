"""G.711: samples as one octet each, A-law (PCMA) or mu-law (PCMU), at 8 kHz.

Everything that the hot loop needs is a table of 256 octets for `bytes.translate`,
which takes about a nanosecond a sample.
"""

import warnings
from collections.abc import Sequence
from functools import reduce

from media.commands import Law

with warnings.catch_warnings():
    # Deprecated in 3.11 and 3.12; from 3.13 on it comes from audioop-lts.
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

RATE = 8000
"""Samples a second."""
FRAME = 160
"""Samples in 20 ms, and octets of a G.711 frame."""
PAYLOAD_TYPES: dict[Law, int] = {"PCMU": 0, "PCMA": 8}  # RFC 3551 §6

_EVERY = bytes(range(256))


def encode(pcm: bytes, codec: Law) -> bytes:
    """Return PCM16 (little-endian) as G.711."""
    return audioop.lin2alaw(pcm, 2) if codec == "PCMA" else audioop.lin2ulaw(pcm, 2)


def decode(payload: bytes, codec: Law) -> bytes:
    """Return G.711 as PCM16 (little-endian)."""
    return audioop.alaw2lin(payload, 2) if codec == "PCMA" else audioop.ulaw2lin(payload, 2)


def loudness(payload: bytes, codec: Law) -> int:
    """Return the root mean square of a frame, 0 to 32767."""
    return audioop.rms(decode(payload, codec), 2)


def power(pcm: bytes) -> float:
    """Return the mean square of PCM16."""
    return float(audioop.rms(pcm, 2)) ** 2


def likeness(pcm: bytes, wave: bytes) -> float:
    """Return how much of a wave is in PCM16 of the same length: sum(pcm*wave)/sum(wave*wave)."""
    return audioop.findfactor(pcm, wave)


def added(voices: Sequence[bytes]) -> bytes:
    """Return the sum of PCM16 of one length, clipped."""
    return reduce(lambda one, other: audioop.add(one, other, 2), voices)


def _translation(source: Law, target: Law) -> bytes:
    return encode(decode(_EVERY, source), target)


TRANSLATE: dict[tuple[Law, Law], bytes] = {
    ("PCMA", "PCMU"): _translation("PCMA", "PCMU"),
    ("PCMU", "PCMA"): _translation("PCMU", "PCMA"),
}
"""From one law to the other, sample by sample."""

SILENCE: dict[Law, bytes] = {"PCMA": b"\xd5" * FRAME, "PCMU": b"\xff" * FRAME}
"""20 ms of nothing."""

LOW: dict[Law, bytes] = {c: decode(_EVERY, c)[0::2] for c in PAYLOAD_TYPES}
HIGH: dict[Law, bytes] = {c: decode(_EVERY, c)[1::2] for c in PAYLOAD_TYPES}
"""The low and the high octet of each sample as PCM16: how recordings are decoded."""


def frames(pcm: bytes, codec: Law) -> list[bytes]:
    """Cut PCM16 into encoded frames of 20 ms; the last is filled up with silence."""
    cut = [encode(pcm[at : at + 2 * FRAME], codec) for at in range(0, len(pcm) & ~1, 2 * FRAME)]
    if cut:
        cut[-1] += SILENCE[codec][len(cut[-1]) :]
    return cut
