"""What drafts rest on is read from storage: open orders at the start, knowledge again and again."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from server.draft_memory import Memory
from server.drafts import Drafts
from server.repeating import Repeating
from storage import knowledge, work_orders
from workorders.draft import DraftWorkOrder
from workorders.duplicates import KEPT, WITHIN
from workorders.knowledge import Entry
from workorders.wire import UnknownDraft, from_json

LOG = structlog.get_logger("remembering")
EVERY = 10.0
"""Seconds between two looks for entries that were kept meanwhile, also by another program."""
Ask = Callable[[Callable[[Session], Any]], Deferred[Any]]
Seen = tuple[tuple[int, float], tuple[Entry, ...] | None]


class Remembering:
    """Fills the memory of drafting; while the database is away, what is known stays."""

    def __init__(self, memory: Memory, drafts: Drafts, ask: Ask) -> None:
        self.memory, self._drafts, self._ask = memory, drafts, ask
        self._mark: tuple[int, float] = (0, 0.0)
        self._looking = Repeating(self.look, EVERY)

    def start(self, reactor: Any, now: float) -> None:
        """Begin once the books are open."""
        asked = self._ask(lambda session: work_orders.lately(session, now - WITHIN, KEPT))
        asked.addCallback(self._recall).addErrback(self._lost)
        self._looking.start(reactor, now=True)

    def stop(self) -> None:
        """Look no more."""
        self._looking.stop()

    def look(self) -> Deferred[None]:
        """Read the entries if any was kept since the last look."""
        asked = self._ask(lambda session: _since(session, self._mark))
        asked.addCallback(self._fill).addErrback(self._lost)
        return asked

    def _recall(self, kept: tuple[Mapping[str, Any], ...]) -> Deferred[None]:
        orders = self.memory.open_orders
        return self._drafts.do(lambda: orders.recall(filter(None, map(_draft, kept))))

    def _fill(self, seen: Seen) -> None:
        self._mark, entries = seen
        if entries is not None:
            self.memory.knowledge.fill(entries)
            LOG.info("knowledge_read", entries=len(entries))

    def _lost(self, failure: Failure) -> None:
        """Drafts are made all the same; the next look may find the database again."""
        LOG.warning("not_remembered", error=failure.type.__name__ if failure.type else "")


def _since(session: Session, before: tuple[int, float]) -> Seen:
    mark = knowledge.mark(session)
    return mark, None if mark == before else knowledge.current(session)


def _draft(values: Mapping[str, Any]) -> DraftWorkOrder | None:
    """Read a draft; one of another version is no order to compare with."""
    try:
        return from_json(values)
    except UnknownDraft:
        return None
