"""Drafts made off the reactor thread, one after the other."""

from collections.abc import Callable, Sequence
from typing import Protocol

import structlog
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from calls.events import Fact
from calls.ids import CallId
from server.outputs import MakeDraft

LOG = structlog.get_logger("drafts")
Draft = dict[str, object]
"""A draft's JSON form."""


class Writer(Protocol):
    """Makes a draft of a call's facts and the state of its transcript."""

    def __call__(self, call: CallId, facts: Sequence[Fact], transcript: str) -> Draft:
        """Write it, on the thread that makes drafts."""

    def at_once(self, call: CallId, facts: Sequence[Fact], transcript: str) -> Draft | None:
        """Write it on any thread, if no word was said yet; None: it takes longer."""


class Drafts:
    """One thread makes drafts in the order asked for, so that a call's newest is its last.

    Those of calls in which nothing was said yet are made at once: to give them to the thread
    would cost more than to make them.
    """

    def __init__(
        self,
        reactor: IReactorFromThreads,
        write: Writer,
        drafted: Callable[[CallId, Draft], None],
    ) -> None:
        self._reactor, self._write, self._drafted = reactor, write, drafted
        self._thread = ThreadPool(1, 1, "drafts")
        self.waiting = 0
        self.failed = 0

    def use(self, write: Writer) -> None:
        """Make the drafts from now on in another way: the site has changed."""
        self._write = write

    def start(self) -> None:
        """Begin to take work."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what was asked for."""
        self._thread.stop()

    def do(self, job: Callable[[], None]) -> Deferred[None]:
        """Do something on the thread that makes drafts: what they rest on is its own."""
        return deferToThreadPool(self._reactor, self._thread, job)

    def make(self, wanted: MakeDraft) -> None:
        """Have a draft made; `drafted` is called on the reactor thread, perhaps at once."""
        try:
            draft = self._write.at_once(wanted.call, wanted.facts, wanted.transcript)
        except Exception:
            self.waiting += 1
            self._broke(wanted.call, Failure())
            return
        if draft is not None:
            self._drafted(wanted.call, draft)
            return
        self.waiting += 1
        job = deferToThreadPool(
            self._reactor, self._thread, self._write, wanted.call, wanted.facts, wanted.transcript
        )
        job.addCallbacks(
            lambda draft: self._done(wanted.call, draft), lambda why: self._broke(wanted.call, why)
        )

    def _done(self, call: CallId, draft: Draft) -> None:
        self.waiting -= 1
        self._drafted(call, draft)

    def _broke(self, call: CallId, failure: Failure) -> None:
        """A bug in drafting costs the draft, not the call: the transcript is still there."""
        self.waiting -= 1
        self.failed += 1
        LOG.error("draft_failed", call=call, error=failure.type.__name__ if failure.type else "")
        LOG.debug("draft_traceback", traceback=failure.getTraceback())
