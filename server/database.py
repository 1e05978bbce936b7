"""Storage off the reactor thread: one writer thread, a few readers, and patience.

Facts go to the journal at once and from there to the database in batches: few and large
ones while nobody looks, and sooner for whoever asks. While the database is locked or gone
the writer tries again, ever less often, and the journal grows; nothing is lost and no call
waits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar, cast

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IDelayedCall, IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from calls.events import Fact
from server.journal import Batch, Journal
from storage import schema, unit_of_work
from storage.engines import Engines
from storage.stories import Stories

LOG = structlog.get_logger(__name__)
T = TypeVar("T")


class Reactor(Protocol):
    """What the database needs of a reactor: IReactorTime and IReactorFromThreads."""

    def seconds(self) -> float:
        """Return the time that `callLater` counts by."""

    def callLater(
        self, delay: float, callable: Callable[..., object], *args: object, **kwargs: object
    ) -> IDelayedCall:
        """Call once, `delay` seconds from now."""

    def callFromThread(
        self, callable: Callable[..., object], *args: object, **kwargs: object
    ) -> None:
        """Call on the reactor's thread, soon; any thread may ask."""


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """The patience of the writer, in seconds."""

    gather: float = 2.0
    """Facts of so long go into one transaction, if nobody asks meanwhile: a transaction costs
    as much as the facts of several calls (docs/decisions/0019)."""
    fresh: float = 0.5
    """Who asks sees what happened before that."""
    asking: float = 0.5
    """Who asks waits no longer than that for facts to be written."""
    first_retry: float = 0.1
    last_retry: float = 5.0
    batch: int = 1000
    """Facts in one transaction at most; when so many wait, they are written at once."""
    readers: int = 2


class Stopped(Exception):
    """The database was asked for something after it was stopped."""


class Database:
    """The engine's way to its tables; every job is one thread's, one session's, one transaction's.

    Nothing here raises because the database is gone: `keep` never does, and
    `ask` and `change` say so through their Deferred.
    """

    def __init__(
        self,
        reactor: Reactor,
        engines: Engines,
        journal: Journal,
        settings: DatabaseSettings | None = None,
    ) -> None:
        """Own `engines` and `journal` from here on; `start` opens the database."""
        self._reactor = reactor
        self._threads = cast(IReactorFromThreads, reactor)
        self._engines = engines
        self._journal = journal
        self._settings = settings or DatabaseSettings()
        self._writer = ThreadPool(1, 1, "database-writer")
        self._readers = ThreadPool(0, self._settings.readers, "database-readers")
        self._stories = Stories()
        self._timer: IDelayedCall | None = None
        self._busy = False
        self._stopped = False
        self._upgraded = False
        self._retry = self._settings.first_retry
        self._kept = 0
        """Facts kept since the last write began."""
        self._since = 0.0
        """When the first of them was."""
        self._askers: list[Callable[[], None]] = []
        """Who wait for facts to be written before they ask."""
        self._ready: Deferred[None] | None = None
        self._emptied: Deferred[None] | None = None
        self.trouble: str | None = None
        """Why the last attempt to write failed; None while all is well."""

    @property
    def behind(self) -> int:
        """How many facts the tables do not have yet."""
        return self._journal.behind

    @property
    def stored_upto(self) -> int:
        """The number of the last fact of this start that the tables have."""
        return self._journal.stored_upto

    def figures(self) -> dict[str, object]:
        """Return what /health and the metrics tell about storage."""
        journal = self._journal.figures
        return {
            "ok": self.trouble is None and self._upgraded and not journal.held,
            "trouble": self.trouble,
            "behind": self.behind,
            "stored_upto": self.stored_upto,
            "appended": journal.appended,
            "held_in_memory": journal.held,
            "dropped": journal.dropped,
            "unreadable": journal.unreadable,
            "refused": journal.refused,
        }

    def start(self) -> Deferred[None]:
        """Bring the tables up to date and replay what earlier starts left.

        The Deferred fires when both are done, and fails with NewerDatabase; while
        the database is gone it waits, and `keep` works all the same.
        """
        self._writer.start()
        self._readers.start()
        self._ready = ready = Deferred[None]()
        self._wake(0.0)
        self._hurry()  # for facts that were kept before
        return ready

    def keep(self, *facts: Fact) -> int:
        """Write facts to the journal, and soon to the tables; return the number of the last."""
        seq = self._journal.append(*facts)
        if not self._kept:
            self._since = self._reactor.seconds()
            self._wake(self._settings.gather)
        self._kept += len(facts)
        if self._kept >= self._settings.batch:
            self._hurry()
        return seq

    def ask(self, question: Callable[[Session], T]) -> Deferred[T]:
        """Run a question on a reader thread; it must return plain values.

        It is asked of tables that are at most `fresh` seconds behind, unless they are so
        because the database takes no facts.
        """
        return self._once_fresh(
            lambda: self._in_thread(self._readers, self._engines.reading, question)
        )

    def change(self, change: Callable[[Session], T]) -> Deferred[T]:
        """Run a change on the writer thread, durable when the Deferred fires.

        It finds the tables as a question would.
        """
        return self._once_fresh(lambda: self.note(change))

    def note(self, change: Callable[[Session], T]) -> Deferred[T]:
        """Run a change that rests on no fact, without waiting for any to be written."""
        return self._in_thread(self._writer, self._engines.writing, change)

    def stop(self) -> Deferred[None]:
        """Store what can be stored at once, then close; what is left waits in the journal."""
        self._stopped = True
        self._emptied = emptied = Deferred[None]()
        if not self._writer.started:
            self._tell_emptied()
        elif not self._busy:
            self._cancel_timer()
            self._write()
        return emptied.addCallback(self._close)

    def _close(self, _: None) -> None:
        if self._ready is not None:
            ready, self._ready = self._ready, None
            ready.errback(Stopped("the database was stopped before it was ready"))
        self._writer.stop()
        self._readers.stop()
        self._journal.close()
        self._engines.dispose()

    def _in_thread(
        self, pool: ThreadPool, engine: Engine, job: Callable[[Session], T]
    ) -> Deferred[T]:
        if self._stopped:
            return fail(Stopped("the database is stopped"))
        return deferToThreadPool(self._threads, pool, _in_transaction, engine, job)

    # Who asks.

    def _once_fresh(self, job: Callable[[], Deferred[T]]) -> Deferred[T]:
        """Do a job once the tables are fresh, or cannot be so in time."""
        if not self._stale():
            return job()
        asked: Deferred[None] = Deferred()
        late = self._reactor.callLater(self._settings.asking, self._let_ask)

        def go() -> None:
            if late.active():
                late.cancel()
            asked.callback(None)

        self._askers.append(go)
        self._hurry()
        return asked.addCallback(lambda _: job())

    def _stale(self) -> bool:
        """Tell whether facts wait that who asks ought to see, and can be written."""
        if self.trouble is not None or self._stopped or not self._upgraded:
            return False
        now = self._reactor.seconds()
        return self._busy or (self._kept > 0 and now - self._since >= self._settings.fresh)

    def _let_ask(self) -> None:
        askers, self._askers = self._askers, []
        for go in askers:
            go()

    # The writer's rhythm, on the reactor thread.

    def _wake(self, delay: float) -> None:
        if not (self._busy or self._timer or self._stopped):
            self._timer = self._reactor.callLater(delay, self._write)

    def _hurry(self) -> None:
        """Write now, unless that is being done or has failed and is to be tried later."""
        if self._timer is not None and self.trouble is None:
            self._timer.reset(0.0)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _write(self) -> None:
        self._timer = None
        self._busy, self._kept = True, 0
        written = deferToThreadPool(self._threads, self._writer, self._store_batch)
        written.addCallbacks(self._wrote, self._failed)

    def _wrote(self, _: None) -> None:
        self._busy = False
        self._retry = self._settings.first_retry
        if self.trouble is not None:
            LOG.warning("database_takes_facts_again", behind=self.behind)
            self.trouble = None
        if self._ready is not None and not self._journal.replaying:
            ready, self._ready = self._ready, None
            ready.callback(None)
        self._let_ask()
        behind = self.behind
        if not behind:
            self._kept = 0
            self._tell_emptied()
        elif self._emptied is not None:
            self._write()
        else:  # what came while the others were written may wait for more
            many = behind > self._kept or behind >= self._settings.batch
            self._wake(0.0 if many else self._settings.gather)

    def _failed(self, failure: Failure) -> None:
        """Try again later; when stopping, leave the rest to the next start."""
        self._busy = False
        if self.trouble is None:
            LOG.error("database_does_not_take_facts", error=_named(failure), behind=self.behind)
        self.trouble = _named(failure)
        self._let_ask()
        if self._emptied is not None:
            self._tell_emptied()
        elif self._ready is not None and isinstance(failure.value, schema.NewerDatabase):
            ready, self._ready = self._ready, None
            ready.errback(failure)
        else:
            self._wake(self._retry)
            self._retry = min(self._retry * 2, self._settings.last_retry)

    def _tell_emptied(self) -> None:
        if self._emptied is not None:
            emptied, self._emptied = self._emptied, None
            emptied.callback(None)

    # The writer's work, on its thread.

    def _store_batch(self) -> None:
        if not self._upgraded:
            schema.upgrade(self._engines.writing)
            self._upgraded = True
        batch = self._journal.batch(self._settings.batch)
        if batch is None:
            return
        try:
            self._keep(batch.boot, batch.facts, batch.texts)
        except Exception as error:
            if not _is_the_facts_fault(error):
                raise
            self._store_singly(batch)
        self._journal.stored(batch)

    def _keep(
        self,
        boot: str,
        facts: Sequence[tuple[int, Fact]],
        texts: Sequence[str] | None = None,
    ) -> None:
        try:
            with Session(self._engines.writing) as session, session.begin():
                unit_of_work.keep(session, boot, facts, self._stories, texts)
        except BaseException:
            self._stories.forget()
            raise

    def _store_singly(self, batch: Batch) -> None:
        """Keep all facts of a batch but those that cannot be kept at all."""
        for seq, fact in batch.facts:
            try:
                self._keep(batch.boot, [(seq, fact)])
            except Exception as error:
                if not _is_the_facts_fault(error):
                    raise
                kind, why = type(fact).__name__, type(error).__name__
                LOG.error("fact_refused", kind=kind, call=fact.call, seq=seq, error=why)
                self._journal.refuse(batch.boot, seq, fact)
                with Session(self._engines.writing) as session, session.begin():
                    unit_of_work.pass_over(session, batch.boot, seq)


def _in_transaction(engine: Engine, job: Callable[[Session], T]) -> T:
    with Session(engine) as session, session.begin():
        return job(session)


def _is_the_facts_fault(error: Exception) -> bool:
    """Tell a fact that can never be kept from a database that is locked, full or gone."""
    if isinstance(error, DBAPIError):
        return isinstance(error, IntegrityError | DataError) and not error.connection_invalidated
    if isinstance(error, SQLAlchemyError):
        return isinstance(error, StatementError)
    return not isinstance(error, OSError | MemoryError)


def _named(failure: Failure) -> str:
    """Say what went wrong in one line, without the values of the statement."""
    text = str(failure.value).partition("\n")[0]
    return f"{failure.type.__name__ if failure.type else 'error'}: {text}"
