"""What people ask of the running engine from its own machine: a socket in the data folder.

One line of JSON, and one line back. Who may open the socket may do this: it is the owner's only.
"""

import json
from collections.abc import Callable
from pathlib import Path
from socket import AF_UNIX, SOCK_STREAM, socket
from typing import Any

import structlog
from twisted.internet.interfaces import IReactorCore
from twisted.internet.protocol import Factory
from twisted.protocols.basic import LineOnlyReceiver

LOG = structlog.get_logger("control_face")
SOCKET = "control.sock"
LIMIT = 5.0
"""Seconds that a command waits for the engine's word."""
Values = dict[str, Any]
Answer = Callable[[Values], Values]


class NotRunning(Exception):
    """No engine answers on this data folder."""


def ask(data: Path, wish: Values) -> Values:
    """Ask the engine that runs on a data folder; raise NotRunning."""
    try:
        with socket(AF_UNIX, SOCK_STREAM) as end:
            end.settimeout(LIMIT)
            end.connect(str(data / SOCKET))
            end.sendall(json.dumps(wish).encode() + b"\n")
            with end.makefile() as said:
                found: Values = json.loads(said.readline())
                return found
    except (OSError, ValueError) as error:
        raise NotRunning(str(error)) from None


class ControlFace:
    """The engine's end."""

    def __init__(self, path: Path, answer: Answer) -> None:
        self._path, self._answer = path, answer
        self._port: Any = None

    def open(self, reactor: IReactorCore) -> None:
        """Listen; a socket of an engine that died is replaced: the journal is locked to one."""
        self._path.unlink(missing_ok=True)
        factory = _Lines(self._answer)
        try:
            self._port = reactor.listenUNIX(str(self._path), factory, mode=0o600)  # type: ignore[attr-defined]  # of a reactor of Unix
        except Exception as error:  # the name may be too long, or the disk full: calls go on
            LOG.error("control_face_not_open", path=str(self._path), error=str(error))

    def close(self) -> None:
        """Hear no more."""
        if self._port is not None:
            self._port.stopListening()
            self._port = None


class _Line(LineOnlyReceiver):
    delimiter = b"\n"
    MAX_LENGTH = 4096
    answer: Answer

    def lineReceived(self, line: bytes) -> None:
        try:
            wish = json.loads(line)
            found = self.answer(wish) if isinstance(wish, dict) else {"error": "not understood"}
        except (ValueError, KeyError, TypeError) as error:
            found = {"error": f"not understood: {type(error).__name__}"}
        self.sendLine(  # type: ignore[no-untyped-call]  # Twisted's
            json.dumps(found, ensure_ascii=False).encode()
        )
        assert self.transport is not None
        self.transport.loseConnection()


class _Lines(Factory):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def buildProtocol(self, addr: object) -> _Line:
        line = _Line()
        line.answer = self._answer
        return line
