"""The composed engine over its life: start, drain, stop."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Protocol

import structlog
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from calls.ids import Language
from calls.reasons import Reason
from media import hot
from server.archive import Archive
from server.database import Database
from server.drafts import Drafts
from server.engine import Engine
from server.late_words import LateWords
from server.phone_book import PhoneBook
from server.remembering import Remembering
from server.retention import Purge
from server.trunk_works import TrunkWorks
from server.upkeep import Upkeep
from server.versions import Versions
from sip.binding import Contact

LOG = structlog.get_logger("service")
GRACE = 3.0
"""Seconds that a stop waits for recordings, last words and drafts after the last call ended."""


class Recognisers(Protocol):
    """The recognisers over the service's life."""

    def health(self, language: Language) -> Mapping[str, object]: ...
    def check_health(self) -> Mapping[str, object]: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


class Media(Protocol):
    """The media worker over the service's life."""

    @property
    def up(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> "Deferred[Any]": ...


@dataclass(slots=True)
class Service:
    """The composed engine from its first socket to its last fact."""

    reactor: Any
    clock: Callable[[], float]
    engine: Engine
    database: Database
    drafts: Drafts
    late_words: LateWords
    phone_book: PhoneBook
    recognisers: Recognisers
    media: Media
    drain_limit: float
    remembering: Remembering
    warm: Callable[[], object] = lambda: None
    """Loads what is wanted once callers speak; not before telephones are answered."""
    open_ports: Callable[[], None] = lambda: None
    """Opens signalling, pages and voice; set once all of them are there."""
    trunks: TrunkWorks | None = None
    """Asks after trunks' hosts and keeps our registrations."""
    phones: Callable[[], Mapping[str, object]] = dict
    """Says which registered phones answer, where they are asked."""
    versions: Versions | None = None
    """Follows what is published; None: this engine stays with what it began with."""
    upkeep: Upkeep | None = None
    """Looks after agents and kept places, and hears what people ask of the running engine."""
    purge: Purge | None = None
    """Lets recordings go whose time is over."""
    archive: Archive | None = None
    """Makes closed recordings smaller."""
    status: int = 0
    began: float = 0.0
    _finishing: bool = False
    _terms: int = field(default=0)

    # --- start -------------------------------------------------------------------------

    def start(self) -> None:
        """Open the ports, then the books; calls are taken even while the database is gone."""
        self.began = self.clock()
        self.open_ports()
        self.drafts.start()
        self.database.start().addCallbacks(self._books_open, self._books_shut)
        self.reactor.callLater(0, self.recognisers.start)
        self.late_words.start(self.reactor)
        if self.purge is not None:
            self.purge.start(self.reactor)
        if self.archive is not None:
            self.archive.start(self.reactor)
        if self.upkeep is not None:
            self.upkeep.start(self.reactor)
        if self.versions is not None:
            self.versions.start()

    def _books_open(self, _: None) -> None:
        recovered = self.late_words.recover(self.began)
        recovered.addErrback(lambda why: LOG.error("not_recovered", error=why.getErrorMessage()))
        if self.upkeep is not None:
            self.upkeep.books_open(self.began)
        known = self.phone_book.restore(self.clock())
        known.addCallbacks(self._phones_known, self._phones_lost)
        self.remembering.start(self.reactor, self.clock())
        LOG.info("ready", voice="python" if hot.compiled is None else "compiled")
        self.warm()

    def _phones_known(self, contacts: list[Contact]) -> None:
        users = dict.fromkeys(contact.user for contact in contacts)
        LOG.info("phones_restored", phones=len(contacts))
        self.engine.do(lambda now: self.engine.control.phones.known(users, now))

    def _phones_lost(self, failure: Failure) -> None:
        """Nothing is lost for good: phones register again by themselves."""
        LOG.error("phones_not_restored", error=failure.getErrorMessage())

    def _books_shut(self, failure: Failure) -> None:
        """The database is of a newer version, or the service stopped first."""
        if not self._finishing:
            LOG.error("database_unusable", error=failure.getErrorMessage())
            self.status = 1
            self.stop_at_once()

    # --- drain and stop -------------------------------------------------------------------

    def watch_signals(self) -> None:
        """SIGTERM or SIGINT drains, a second one ends at once; SIGHUP looks for a version."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._signalled)
        signal.signal(signal.SIGHUP, self._look)

    def _look(self, _number: int, _frame: FrameType | None) -> None:
        if self.versions is not None:
            self.reactor.callFromThread(self.versions.look)

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        self.reactor.callFromThread(self.terminate)

    def terminate(self) -> None:
        """Drain the first time, end at once the second."""
        self._terms += 1
        if self._terms == 1:
            self.drain()
        elif self._terms == 2:
            self.stop_at_once()

    def drain(self) -> None:
        """Take no more calls; stop when the last has ended, or at the limit."""
        control = self.engine.control
        LOG.info("draining", calls=control.up(), limit=self.drain_limit)
        control.draining = True
        self.engine.do(control.rest)
        self._leave_trunks()
        self.engine.quiet = self._quiet
        self.reactor.callLater(self.drain_limit, self.stop_at_once)
        self._quiet_unless_calls()

    def _leave_trunks(self) -> None:
        """Let providers send calls elsewhere."""
        if self.trunks is not None:
            self.engine.do(self.trunks.leave)

    def _quiet_unless_calls(self) -> None:
        if not self.engine.control.calls:
            self._quiet()

    def _quiet(self) -> None:
        """No call is left; stop once the last draft is made."""
        if self.drafts.waiting == 0:
            self._finish()

    def stop_at_once(self) -> None:
        """End every call now; what they said is still kept."""
        if self._finishing:
            return
        LOG.info("stopping", calls=self.engine.control.up())
        control = self.engine.control
        control.draining = True
        self._leave_trunks()
        self.engine.quiet = self._quiet
        self.engine.do(lambda now: control.end_all(Reason.SHUT_DOWN, now))
        self.reactor.callLater(GRACE, self._finish)
        self._quiet_unless_calls()

    def _finish(self) -> None:
        if self._finishing:
            return
        self._finishing = True
        if self.versions is not None:
            self.versions.stop()
        if self.trunks is not None:
            self.trunks.stop()
        self.late_words.stop()
        self.remembering.stop()
        if self.upkeep is not None:
            self.upkeep.stop()
        if self.purge is not None:
            self.purge.stop()
        if self.archive is not None:
            self.archive.stop()
        self.recognisers.stop()
        self.drafts.stop()
        stopped: Deferred[Any] = self.media.stop()
        stopped.addBoth(lambda _: self.database.stop())
        stopped.addBoth(lambda _: self.reactor.callLater(0, self.reactor.stop))
