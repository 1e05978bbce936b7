"""A recognition worker's recognisers between two speakers, and the memory that they take."""

import contextlib
import ctypes
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from asr.vosk import VoskModel, VoskRecogniser, warm
from server.recognition_lessons import ENOUGH, lesson_at


class Pool:
    """Recognisers between two speakers, one spare kept warm; let go when memory grew."""

    def __init__(self, model: VoskModel, growth: int, speech: bytes = b"") -> None:
        """`speech` is what spares hear; empty: nothing."""
        self._model = model
        self._growth = growth
        self._speech = speech
        self._idle: list[VoskRecogniser] = []
        self._lock = threading.Lock()
        self._teaching = threading.Lock()
        self._empty = resident()

    def prepare(self) -> None:
        """Add a warm recogniser."""
        spare = self._model.recogniser()
        warm(spare)
        with self._lock:
            self._idle.append(spare)

    def teach(self) -> bool:
        """Let the spare that has heard least hear a little more; False if none is in want of it.

        Another is always left for whoever speaks next, and one thread for their words.
        """
        if not self._teaching.acquire(blocking=False):
            return False
        try:
            spare = self._beginner()
            if spare is None:
                return False
            spare.feed(lesson_at(self._speech, spare.seconds))
            spare.flush()
            with self._lock:
                self._idle.insert(0, spare)
            return True
        finally:
            self._teaching.release()

    def _beginner(self) -> VoskRecogniser | None:
        """Take the one that has heard least from the pool, if that is too little."""
        with self._lock:
            least = min(self._idle, key=lambda each: each.seconds, default=None)
            if not self._speech or least is None or len(self._idle) < 2:
                return None
            if least.seconds >= ENOUGH:
                return None
            self._idle.remove(least)
            return least

    @property
    def spare(self) -> bool:
        """Whether one is ready for the next speaker."""
        return bool(self._idle)

    def lend(self, *, partials: bool) -> VoskRecogniser:
        """Give the one used last, which is the warmest, or a new one.

        One at its lesson is waited for: it is back about as soon as a new one is made.
        """
        if not self._idle:
            with self._teaching:
                pass
        with self._lock:
            recogniser = self._idle.pop() if self._idle else self._model.recogniser()
        recogniser.partials = partials
        return recogniser

    def for_menu(self, phrases: Sequence[str]) -> VoskRecogniser | None:
        """Make a recogniser for a menu's answers; None if the model cannot hear them so.

        It is made in a millisecond and serves once: a grammar is never changed.
        """
        return self._model.for_phrases(phrases) if phrases else None

    def take_back(self, recogniser: VoskRecogniser) -> None:
        """Keep a flushed recogniser for the next speaker, unless it knows one menu only."""
        if recogniser.small:
            return
        with self._lock:
            self._idle.append(recogniser)

    def overgrown(self) -> bool:
        """Whether the recognisers, idle or not, came to use more memory than they may."""
        return resident() - self._empty > self._growth

    def slim(self) -> None:
        """Let all idle recognisers go if memory grew too much."""
        if self.overgrown():
            with self._lock:
                self._idle.clear()
            trim()


def resident() -> int:
    """Return this process's memory in bytes; 0 where the system does not say."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def trim() -> None:
    """Give freed memory back to the system, where its C library can."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
