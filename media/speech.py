"""Whether a leg speaks: energy against a floor that follows the background.

The floor is the least smoothed loudness of the last 3 to 6 s, so a steady noise stops
counting as speech, and the pauses of speech keep the floor from rising with it.
"""

from media.playout import PTIME

QUIETEST, LOUDEST = 50.0, 1500.0
"""Bounds of the floor, root mean square of 16-bit samples (-56 and -27 dBov)."""
ONSET, OFFSET = 3.2, 2.0
"""How many times louder than the floor speech begins (10 dB) and goes on (6 dB)."""
HALF_WINDOW = 150
"""Frames: the floor is the least of this stretch and the one before it."""
BEGIN = 5
"""Frames of 20 ms, a click being shorter: loud ones count one up, quiet ones two down."""


class SpeechDetector:
    """Hears one frame every 20 ms; says when speech starts and when it has stopped."""

    __slots__ = ("_before", "_frames", "_least", "_quiet", "_score", "_silence", "_smooth", "on")

    def __init__(self, silence: float) -> None:
        self._silence = max(1, round(silence / PTIME))
        self.on = False
        self._quiet = self._score = self._frames = 0
        self._smooth = 0.0
        self._least = LOUDEST
        self._before = QUIETEST

    @property
    def floor(self) -> float:
        """The background's loudness."""
        return max(QUIETEST, min(self._before, self._least))

    def hear(self, loudness: float) -> bool | None:
        """Take a frame's loudness; return True when speech started, False when it stopped."""
        self._smooth += (loudness - self._smooth) / 3
        self._follow()
        if self.on:
            return self._hear_speech(loudness)
        loud = loudness > self.floor * ONSET
        self._score = self._score + 1 if loud else max(0, self._score - 2)
        if self._score < BEGIN:
            return None
        self.on, self._quiet = True, 0
        return True

    def _hear_speech(self, loudness: float) -> bool | None:
        self._quiet = 0 if loudness > self.floor * OFFSET else self._quiet + 1
        if self._quiet < self._silence:
            return None
        self.on, self._score = False, 0
        return False

    def _follow(self) -> None:
        self._frames += 1
        self._least = min(self._least, self._smooth)
        if self._frames >= HALF_WINDOW:
            self._before, self._least, self._frames = self._least, LOUDEST, 0
