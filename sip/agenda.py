"""Who wants to be woken when: thousands of deadlines, of which only the next one matters."""

from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

Key = TypeVar("Key")

_SLACK = 64
"""Outdated entries that are not worth clearing away."""


class Agenda(Generic[Key]):
    """One deadline a key; changing it costs a logarithm, outdated ones are skipped."""

    __slots__ = ("_due", "_heap", "_order")

    def __init__(self) -> None:
        self._due: dict[Key, float] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._order = 0

    def __len__(self) -> int:
        return len(self._due)

    def set(self, key: Key, due: float | None) -> None:
        """Wake `key` at `due` and not before; never, if None."""
        if due is None:
            self._due.pop(key, None)
            return
        if self._due.get(key) == due:
            return
        self._due[key] = due
        self._order += 1  # ties go in the order they were set, and keys need no order
        heappush(self._heap, (due, self._order, key))
        if len(self._heap) > 4 * len(self._due) + _SLACK:
            self._heap = [entry for entry in self._heap if self._due.get(entry[2]) == entry[0]]
            heapify(self._heap)

    def next_deadline(self) -> float | None:
        """Return the earliest deadline; None if there is none."""
        while self._heap:
            due, _, key = self._heap[0]
            if self._due.get(key) == due:
                return due
            heappop(self._heap)
        return None

    def take_due(self, now: float) -> Key | None:
        """Take one key whose time has come, the earliest first; None if none has."""
        due = self.next_deadline()
        if due is None or due > now:
            return None
        key = heappop(self._heap)[2]
        del self._due[key]
        return key
