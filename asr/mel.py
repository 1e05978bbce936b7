"""The picture of sound that Whisper looks at: loudness by mel band, a hundred times a second.

Whisper wants 16 kHz, a window of 25 ms and a step of 10 ms. Telephone sound has nothing above
4 kHz, so the same picture is made of 8 kHz as it is: the bins are the same 40 Hz apart, and
the bands above are as empty as they would be after resampling.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from asr.recogniser import RATE

WINDOW, STEP = RATE // 40, RATE // 100
"""Samples: 25 ms and 10 ms."""
TOP = 8000.0
"""Hz: half of Whisper's own rate, where its highest band ends."""
DEPTH = 8.0
"""Powers of ten below the loudest band that still are seen."""
FULL = 32768.0

Picture = NDArray[np.float32]


def picture(pcm: bytes, bands: int, seconds: float) -> Picture:
    """Return `bands` × 100 a second of PCM16 at 8 kHz, with silence behind it up to `seconds`."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float64) / FULL
    samples = np.pad(samples, (0, max(WINDOW, round(seconds * RATE) - len(samples))))
    frames = round(seconds * RATE) // STEP
    edged = np.pad(samples, WINDOW // 2, mode="reflect")
    cut = np.lib.stride_tricks.sliding_window_view(edged, WINDOW)[::STEP][:frames]
    bins = np.fft.rfft(cut * np.hanning(WINDOW + 1)[:-1], axis=1)
    power = 4 * np.abs(bins) ** 2  # a window of 16 kHz has twice the samples
    loud = np.log10(np.maximum(_bands(bands) @ power.T, 1e-10))
    loud = np.maximum(loud, loud.max() - DEPTH)
    return np.ascontiguousarray((loud + 4.0) / 4.0, dtype=np.float32)


@cache
def _bands(count: int) -> NDArray[np.float64]:
    """Return what each band takes of each bin: triangles of equal area (Slaney's mel scale)."""
    bins = np.arange(WINDOW // 2 + 1) * RATE / WINDOW
    edges = _hertz(np.linspace(0.0, _mel(TOP), count + 2))
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (bins - low) / (middle - low), (high - bins) / (high - middle)
    weights: NDArray[np.float64] = np.maximum(0.0, np.minimum(rising, falling)) * 2 / (high - low)
    return weights


KNEE, KNEE_MEL, HERTZ_A_MEL = 1000.0, 15.0, 200.0 / 3.0
"""Below the knee the scale is straight, above it each step is one and the same ratio."""
RATIO = np.log(6.4) / 27.0


def _mel(hertz: float) -> float:
    """Return a frequency above the knee in mel."""
    return KNEE_MEL + float(np.log(hertz / KNEE)) / float(RATIO)


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    above = KNEE * np.exp(RATIO * (mel - KNEE_MEL))
    scale: NDArray[np.float64] = np.where(mel < KNEE_MEL, mel * HERTZ_A_MEL, above)
    return scale
