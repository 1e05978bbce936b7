"""Whose sound is recognised next."""

from enum import IntEnum
from heapq import heappop, heappush
from typing import Generic, TypeVar

Work = TypeVar("Work")


class Urgency(IntEnum):
    """Lower goes first."""

    CLOSING = 0
    """A speaker has finished, and somebody waits for the last words."""
    LIVE = 1
    SPARE = 2
    """Warming a recogniser for the next speaker."""
    FILE = 3
    """A recording: takes its turn again after each piece, so that it yields to all others."""


class Turns(Generic[Work]):
    """Work by urgency, and within one urgency in order of arrival."""

    def __init__(self) -> None:
        self._heap: list[tuple[Urgency, int, Work]] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, urgency: Urgency, work: Work) -> None:
        """Put work in line."""
        self._count += 1
        heappush(self._heap, (urgency, self._count, work))

    def take(self) -> Work | None:
        """Return the work whose turn it is; None when there is none."""
        return heappop(self._heap)[2] if self._heap else None
