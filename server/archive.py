"""Looks for recordings that are closed and transcribed, and has them converted.

What has not been converted is seen on disk: its WAV file is there. Calls are of days, a
folder each: the newest two are looked at every time, of the others one, in turn.
"""

from collections.abc import Callable, Collection, Iterable
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorTime

from calls.ids import Language
from server.converting import Converter, NotConverted
from server.repeating import Repeating
from storage import recordings

LOG = structlog.get_logger("archive")
EVERY = 60.0
"""Seconds between looks, if the one before is done."""
NEWEST = 2
"""Folders of days that are looked at every time."""
AT_ONCE = 200
"""Files that are asked after at one look."""


class Archive:
    """Converts what can be, in a thread, a file at a time."""

    def __init__(
        self,
        folder: Path,
        converter: Converter,
        languages: Collection[Language],
        ask: Callable[[Callable[[Session], object]], "Deferred[object]"],
        in_thread: Callable[..., "Deferred[object]"],
    ) -> None:
        """`languages`: those that are transcribed, from WAV."""
        self._folder, self._converter, self._languages = folder, converter, languages
        self._ask, self._in_thread = ask, in_thread
        self._turn = 0
        self._refused: set[str] = set()  # told of, and not tried again before the next start
        self._look = Repeating(self.look, EVERY)

    def start(self, reactor: IReactorTime) -> None:
        """Look from time to time."""
        self._look.start(reactor)

    def stop(self) -> None:
        """Look no more, and let go of what is being converted."""
        self._look.stop()
        self._converter.stop()

    def look(self) -> "Deferred[object]":
        """Convert what can be; the rest, and what the database cannot say, next time."""
        self._turn += 1
        found = self._in_thread(partial(waiting, self._folder, self._turn))
        found.addCallback(self._ask_after)
        return found.addErrback(lambda why: LOG.warning("not_converted", why=why.getErrorMessage()))

    def _ask_after(self, found: object) -> "Deferred[object]":
        assert isinstance(found, tuple)
        paths = [path for path in found if path not in self._refused][:AT_ONCE]
        if not paths:
            return succeed(None)
        asked = self._ask(lambda session: recordings.settled(session, paths, self._languages))
        return asked.addCallback(self._convert)

    def _convert(self, settled: object) -> "Deferred[object]":
        assert isinstance(settled, frozenset)
        return self._in_thread(partial(self._convert_all, sorted(settled)))

    def _convert_all(self, paths: Iterable[str]) -> None:
        """Convert files; in a thread."""
        for path in paths:
            try:
                self._converter.convert(self._folder / path)
            except (NotConverted, OSError) as error:
                if self._converter.stopped:
                    return
                self._refused.add(path)
                why = error.strerror if isinstance(error, OSError) else str(error)
                LOG.warning("not_converted", file=path, why=why)


def waiting(folder: Path, turn: int) -> tuple[str, ...]:
    """Return the WAV files in the newest folders and in another, which one `turn` decides."""
    days = sorted(folder.glob("[0-9]*/[0-9]*/[0-9]*"), reverse=True)
    older = days[NEWEST:]
    chosen = days[:NEWEST] + ([older[turn % len(older)]] if older else [])
    found = (path for day in chosen for path in sorted(day.glob("*.wav")))
    return tuple(path.relative_to(folder).as_posix() for path in found)
