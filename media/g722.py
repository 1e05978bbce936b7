"""G.722 at 64 kbit/s: an octet is two samples of 16 kHz, or one of the lower half at 8 kHz.

So 20 ms are 160 octets, as in G.711, and the RTP clock says 8000 although the sound is
sampled at 16000 (RFC 3551 §4.5.2). Unlike G.711 it has memory: who decodes or encodes a
stream keeps one `Decoder` or `Encoder` for it. This is the only file that imports G722.
"""

from array import array
from collections.abc import Sequence

from G722 import G722

from media import g711
from media.commands import Law
from media.concealing import Filling

LAW: Law = "PCMA"
"""What a stream becomes once it is decoded, on its way to recordings, mixes and words."""
BITS = 64000
NARROW, WIDE = 8000, 16000
SILENCE = b"\xff" * g711.FRAME
"""20 ms of next to nothing, whatever the decoder's memory is."""
LOST = b""
"""What a jitter buffer gives for a lost frame that is to be filled; `Decoder.frame` fills it."""


class Encoder:
    """Codes one stream."""

    __slots__ = ("_codec", "rate")

    def __init__(self, rate: int = NARROW) -> None:
        self.rate = rate
        """Samples a second of what it is given: 8000 or 16000."""
        self._codec = G722(rate, BITS)

    def encode(self, pcm: bytes) -> bytes:
        """Return PCM16 (in the machine's order) as G.722."""
        return bytes(self._codec.encode(array("h", pcm)))


class Decoder:
    """Reads one stream, the lower half of its band: what a telephone carries."""

    __slots__ = ("_before", "_codec", "_filling", "_last")

    def __init__(self) -> None:
        self._codec = G722(NARROW, BITS)
        self._before = self._last = g711.SILENCE[LAW]
        self._filling: Filling | None = None

    def decode(self, payload: bytes) -> bytes:
        """Return a payload as PCM16 at 8 kHz."""
        return bytes(self._codec.decode(payload))

    def frame(self, frame: bytes) -> bytes:
        """Return what a jitter buffer gave as 20 ms of `LAW`."""
        if frame == LOST:
            if self._filling is None:
                self._filling = Filling(LAW, self._before + self._last)
            return self._filling.frame()
        silent = frame == SILENCE
        heard = g711.SILENCE[LAW] if silent else g711.encode(self.decode(frame), LAW)
        self._before, self._last = self._last, heard
        filling, self._filling = self._filling, None
        return heard if filling is None else filling.joined(heard)

    def row(self, frames: Sequence[bytes]) -> list[bytes]:
        """Return many such frames."""
        return [self.frame(frame) for frame in frames]
