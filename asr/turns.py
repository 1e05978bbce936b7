"""Whose sound is recognised next."""

from collections.abc import Callable
from enum import IntEnum
from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

Work = TypeVar("Work")


class Urgency(IntEnum):
    """Lower goes first."""

    CLOSING = 0
    """A speaker has finished, and somebody waits for the last words."""
    MENU = 1
    """A caller answers a question of ours in a word, and waits for what comes of it."""
    LIVE = 2
    """A citizen speaks, and an agent reads or will: danger, too, is heard here."""
    AGENT = 3
    """The agent's own side of the talk."""
    MESSAGE = 4
    """A citizen speaks, and nobody will read it during this call."""
    SPARE = 5
    """Warming a recogniser for the next speaker."""
    FILE = 6
    """A recording: takes its turn again after each piece, so that it yields to all others."""
    LESSON = 7
    """Letting a spare recogniser hear speech, while nobody speaks."""


class Turns(Generic[Work]):
    """Work by urgency; within one urgency by `order`, lowest first, then as it came.

    Who is left waiting when there is too much work is always the same: whose order is
    highest. So some are served in time rather than all too late.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[Urgency, int, int, Work]] = []
        self._held: list[tuple[Urgency, int, int, Work]] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, urgency: Urgency, work: Work, order: int = 0) -> None:
        """Put work in line."""
        self._count += 1
        heappush(self._heap, (urgency, order, self._count, work))

    def take(self) -> Work | None:
        """Return the work whose turn it is; None when there is none."""
        return heappop(self._heap)[3] if self._heap else None

    def hold(self, urgency: Urgency, work: Work, order: int = 0) -> None:
        """Put work beside the line, where it cannot be taken, until `release`."""
        self._count += 1
        self._held.append((urgency, order, self._count, work))

    def release(self) -> bool:
        """Put all that was held in line; tell whether there was any."""
        held, self._held = self._held, []
        for entry in held:
            heappush(self._heap, entry)
        return bool(held)

    def withdraw(self, wanted: Callable[[Work], bool]) -> list[Work]:
        """Take the work, of this kind, that nobody has begun out of line and from beside it."""
        found = [entry[3] for entry in (*self._heap, *self._held) if wanted(entry[3])]
        if found:
            self._heap = [entry for entry in self._heap if not wanted(entry[3])]
            self._held = [entry for entry in self._held if not wanted(entry[3])]
            heapify(self._heap)
        return found
