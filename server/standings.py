"""How callers stand: read from a list in the data folder and from earlier calls."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from server.engine import Engine
from server.outputs import AskStanding
from storage import standing as storage

LOG = structlog.get_logger("standings")
CALLERS = "callers.csv"
CHINA = timedelta(hours=8)
DAY = 86_400.0


class CallerList:
    """`callers.csv` of the data folder: a line has a number and a group; `#` begins a comment.

    Read anew when it has changed. A file that cannot be read lets the last one hold.
    """

    def __init__(self, file: Path) -> None:
        self._file, self._read_at = file, 0
        self._groups: dict[str, str] = {}

    def group(self, number: str) -> str | None:
        """Return the group of a caller; None if the number is not in the list."""
        self._look()
        return self._groups.get(number)

    def _look(self) -> None:
        try:
            changed = self._file.stat().st_mtime_ns
            if changed == self._read_at:
                return
            self._read_at = changed
            lines = self._file.read_text("utf-8").splitlines()
        except FileNotFoundError:
            self._groups, self._read_at = {}, 0
            return
        except (OSError, ValueError) as error:
            LOG.error("caller_list_unreadable", file=str(self._file), error=type(error).__name__)
            return
        rows = [line.partition("#")[0].replace("，", ",").split(",") for line in lines]
        good = [row for row in rows if len(row) == 2 and row[0].strip().isdecimal()]
        bad = sum(any(map(str.strip, row)) for row in rows) - len(good)
        if bad:
            LOG.warning("caller_list_lines_not_read", file=str(self._file), lines=bad)
        self._groups = {row[0].strip(): row[1].strip() for row in good}


class Standings:
    """Finds out for the engine, on a reader thread; a caller who waits is not kept for it."""

    def __init__(
        self,
        engine: Engine,
        ask: Callable[[Callable[[Session], Any]], "Deferred[Any]"],
        callers: CallerList,
        clock: Callable[[], float],
    ) -> None:
        self._engine, self._ask, self._callers, self._clock = engine, ask, callers, clock

    def __call__(self, wanted: AskStanding) -> None:
        """Ask; the answer goes to the call, if it still is there."""
        now, days = self._clock(), self._engine.control.house.favours.open_days
        midnight = _midnight(now)

        def read(session: Session) -> storage.Standing:
            open_since = min(midnight, now - days * DAY)
            return storage.standing(session, wanted.number, wanted.call, midnight, open_since)

        asked = self._ask(read)
        asked.addCallbacks(self._found, self._failed, callbackArgs=(wanted,), errbackArgs=(wanted,))

    def _found(self, found: storage.Standing, wanted: AskStanding) -> None:
        control = self._engine.control
        group = self._callers.group(wanted.number)
        standing = control.house.favours.standing(group, found.today, found.agent)
        self._engine.do(lambda now: control.flow.stands(wanted.call, standing, now))

    def _failed(self, failure: Failure, wanted: AskStanding) -> None:
        """The list still counts while the database is gone."""
        LOG.error("standing_not_read", call=wanted.call, error=type(failure.value).__name__)
        self._found(storage.Standing(), wanted)


def _midnight(now: float) -> float:
    """Return when the city's day began."""
    here = datetime.fromtimestamp(now, UTC) + CHINA
    return (here.replace(hour=0, minute=0, second=0, microsecond=0) - CHINA).timestamp()
