"""How a recording sounds, measured: what a person who listened to each would hear at once."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, log10

with warnings.catch_warnings():
    # Deprecated in 3.11 and 3.12; from 3.13 on it comes from audioop-lts.
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

WIDTH = 2
"""Octets of one sample."""
FULL = 32768
CLIPPED = 8
"""Samples in a row at the very end of the scale: not a peak, but a peak cut off."""
SILENT = -50.0
"""dB below full scale that nothing in a silent recording is louder than."""
FAINT = 0.01
"""Of its own loudest sample: what is less, at either end, counts as silence there."""
SLICES = 100
"""A second; silence at the ends is measured in these."""


@dataclass(frozen=True, slots=True)
class Sounding:
    """What was measured of one recording."""

    seconds: float
    level: float
    """dB below full scale, as root mean square."""
    peak: float
    """dB below full scale, of its loudest sample; minus infinity for mere zeros."""
    clipped: bool
    before: float
    """Seconds of silence at the beginning."""
    after: float
    """Seconds of silence at the end."""


def peak_of(pcm: bytes) -> float:
    """Return the loudest sample, in dB below full scale."""
    return _decibels(audioop.max(pcm, WIDTH))


def measured(pcm: bytes, rate: int) -> Sounding:
    """Measure PCM of 16 bits in one channel."""
    high, low = b"\xff\x7f" * CLIPPED, b"\x00\x80" * CLIPPED
    loudest, size = audioop.max(pcm, WIDTH), rate // SLICES * WIDTH
    begins = range(0, len(pcm) - size + 1, size)
    floor = loudest * FAINT
    return Sounding(
        len(pcm) / WIDTH / rate,
        _decibels(audioop.rms(pcm, WIDTH)),
        _decibels(loudest),
        high in pcm or low in pcm,
        _quiet((pcm[at : at + size] for at in begins), floor) / SLICES,
        _quiet((pcm[at : at + size] for at in reversed(begins)), floor) / SLICES,
    )


def _quiet(slices: Iterable[bytes], floor: float) -> int:
    """Count the slices before the first that is louder."""
    count = 0
    for one in slices:
        if audioop.max(one, WIDTH) > floor:
            break
        count += 1
    return count


def _decibels(amplitude: float) -> float:
    return 20 * log10(amplitude / FULL) if amplitude else -inf
