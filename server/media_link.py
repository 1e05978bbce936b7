"""The engine's end of the media worker: starts it, talks to it, notices that it is gone."""

import os
import socket
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.interfaces import IDelayedCall, IProcessTransport
from twisted.internet.posixbase import PosixReactorBase
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

from media import commands as c
from media import wire
from media.worker_settings import WorkerSettings
from server.media_socket import MediaSocket

LIFE_SIGN = 20.0
"""Seconds without a word until the worker counts as hung; it says its figures every five."""
PATIENCE = 8.0
"""Seconds that a worker gets to close its recordings."""
ROOT = Path(__file__).resolve().parent.parent
THEIRS = 3
"""The number that the worker knows its end of the stream by."""

log = Logger()


def apply(several: Callable[[], None]) -> None:
    """Let several things happen, one after the other."""
    several()


class MediaLink:
    """One worker at a time. Events come on the reactor's thread, in order.

    When the worker dies or hangs, `on_lost` is called once, after its last event, with
    the reason in words; `start` may then be called again. Commands sent while there is
    no worker are dropped: its legs are gone.
    """

    def __init__(
        self,
        reactor: PosixReactorBase,
        settings: WorkerSettings,
        on_event: Callable[[c.Event], None],
        on_lost: Callable[[str], None],
        together: Callable[[Callable[[], None]], None] = apply,
    ) -> None:
        """`together` is what several events that come in one go are heard within."""
        self._reactor = reactor
        self._settings = settings
        self._on_event = on_event
        self._on_lost = on_lost
        self._together = together
        self._worker: _Worker | None = None

    @property
    def up(self) -> bool:
        """A worker is there to take commands."""
        return self._worker is not None and self._worker.up

    def start(self) -> None:
        """Start a worker; commands may be sent at once."""
        assert self._worker is None, "a worker is up"
        self._worker = _Worker(self._reactor, self._on_event, self._ended, self._together)
        self._worker.start(wire.settings_to_text(self._settings))

    def send(self, command: c.Command) -> None:
        """Send a command, with others at the next `flush`."""
        if self._worker is not None and self._worker.up:
            self._worker.say(command)

    def flush(self) -> None:
        """Let all commands go that wait; returns at once."""
        if self._worker is not None:
            self._worker.flush()

    def stop(self) -> "Deferred[None]":
        """Let the worker close everything; fires when it is gone, by force if need be."""
        done: Deferred[None] = Deferred()
        if self._worker is None:
            done.callback(None)
        else:
            self._worker.stop(done)
        return done

    def _ended(self, why: str, stopped: "list[Deferred[None]]") -> None:
        self._worker = None
        if not stopped:
            self._on_lost(why)
        for done in stopped:
            done.callback(None)


class _Process(ProcessProtocol):
    """The process of one worker."""

    def __init__(self, worker: "_Worker") -> None:
        self._worker = worker

    def processEnded(self, reason: Failure) -> None:
        self._worker.part_ended(reason.getErrorMessage())


class _Worker:
    """One worker process and its stream, until both have ended."""

    def __init__(
        self,
        reactor: PosixReactorBase,
        on_event: Callable[[c.Event], None],
        on_ended: Callable[[str, "list[Deferred[None]]"], None],
        together: Callable[[Callable[[], None]], None],
    ) -> None:
        self._reactor = reactor
        self._on_event = on_event
        self._on_ended = on_ended
        self._together = together
        self._stopped: list[Deferred[None]] = []
        self._parts = 2
        self._why = ""
        self._watch: IDelayedCall | None = None
        self._stream: MediaSocket | None = None
        self._frames = wire.Frames()
        self._ready: dict[str, deque[int]] = {}
        self._unsaid: list[bytes] = []

    @property
    def up(self) -> bool:
        return self._parts == 2 and not self._stopped

    def start(self, settings: str) -> None:
        """Spawn the process with one end of a pair of sockets; keep the other."""
        spawn: Callable[..., IProcessTransport] = self._reactor.spawnProcess
        ours, theirs = socket.socketpair()
        silent = os.open(os.devnull, os.O_RDONLY)
        path = os.pathsep.join(p for p in (str(ROOT), os.environ.get("PYTHONPATH")) if p)
        try:
            self._process = spawn(
                _Process(self),
                sys.executable,
                [sys.executable, "-m", "server.media_worker", str(THEIRS), settings],
                env={**os.environ, "PYTHONPATH": path},
                childFDs={0: silent, 1: 1, 2: 2, THEIRS: theirs.fileno()},
            )
        except BaseException:
            ours.close()
            raise
        finally:
            os.close(silent)
            theirs.close()
        gone = partial(self.part_ended, "its stream closed")
        self._stream = MediaSocket(self._reactor, ours, self._took, gone)
        self._watch = self._reactor.callLater(LIFE_SIGN, self.give_up, "it hangs")

    def say(self, command: c.Command) -> None:
        """Have the worker told; a leg for which a port is ready is open at once."""
        ready = self._ready.get(command.address) if isinstance(command, c.OpenLeg) else None
        if ready and isinstance(command, c.OpenLeg):
            opened = replace(command, port=ready.popleft())
            self._unsaid.append(wire.frame(opened))
            self._hear(c.LegOpened(opened.leg, opened.port))
        else:
            self._unsaid.append(wire.frame(command))

    def flush(self) -> None:
        """Tell it what waits, in one go."""
        assert self._stream is not None, "spoken to before it was started"
        if self._unsaid:
            words = b"".join(self._unsaid)
            self._unsaid.clear()
            self._stream.say(words)

    def _took(self, octets: bytes) -> None:
        """Take what the worker says, which is also the sign that it lives."""
        if not self._stopped and self._watch is not None and self._watch.active():
            self._watch.reset(LIFE_SIGN)
        said: list[c.Value] = []
        try:
            for body in self._frames.feed(octets):
                said.append(wire.from_wire(body))  # what comes before nonsense counts
        except wire.UnknownMessage as error:
            self.give_up(f"it speaks nonsense: {error}")
        if len(said) == 1:
            self._hear(said[0])
        elif said:
            self._together(lambda: self._hear_all(said))

    def _hear_all(self, said: list[c.Value]) -> None:
        for event in said:
            self._hear(event)

    def _hear(self, event: c.Value) -> None:
        """Pass on an event; a fault in what listens must not end the stream."""
        if isinstance(event, c.PortsReady):
            self._ready.setdefault(event.address, deque()).extend(event.ports)
            return
        try:
            self._on_event(event)  # type: ignore[arg-type]  # the worker sends only events
        except Exception:
            log.failure("an event of the media worker: {event!r}", event=event)

    def stop(self, done: "Deferred[None]") -> None:
        """Ask it to end, and make it end after a while."""
        if self.up:
            self.say(c.Shutdown())
            self.flush()
            if self._watch is not None and self._watch.active():
                self._watch.reset(PATIENCE)
        self._stopped.append(done)

    def give_up(self, why: str) -> None:
        """Kill the process; the kernel and the headers on disk keep its recordings whole."""
        self._why = self._why or why
        try:
            self._process.signalProcess("KILL")
        except ProcessExitedAlready:
            log.debug("the media worker had already ended")

    def part_ended(self, why: str) -> None:
        """The process or the stream ended; when both have, so has the worker."""
        self._why = self._why or why
        self._parts -= 1
        if self._parts:
            if self._watch is not None and self._watch.active():
                self._watch.reset(PATIENCE)
            return
        if self._watch is not None and self._watch.active():
            self._watch.cancel()
        self._on_ended(self._why, self._stopped)
