"""Speakers, as one language's recognition has them in hand."""

from collections.abc import Iterable
from dataclasses import dataclass

from asr.backlog import Backlog, Piece
from asr.frames import Header
from asr.recogniser import RATE, SAMPLE
from asr.seats import RETURN, Claim, Seat, heard
from asr.turns import Urgency
from server.recognition_load import Load

CAUGHT_UP = 1.0
"""Seconds of waiting sound below which a stream is in time again."""
PRESSED = 0.5
"""Seconds of waiting sound from which it is felt that there is more speech than can be heard."""


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
    seat: Seat = Seat.NEW
    holds: bool = False
    """A recogniser of the worker is its own, or will be with the piece in hand."""
    closing: bool = False
    late: bool = False
    resting: bool = False
    """It is to give its recogniser back, and the answer is not here yet."""
    told: bool = False
    """It was said that this stream is late."""
    partial_at: float = float("-inf")

    def header(self, piece: Piece, *, room: bool) -> Header:
        """Return the frame's header for a piece that is sent now."""
        self.sent = len(piece.pcm) / (RATE * SAMPLE)
        urgency = Urgency.CLOSING if self.closing else self.urgency
        where = {"stream": self.name, "at": piece.at, "phrases": self.phrases}
        turn = {"urgency": urgency.value, "order": self.order, "room": room}
        return {"kind": "feed", **where, **turn}

    @property
    def waits(self) -> bool:
        """Whether it may have no next piece sent: one is not answered, or it is put aside."""
        aside = self.seat is Seat.ASIDE and not self.closing
        return aside or self.resting or self.asked is not None

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
        self.sent = 0.0
        if self.seat is not Seat.ASIDE:
            self.late = self.late and self.backlog.seconds >= CAUGHT_UP

    def rested(self) -> float:
        """It has no recogniser any more; return the seconds of a piece that came to nothing."""
        lost, self.sent = self.sent, 0.0
        self.resting = self.holds = False
        self.backlog.lost(lost)
        return lost


def choose(streams: Iterable[Stream], load: Load) -> list[Stream]:
    """Give each its seat (asr/seats.py); return those who lost theirs, or got none.

    Where nothing is known of what there is, or nothing measured, all are heard until they are
    late.
    """
    live = [stream for stream in streams if not stream.closing]
    pressed = any(s.seat is Seat.HEARD and s.backlog.seconds > PRESSED for s in live)
    claims = [
        Claim(s.name, (s.urgency, s.order), load.cost(answers=bool(s.phrases)), s.seat)
        for s in live
    ]
    names = {s.name for s in live}
    if load.bounded and load.speech.measured:
        names &= heard(claims, load.threads, pressed=pressed)
    out = [s for s in live if s.name not in names and s.seat is not Seat.ASIDE]
    for stream in live:
        stream.seat = Seat.HEARD if stream.name in names else Seat.ASIDE
    return out


def has_room(streams: Iterable[Stream], load: Load) -> bool:
    """Tell whether one more stream could be heard beside all these, without haste."""
    return need(streams, load) + load.cost(answers=False) / load.threads <= RETURN


def need(streams: Iterable[Stream], load: Load) -> float:
    """Return the share of the worker that live streams need, heard or not."""
    return sum(load.cost(answers=bool(s.phrases)) for s in streams) / load.threads
