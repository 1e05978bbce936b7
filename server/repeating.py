"""What is done again and again until the house closes."""

from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall


class Repeating:
    """Does one thing every so many seconds; waits for a Deferred that it returns."""

    def __init__(self, work: Callable[[], object], every: float) -> None:
        self._loop, self._every = LoopingCall(work), every

    def start(self, reactor: IReactorTime, *, now: bool = False) -> None:
        """Begin, `now` or after the first pause."""
        self._loop.clock = reactor
        self._loop.start(self._every, now=now)

    def stop(self) -> None:
        """Do it no more; one that never began is none."""
        if self._loop.running:
            self._loop.stop()
