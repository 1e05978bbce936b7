"""What one language's recognition has in hand: speakers, and recordings."""

from dataclasses import dataclass
from pathlib import Path

from asr.backlog import Backlog, Piece
from asr.frames import Header
from asr.recogniser import RATE, SAMPLE
from asr.turns import Urgency

CAUGHT_UP = 1.0
"""Seconds of waiting sound below which a stream is in time again."""


@dataclass(slots=True)
class Stream:
    """One speaker's sound on its way to the worker, one unanswered piece at a time."""

    name: str
    backlog: Backlog
    urgency: Urgency = Urgency.LIVE
    order: int = 0
    """Among streams as urgent as this one the lowest goes first."""
    phrases: tuple[str, ...] = ()
    """All that is listened for; empty: any words."""
    asked: float | None = None
    """When the piece not yet answered was sent; None when all are."""
    fair_asked: float = 0.0
    """The same by the clock that stands still while the worker is starved."""
    sent: float = 0.0
    """Seconds of sound in that piece."""
    known: bool = False
    """The worker has had sound of it."""
    closing: bool = False
    late: bool = False
    resting: bool = False
    """The piece in hand was called back, and its answer is not here yet."""
    told: bool = False
    """It was said that this stream is late."""
    partial_at: float = float("-inf")

    def header(self, piece: Piece) -> Header:
        """Return the frame's header for a piece that is sent now."""
        self.sent = len(piece.pcm) / (RATE * SAMPLE)
        urgency = Urgency.CLOSING if self.closing else self.urgency
        where = {"stream": self.name, "at": piece.at, "phrases": self.phrases}
        return {"kind": "feed", **where, "urgency": urgency.value, "order": self.order}

    def is_starved(self, now: float, after: float, *, full: bool) -> bool:
        """Tell whether its turn has not come for `after` seconds.

        With the worker `full`, so much sound waiting is as bad: it would not be caught up with.
        """
        if self.closing or self.resting or self.asked is None:
            return False
        return now - self.asked > after or (full and self.backlog.seconds > after)

    def keep(self, seconds: float) -> float:
        """Let all but the newest sound go; return the seconds that went."""
        before = self.backlog.dropped
        self.backlog.keep(seconds)
        return self.backlog.dropped - before

    def was_heard(self) -> None:
        """A piece was recognised: once little waits, it is in time again."""
        self.late = self.late and self.backlog.seconds >= CAUGHT_UP

    def came_to_nothing(self) -> float:
        """The piece in hand will not be recognised; return the seconds lost."""
        self.backlog.lost(self.sent)
        return self.sent


@dataclass(frozen=True, slots=True)
class Job:
    """A recording to transcribe."""

    name: str
    wav: Path
    channel: int
