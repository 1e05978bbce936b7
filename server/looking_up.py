"""What flows ask of storage, off the reactor thread; a question that fails is no answer."""

from collections.abc import Callable
from typing import Protocol

import structlog
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from server.engine import Engine
from server.outputs import LookUp
from storage.lookups import LOOK_UPS, WRITTEN, Found

LOG = structlog.get_logger("looking_up")


class Books(Protocol):
    """The database, as far as looking up needs it."""

    def ask(self, question: Callable[[Session], Found]) -> Deferred[Found]:
        """Read."""

    def change(self, change: Callable[[Session], Found]) -> Deferred[Found]:
        """Write."""


class LookingUp:
    """Asks the database for the engine; callers wait no longer than their node says."""

    def __init__(self, engine: Engine, books: Books, clock: Callable[[], float]) -> None:
        self._engine, self._books, self._clock = engine, books, clock

    def __call__(self, wanted: LookUp) -> None:
        """Ask; the answer goes to the call, if it still is there."""
        asked = self._asked(wanted)
        asked.addCallbacks(self._found, self._failed, callbackArgs=(wanted,), errbackArgs=(wanted,))

    def _asked(self, wanted: LookUp) -> Deferred[Found]:
        key, call, now = wanted.key, wanted.call, self._clock()
        if wanted.what in WRITTEN:
            writing = WRITTEN[wanted.what]
            return self._books.change(lambda session: writing(session, key, call, now))
        question = LOOK_UPS[wanted.what]
        return self._books.ask(lambda session: question(session, key, call))

    def _found(self, found: Found, wanted: LookUp) -> None:
        control = self._engine.control
        self._engine.do(lambda now: control.looked_up(wanted.call, *found, now))

    def _failed(self, failure: Failure, wanted: LookUp) -> None:
        """Say so at once, so that the caller does not wait for nothing."""
        LOG.error(
            "not_looked_up", call=wanted.call, what=wanted.what, error=type(failure.value).__name__
        )
        control = self._engine.control
        self._engine.do(lambda now: control.looked_up(wanted.call, "late", {}, now))
