"""What stands in for voice that never came: its last period, said again and again, fading.

Voice is nearly periodic for some tens of milliseconds, so the piece that is most like the
end of what was heard tells how it would have gone on (the idea of ITU-T G.711 Appendix I).
Where voice comes again it is faded in over the filling, so that there is no click.
"""

import warnings

from media.commands import Law
from media.g711 import FRAME, decode, encode

with warnings.catch_warnings():
    # Deprecated in 3.11 and 3.12; from 3.13 on it comes from audioop-lts.
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

SHORTEST, LONGEST = 40, 160
"""Samples of a period: 200 to 50 Hz. A higher voice is found by two or three of its periods."""
ALIKE = 80
"""Samples that are compared."""
STEP = 40
"""Samples, 5 ms, between two degrees of fading."""
FALL = 0.06
"""How much quieter the filling gets in each step."""
SEAM = 5
"""Samples between two degrees of fading in, and their number is `STEP // SEAM`."""


class Filling:
    """The filling of one gap."""

    __slots__ = ("_at", "_law", "_level", "_period")

    def __init__(self, law: Law, past: bytes) -> None:
        """`past`: 40 ms of what was heard last, in its law."""
        self._law = law
        pcm = decode(past, law)
        self._period = pcm[-2 * _period(pcm) :]
        self._at = 0  # octets said so far
        self._level = 1.0

    def frame(self) -> bytes:
        """Return the next 20 ms."""
        said = self._next(FRAME)
        pieces = []
        for at in range(0, 2 * FRAME, 2 * STEP):
            pieces.append(audioop.mul(said[at : at + 2 * STEP], 2, self._level))
            self._level = max(0.0, self._level - FALL)
        return encode(b"".join(pieces), self._law)

    def joined(self, frame: bytes) -> bytes:
        """Return the frame that ends the gap, faded in over the filling."""
        filling = audioop.mul(self._next(STEP), 2, self._level)
        came = decode(frame[:STEP], self._law)
        pieces = []
        for at in range(0, 2 * STEP, 2 * SEAM):
            share = (at + SEAM) / (2 * STEP)
            new = audioop.mul(came[at : at + 2 * SEAM], 2, share)
            old = audioop.mul(filling[at : at + 2 * SEAM], 2, 1 - share)
            pieces.append(audioop.add(new, old, 2))
        return encode(b"".join(pieces), self._law) + frame[STEP:]

    def _next(self, samples: int) -> bytes:
        period, at = self._period, self._at % len(self._period)
        self._at += 2 * samples
        said = period[at:] + period * (2 * samples // len(period) + 1)
        return said[: 2 * samples]


def _period(pcm: bytes) -> int:
    """Return after how many samples what was heard last is most like what came before it."""
    end = pcm[-2 * ALIKE :]
    coarse = max(range(SHORTEST, LONGEST + 1, 2), key=lambda lag: _likeness(pcm, end, lag))
    return max((coarse - 1, coarse, coarse + 1), key=lambda lag: _likeness(pcm, end, lag))


def _likeness(pcm: bytes, end: bytes, lag: int) -> float:
    """Return how like the end is to what came `lag` samples before, however loud: -1 to 1."""
    before = pcm[-2 * (ALIKE + lag) : -2 * lag]
    loudness = audioop.rms(before, 2)
    if not loudness:
        return 0.0
    return float(audioop.findfactor(end, before)) * loudness / max(1, audioop.rms(end, 2))
