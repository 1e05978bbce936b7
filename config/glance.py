"""A small file that is looked at often and written rarely: read again only once it was written."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")
Sign = tuple[int, int, int] | None
"""Which file it is, when it was written, and its size; None: there is none."""


class Glance(Generic[T]):
    """Gives what `read` makes of a file; whoever writes the file puts another one in its place."""

    def __init__(self, path: Path, read: Callable[[], T]) -> None:
        self._path, self._read = str(path), read
        self._last: tuple[Sign, T] | None = None

    def look(self) -> T:
        """Return what the file says now; raise what `read` raises."""
        sign = self._sign()  # before it is read: what is written meanwhile is seen at the next look
        if self._last is None or self._last[0] != sign:
            self._last = sign, self._read()
        return self._last[1]

    def _sign(self) -> Sign:
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
