"""The engine's end of one recognition worker: starts it, speaks with it, knows how it ended."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

from twisted.internet.interfaces import IDelayedCall
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from asr.frames import BrokenFrame, Header, Unpacker, pack
from server.recognition_patience import Work, work_of

ROOT = Path(__file__).resolve().parent.parent
WORKER = "server.recognition_worker"
"""The module that a worker process runs."""
LAST_WORDS = 2000
"""Bytes kept of what a worker wrote to its standard error."""
PATIENCE = 2.0
"""Seconds that a worker may take to end once its socket is closed."""


class RecognitionLink:
    """One worker process, from start to end.

    `on_frame` gets each answer; `on_gone` gets, exactly once and last, the reason why no
    more will come. Both are called by the reactor, never from within `send` or `kill`.
    """

    def __init__(
        self,
        reactor: Any,
        settings: dict[str, object],
        on_frame: Callable[[Header], None],
        on_gone: Callable[[str], None],
        *,
        module: str | None = None,
    ) -> None:
        """`module` is what the worker runs, if it is no recogniser."""
        self._reactor = reactor
        self._on_frame = on_frame
        self._on_gone = on_gone
        self._why = ""
        """Ours, if it was us who ended it."""
        self.outdated = False
        self.threads = int(cast(int, settings["threads"]))
        self.where = "local"
        self._killer: IDelayedCall | None = None
        self._process, ours, heard = _started(settings, module or WORKER)
        self._frames = _Frames(self)
        self._last_words = _LastWords()
        for end, protocol in ((ours, self._frames), (heard, self._last_words)):
            with end:
                end.setblocking(False)
                reactor.adoptStreamConnection(end.fileno(), socket.AF_UNIX, _Only(protocol))

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return int(self._process.pid)

    def work(self) -> Work | None:
        """Return what the worker has done and wants to; None if the system does not say."""
        return work_of(self.pid)

    def send(self, header: Header, body: bytes = b"") -> None:
        """Send a frame; one to a worker that is gone is lost."""
        self._frames.send(pack(header, body))

    def kill(self, why: str) -> None:
        """End the worker at once; `why` is what `on_gone` will say."""
        self._why = self._why or why
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._frames.close()

    def frame(self, header: Header) -> None:
        """An answer came."""
        try:
            self._on_frame(header)
        except (BrokenFrame, KeyError, TypeError) as error:
            self.broken(f"{type(error).__name__}: {error}")

    def broken(self, why: str) -> None:
        """The worker no longer makes sense."""
        self.kill(f"spoke nonsense: {why}")

    def closed(self) -> None:
        """The worker's socket is closed: find out how it ended."""
        self._killer = self._reactor.callLater(PATIENCE, self._process.kill)
        self._reap()

    def _reap(self) -> None:
        status = self._process.poll()
        if status is None:
            self._reactor.callLater(0.02, self._reap)
            return
        if self._killer is not None and self._killer.active():
            self._killer.cancel()
        self._on_gone(self._why or self._explain(status))

    def _explain(self, status: int) -> str:
        how = f"exit {status}" if status >= 0 else f"killed by {signal.Signals(-status).name}"
        said = self._last_words.last_line()
        return f"{how}: {said}" if said else how


def _started(
    settings: dict[str, object],
    module: str,
) -> tuple[subprocess.Popen[bytes], socket.socket, socket.socket]:
    """Start a worker; return it with our ends of its frames and of its standard error.

    Raises OSError when the system has no process or no socket to give.
    """
    with ExitStack() as kept:
        ours, theirs = (kept.enter_context(end) for end in socket.socketpair())
        heard, said = (kept.enter_context(end) for end in socket.socketpair())
        command = [sys.executable, "-m", module]
        process = subprocess.Popen(
            [*command, str(theirs.fileno()), json.dumps(settings)],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said.fileno(),
            cwd=ROOT,
            start_new_session=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        kept.pop_all()
    theirs.close()
    said.close()
    return process, ours, heard


class _Only(Factory):
    """Gives the one protocol that was made for a socket."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol

    def buildProtocol(self, addr: object) -> Protocol:
        return self._protocol


class _Frames(Protocol):
    """The socket that carries frames."""

    def __init__(self, link: RecognitionLink) -> None:
        self._link = link
        self._unpacker = Unpacker()

    def send(self, frame: bytes) -> None:
        if self.transport is not None:
            self.transport.write(frame)

    def close(self) -> None:
        if self.transport is not None:
            self.transport.abortConnection()  # type: ignore[attr-defined]  # a TCP-like transport

    def dataReceived(self, data: bytes) -> None:
        try:
            frames = self._unpacker.feed(data)
        except BrokenFrame as error:
            self._link.broken(str(error))
            return
        for header, _ in frames:
            self._link.frame(header)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._link.closed()


class _LastWords(Protocol):
    """The worker's standard error: the end of it is kept, for when it dies."""

    def __init__(self) -> None:
        self._text = b""

    def dataReceived(self, data: bytes) -> None:
        self._text = (self._text + data)[-LAST_WORDS:]

    def last_line(self) -> str:
        lines = self._text.decode(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else ""
