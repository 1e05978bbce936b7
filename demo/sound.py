"""Comparing sounds: did this party hear what that one said?

By loudness in 20 ms frames, so that neither the codec nor a few lost packets
matter; PCM is 16-bit mono at 8 kHz.
"""

import audioop
import math
import statistics
import wave
from pathlib import Path

FRAME = 320  # octets of 20 ms
QUIET = 100  # RMS below which a frame counts as silence


def read(path: Path) -> bytes:
    """Return a clip's PCM; raise ValueError unless it is 8 kHz mono PCM16."""
    with wave.open(str(path), "rb") as file:
        form = (file.getframerate(), file.getnchannels(), file.getsampwidth())
        if form != (8000, 1, 2):
            raise ValueError(f"{path}: need 8 kHz mono PCM16, got {form}")
        return file.readframes(file.getnframes())


def channel(path: Path, which: int) -> bytes:
    """Return one channel of a stereo recording: 0 is left, 1 is right."""
    with wave.open(str(path), "rb") as file:
        stereo = file.readframes(file.getnframes())
    return audioop.tomono(stereo, 2, 1.0 - which, float(which))


def loudness(pcm: bytes) -> list[float]:
    """Return the RMS of each 20 ms."""
    whole = len(pcm) - len(pcm) % FRAME
    return [float(audioop.rms(pcm[at : at + FRAME], 2)) for at in range(0, whole, FRAME)]


def seconds_of_sound(pcm: bytes, quiet: int = QUIET) -> float:
    """Return how long it was louder than `quiet`, an RMS."""
    return sum(level > quiet for level in loudness(pcm)) * 0.02


def likeness(said: bytes, heard: bytes) -> float:
    """Return how alike the loudness of `said` is to its best place in `heard`: 1 is the same.

    0 when there was nothing to compare.
    """
    pattern, whole = loudness(said), loudness(heard)
    if len(whole) < len(pattern) or not pattern:
        return 0.0
    places = range(len(whole) - len(pattern) + 1)
    return max(_correlation(pattern, whole[at : at + len(pattern)]) for at in places)


def heard_of(said: bytes, heard: bytes, window: float = 2.0) -> float:
    """Return how well `said` was heard: the median likeness of its stretches of `window` seconds.

    A stretch that a busy machine tore apart costs no more than itself.
    """
    size = int(window * 16000)
    stretches = [said[at : at + size] for at in range(0, max(1, len(said) - size + 1), size)]
    return statistics.median(likeness(stretch, heard) for stretch in stretches)


def _correlation(one: list[float], other: list[float]) -> float:
    mean_one, mean_other = sum(one) / len(one), sum(other) / len(other)
    pairs = [(a - mean_one, b - mean_other) for a, b in zip(one, other, strict=True)]
    scale = math.sqrt(sum(a * a for a, _ in pairs) * sum(b * b for _, b in pairs))
    return sum(a * b for a, b in pairs) / scale if scale else 0.0
