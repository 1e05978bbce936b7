"""Keys as tones in the voice (ITU-T Q.23, Q.24), for trunks that send no telephone-events.

Goertzel's sums, taken by correlation: two windows of 20 ms in each frame, 10 ms apart. A key
is two tones, one of each group, that are nearly all there is to hear (so speech is none), in
three windows running, which a tone of 40 ms always fills by more than half and one of 23 ms
never does.
"""

import math
import struct
from collections.abc import Sequence

from media import g711

LOW_GROUP, HIGH_GROUP = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
KEYS = ("123A", "456B", "789C", "*0#D")
HOP = 160
"""Octets of PCM16 between windows: 10 ms."""
WINDOW = 320
"""Octets of a window: 20 ms."""
SOFTEST = 200.0
"""Amplitude of a tone that counts, of 32767 (-44 dBov)."""
PURE = 0.6
"""Share of a window's power that the two tones must have; mistuned by 1.5 % they have it still."""
TWIST = 2.8
"""How many times louder one tone may be than the other (9 dB)."""
ALONE = 2.0
"""How many times louder a tone must be than the next of its group."""
HEARD, GONE = 3, 3
"""Windows that make a key, and windows without it that end it (Q.24: pauses of 40 ms count)."""

_LOUD = 16000


def _wave(hertz: int, phase: float) -> bytes:
    turn = 2 * math.pi * hertz / g711.RATE
    return struct.pack("<160h", *(round(_LOUD * math.cos(turn * n + phase)) for n in range(160)))


_WAVES = {hertz: (_wave(hertz, 0.0), _wave(hertz, math.pi / 2)) for hertz in LOW_GROUP + HIGH_GROUP}


def key_in(window: bytes) -> str | None:
    """Return the key whose tones make up 20 ms of PCM16, if any."""
    power = g711.power(window)
    if power < SOFTEST**2:
        return None
    low, soft = _loudest(window, LOW_GROUP)
    high, shrill = _loudest(window, HIGH_GROUP)
    if low is None or high is None or not 1 / TWIST <= soft / shrill <= TWIST:
        return None
    if soft**2 + shrill**2 < PURE * 2 * power:
        return None
    return KEYS[low][high]


def _loudest(window: bytes, group: Sequence[int]) -> tuple[int | None, float]:
    """Return which tone of a group stands out, and its amplitude."""
    loudness = [
        _LOUD * math.hypot(*(g711.likeness(window, wave) for wave in _WAVES[hertz]))
        for hertz in group
    ]
    second, first = sorted(loudness)[-2:]
    if first < SOFTEST or first < ALONE * second:
        return None, first
    return loudness.index(first), first


class ToneKeys:
    """Hears 20 ms at a time; tells each press once."""

    __slots__ = ("_before", "_missed", "_pressed", "_runs", "_seen")

    def __init__(self) -> None:
        self._before = bytes(WINDOW)
        self._seen: str | None = None  # in the window before
        self._runs = 0
        self._pressed: str | None = None  # told, and not released
        self._missed = 0

    def hear(self, pcm: bytes) -> str | None:
        """Take a frame of PCM16; return a key that is pressed now and was not told."""
        sound = self._before[HOP:] + pcm
        self._before = pcm
        found = [self._look(key_in(sound[at : at + WINDOW])) for at in (0, HOP)]
        return found[0] or found[1]

    def _look(self, key: str | None) -> str | None:
        self._runs = self._runs + 1 if key == self._seen else 1
        self._seen = key
        if self._pressed is not None:
            self._missed = 0 if key == self._pressed else self._missed + 1
            if self._missed >= GONE:
                self._pressed = None
        if key is None or key == self._pressed or self._runs < HEARD:
            return None
        self._pressed, self._missed = key, 0
        return key
