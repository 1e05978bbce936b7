"""The tones of the house: the beep before a caller speaks, the music of those who wait, ringing.

All are computed, so nobody else holds rights in them. 8 kHz, full scale is 1.0.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np  # type: ignore[import-not-found,unused-ignore]
from numpy.typing import NDArray  # type: ignore[import-not-found,unused-ignore]

Sound: TypeAlias = NDArray[np.float64]
RATE = 8_000


def beep() -> Sound:
    """The tone after which a caller speaks: 0.4 s of 1000 Hz at -18 dBFS RMS, with soft edges."""
    t = np.arange(round(0.4 * RATE)) / RATE
    edge = np.clip(np.minimum(t, 0.4 - t) / 0.02, 0, 1)
    soft = np.sin(edge * np.pi / 2) ** 2
    return np.asarray(10 ** (-18 / 20) * np.sqrt(2) * soft * np.sin(2 * np.pi * 1000 * t))


def ring_back() -> Sound:
    """What callers hear while a telephone rings, in China: 450 Hz for 1 s, then 4 s of silence."""
    t = np.arange(RATE) / RATE
    edge = np.clip(np.minimum(t, 1.0 - t) / 0.005, 0, 1)
    tone = 10 ** (-20 / 20) * np.sqrt(2) * edge * np.sin(2 * np.pi * 450 * t)
    return np.concatenate([tone, np.zeros(4 * RATE)])


def pause() -> Sound:
    """Silence between groups of figures: time to write four down."""
    return np.zeros(round(0.4 * RATE))


# Eight bars of four beats at 64 beats a minute: exactly 30 s. A chord is held under each bar and
# one soft note falls on each beat. Notes are MIDI numbers of the scale G A B D E; 0 is a rest.
CHORDS = [(55, 62, 67), (52, 59, 67), (57, 64, 69), (50, 62, 69)] * 2
NOTES = [
    (79, 0, 76, 74), (71, 0, 74, 0), (76, 74, 71, 0), (69, 0, 71, 74),
    (83, 0, 79, 76), (79, 0, 76, 0), (74, 76, 79, 0), (74, 0, 71, 0),
]  # fmt: skip


def music() -> Sound:
    """A calm tune of our own, 30 s, whose end runs into its beginning; -26 dBFS RMS."""
    bar, beat = 3.75, 3.75 / 4
    loop = np.zeros(round(len(CHORDS) * bar * RATE))
    for number, (chord, notes) in enumerate(zip(CHORDS, NOTES, strict=True)):
        for pitch in chord:
            ring(loop, number * bar, pitch, 0.10, attack=0.9, decay=2.2)
        for step, pitch in enumerate(notes):
            if pitch:
                ring(loop, number * bar + step * beat, pitch, 0.20, attack=0.02, decay=0.7)
    return np.asarray(loop * 10 ** (-26 / 20) / np.sqrt(np.mean(loop**2)))


def ring(
    loop: Sound, start: float, pitch: int, loudness: float, *, attack: float, decay: float
) -> None:
    """Add one note with three soft partials to the loop; what outlasts its end wraps round."""
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    t = np.arange(round((attack + 6 * decay) * RATE)) / RATE
    swell = np.sin(np.clip(t / attack, 0, 1) * np.pi / 2) ** 2 * np.exp(
        -np.maximum(t - attack, 0) / decay
    )
    tone = sum(w * np.sin(2 * np.pi * hertz * k * t) for k, w in ((1, 1.0), (2, 0.25), (3, 0.08)))
    places = (round(start * RATE) + np.arange(len(t))) % len(loop)
    np.add.at(loop, places, loudness * swell * tone)
