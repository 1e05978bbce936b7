"""Sound that waits for its recogniser: bounded, and honest about what it lost."""

from dataclasses import dataclass

from asr.recogniser import RATE, SAMPLE


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of sound, and where it begins in the recording, in seconds."""

    at: float
    pcm: bytes


class Backlog:
    """One stream's sound in order, not yet recognised.

    When more than `limit` seconds wait, the oldest goes: what is being said now is worth
    more than what the recording can give later. Times stay true across the hole.
    """

    def __init__(self, limit: float, offset: float) -> None:
        self._limit = int(limit * RATE) * SAMPLE
        self._offset = offset
        self._waiting = bytearray()
        self._gone = 0
        """Bytes that left at the front, taken or dropped."""
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def seconds(self) -> float:
        """Sound that waits."""
        return len(self._waiting) / (RATE * SAMPLE)

    @property
    def dropped(self) -> float:
        """Seconds of sound lost so far."""
        return self._dropped / (RATE * SAMPLE)

    def add(self, pcm: bytes) -> None:
        """Take the next sound; the oldest goes if too much waits."""
        self._waiting += pcm
        self._keep(self._limit)

    def keep(self, seconds: float) -> None:
        """Drop the oldest so that no more than `seconds` wait."""
        self._keep(int(seconds * RATE) * SAMPLE)

    def lost(self, piece: float) -> None:
        """Count `piece` seconds as dropped that were taken and came to nothing."""
        self._dropped += int(piece * RATE) * SAMPLE

    def _keep(self, size: int) -> None:
        surplus = max(0, len(self._waiting) - size)
        surplus += surplus % SAMPLE
        self._leave(surplus)
        self._dropped += surplus

    def take(self, most: float) -> Piece | None:
        """Take up to `most` seconds from the front; None when no whole sample waits."""
        size = min(int(most * RATE) * SAMPLE, len(self._waiting) // SAMPLE * SAMPLE)
        if not size:
            return None
        at = self._offset + self._gone / (RATE * SAMPLE)
        pcm = bytes(self._waiting[:size])
        self._leave(size)
        return Piece(at, pcm)

    def _leave(self, size: int) -> None:
        del self._waiting[:size]
        self._gone += size
