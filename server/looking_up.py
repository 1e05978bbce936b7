"""What flows ask of storage, asked on a reader thread; a question that fails is no answer."""

from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from server.engine import Engine
from server.outputs import LookUp
from storage.lookups import LOOK_UPS, Found

LOG = structlog.get_logger("looking_up")


class LookingUp:
    """Asks the database for the engine; callers wait no longer than their node says."""

    def __init__(
        self, engine: Engine, ask: Callable[[Callable[[Session], Any]], Deferred[Any]]
    ) -> None:
        self._engine, self._ask = engine, ask

    def __call__(self, wanted: LookUp) -> None:
        """Ask; the answer goes to the call, if it still is there."""
        question = LOOK_UPS[wanted.what]
        asked: Deferred[Found] = self._ask(
            lambda session: question(session, wanted.key, wanted.call)
        )
        asked.addCallbacks(self._found, self._failed, callbackArgs=(wanted,), errbackArgs=(wanted,))

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
