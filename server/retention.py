"""Recordings that are kept no longer than is allowed; of each that goes a proof stays.

The proof is a line in the folder's manifest, with the SHA-256 that the file had, and the
recording's row, which says `purged` in place of what was wrong with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from calls.ids import LaneId
from server import manifest
from server.repeating import Repeating
from storage import recordings
from storage.recording_files import forms
from storage.recordings import Kept

LOG = structlog.get_logger("retention")
EVERY = 3600.0
"""Seconds between looks."""
DAY = 86400.0
AT_ONCE = 500
"""Files that go at one look at most, so that a disk is never kept busy for long."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days recordings are kept: in general, and of the lanes that differ."""

    days: int
    lanes: Mapping[LaneId, int] = field(default_factory=dict)

    @property
    def shortest(self) -> int:
        """Days before which nothing goes."""
        return min(self.days, *self.lanes.values()) if self.lanes else self.days

    def over(self, kept: Kept, now: float) -> bool:
        """Tell whether a recording has been kept for as long as is allowed."""
        days = self.lanes.get(kept.lane, self.days) if kept.lane is not None else self.days
        return now - kept.started > days * DAY


class Purge:
    """Looks every hour for recordings whose time is over."""

    def __init__(
        self,
        clock: Callable[[], float],
        folder: Path,
        retention: Retention,
        books: tuple[
            Callable[[Callable[[Session], object]], "Deferred[object]"],
            Callable[[Callable[[Session], object]], "Deferred[object]"],
        ],
        in_thread: Callable[..., "Deferred[object]"],
    ) -> None:
        """`books` asks the database, and changes it."""
        self._clock, self._folder, self._retention = clock, folder, retention
        (self._ask, self._change), self._in_thread = books, in_thread
        self._look = Repeating(self.look, EVERY)

    def start(self, reactor: IReactorTime) -> None:
        """Look from time to time."""
        self._look.start(reactor)

    def stop(self) -> None:
        """Look no more."""
        self._look.stop()

    def look(self) -> "Deferred[object]":
        """Let go what is over; what cannot be is tried again next time."""
        before = self._clock() - self._retention.shortest * DAY
        asked = self._ask(lambda session: recordings.kept_before(session, before))
        asked.addCallback(self._remove)
        return asked.addErrback(lambda why: LOG.warning("not_purged", why=why.getErrorMessage()))

    def _remove(self, found: object) -> "Deferred[object] | None":
        assert isinstance(found, tuple)
        now = self._clock()
        over = tuple(kept for kept in found if self._retention.over(kept, now))[:AT_ONCE]
        if not over:
            return None
        gone = self._in_thread(partial(remove, self._folder, over))
        return gone.addCallback(self._write_down)

    def _write_down(self, gone: object) -> "Deferred[object]":
        assert isinstance(gone, tuple)
        LOG.info("purged", recordings=len(gone))
        return self._change(lambda session: recordings.purged(session, gone))


def remove(folder: Path, over: tuple[Kept, ...]) -> tuple[Kept, ...]:
    """Delete files, the proof first; return those that are gone."""
    gone = []
    for kept in over:
        path = (folder / kept.path).resolve()
        try:
            for each in forms(path) if path.is_relative_to(folder.resolve()) else ():
                manifest.strike(str(each), "retention")
                each.unlink()
        except OSError as error:
            LOG.warning("not_purged", why=error.strerror)
        else:
            gone.append(kept)
    return tuple(gone)
