"""A database over a folder, as the engine would make it, on a reactor that is turned by hand."""

import queue
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.task import Clock
from zope.interface import implementer

from server.database import Database, DatabaseSettings
from server.journal import Journal
from storage.engines import Engines, connect
from storage.tables import FactRow

T = TypeVar("T")


@implementer(IReactorFromThreads)
class Turned(Clock):
    """A reactor turned by hand: what threads send back waits until `until` takes it."""

    def __init__(self) -> None:
        super().__init__()
        self._back: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def callFromThread(self, callable: Callable[..., Any], *args: Any, **kw: Any) -> None:
        self._back.put(lambda: callable(*args, **kw))

    def until(self, true: Callable[[], object], limit: float = 20.0) -> None:
        """Turn, with time running as fast as nothing else happens."""
        end = time.monotonic() + limit
        while not true():
            assert time.monotonic() < end, "it never came true"
            self.advance(0.01)
            try:
                self._back.get(timeout=0.002)()
            except queue.Empty:
                continue

    def result(self, deferred: Deferred[T]) -> T:
        """Turn until a Deferred fires; return what it brought or raise what it failed with."""
        found: list[Any] = []
        failed: list[Any] = []
        deferred.addCallbacks(found.append, failed.append)
        self.until(lambda: found or failed)
        if failed:
            failed[0].raiseException()
        result: T = found[0]
        return result


class House:
    """A database over a folder and a URL, as the engine would make it."""

    def __init__(
        self, folder: Path, url: str, boot: str, settings: DatabaseSettings | None = None
    ) -> None:
        self.reactor = Turned()
        self.engines: Engines = connect(url, busy_timeout=0.05)
        self.journal = Journal(folder / "journal", boot)
        self.database = Database(self.reactor, self.engines, self.journal, settings)

    def start(self) -> "House":
        self.reactor.result(self.database.start())
        return self

    def settle(self) -> None:
        self.reactor.until(lambda: self.database.behind == 0)

    def stop(self) -> None:
        self.reactor.result(self.database.stop())

    def count(self) -> int:
        return self.reactor.result(self.database.ask(count_facts))


def count_facts(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(FactRow)) or 0


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'hotline.db'}"
