"""Many deadlines, one of each name; the edge keeps a single timer for the earliest."""

import heapq
from collections.abc import Hashable
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)
SLACK = 64
"""Outdated entries that are not worth clearing away."""


class Deadlines(Generic[Name]):
    """A set of named instants in seconds. Setting a name again replaces its instant."""

    def __init__(self) -> None:
        self._when: dict[Name, float] = {}
        self._heap: list[tuple[float, int, Name]] = []
        self._count = 0

    def set(self, name: Name, when: float | None) -> None:
        """Let `name` be due at `when`; None takes it away."""
        if when is None:
            self._when.pop(name, None)
        elif self._when.get(name) != when:
            self._when[name] = when
            self._count += 1  # settles ties by age, so that names need no order
            heapq.heappush(self._heap, (when, self._count, name))
            if len(self._heap) > 4 * len(self._when) + SLACK:
                self._clear_away()

    def next(self) -> float | None:
        """Return the earliest instant."""
        self._drop_replaced()
        return self._heap[0][0] if self._heap else None

    def due(self, now: float) -> list[Name]:
        """Take away and return, earliest first, each name whose instant has come."""
        names = []
        while (when := self.next()) is not None and when <= now:
            name = heapq.heappop(self._heap)[2]
            del self._when[name]
            names.append(name)
        return names

    def __len__(self) -> int:
        """Count the names that have an instant."""
        return len(self._when)

    def _clear_away(self) -> None:
        """Forget instants that were replaced or taken away: some are hours ahead."""
        self._heap = [entry for entry in self._heap if self._when.get(entry[2]) == entry[0]]
        heapq.heapify(self._heap)

    def _drop_replaced(self) -> None:
        while self._heap and self._when.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
