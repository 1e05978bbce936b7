"""How long a worker has kept us waiting: what a busy machine withheld from it does not count.

A worker that hangs sleeps, or burns its processor; one that is starved wants to run and may not.
By the wall clock both are silent. So time in which a thread of it could have run, or waited for
the disk, counts only as far as it was given a processor: a starved worker is not killed and
started anew, which would cost the machine still more, and a hung one is still found out.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

STUCK = 4
"""Times as long as a worker may be silent that one piece may wait while others are answered."""
WANTING = frozenset("RD")
"""States of a thread that would go on if it could: running or in line, waiting for the disk."""


class Work(NamedTuple):
    """What a process has done, and whether it would do more."""

    used: float
    """Seconds of processor so far, all threads together."""
    wants: bool
    """A thread of it runs, is in line for a processor, or waits for the disk."""


@dataclass(slots=True)
class Patience:
    """A clock that stands still while the worker is kept from running. Times are seconds."""

    withheld: float = 0.0
    _at: float | None = None
    _used: float = 0.0

    def look(self, work: Work | None, now: float) -> None:
        """Take note of what the worker did since the last look; None if that cannot be known."""
        since, used = self._at, self._used
        if work is None:
            self._at = None
            return
        self._at, self._used = now, work.used
        if since is not None and work.wants:
            self.withheld += max(0.0, now - since - max(0.0, work.used - used))

    def forget(self) -> None:
        """Begin anew with another worker."""
        self._at = None

    def fair(self, now: float) -> float:
        """Return the time that it is for the worker."""
        return now - self.withheld


def is_hung(asked: Iterable[float], heard_from: float, now: float, after: float) -> bool:
    """Tell whether a worker hangs, by the fair clock: when was it asked, when did it answer last.

    One that answers others is busy, not hung, and recordings give way to live streams; but a
    piece that waits several times as long is stuck in a thread.
    """
    oldest = min(asked, default=now)
    return now - max(oldest, heard_from) > after or now - oldest > STUCK * after


def work_of(pid: int) -> Work | None:
    """Read what a process has used and whether it wants more (proc(5)); None where unknown."""
    tick = os.sysconf("SC_CLK_TCK")
    try:
        own = _fields(Path(f"/proc/{pid}/stat"))
        wants = any(state in WANTING for state in _states(pid))
    except (OSError, IndexError, ValueError):
        return None
    return Work((int(own[11]) + int(own[12])) / tick, wants)


def _states(pid: int) -> Iterator[str]:
    for thread in Path(f"/proc/{pid}/task").iterdir():
        yield _fields(thread / "stat")[0]


def _fields(stat: Path) -> list[str]:
    """Return what follows a process's name, which may itself have blanks and brackets."""
    return stat.read_text().rpartition(")")[2].split()
