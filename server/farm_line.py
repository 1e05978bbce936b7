"""One WebSocket connection to a `vosk-server`: one speaker's sound out, words back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.ssl import optionsForClientTLS
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

CONNECT = 5.0
"""Seconds that a host may take to accept."""
DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)
MOST = 1 << 20
"""Octets of one answer; an utterance of a minute is about 20 kB."""
Message = str | bytes


@dataclass(frozen=True, slots=True)
class Ears:
    """Who is told what becomes of a line: each answer, and once and last its end, with why."""

    opened: Callable[[], None]
    answered: Callable[[bytes], None]
    closed: Callable[[str], None]


class FarmLine(Protocol):
    """Sends once the host has accepted; what is said before waits."""

    def __init__(self, reactor: Any, url: str, ears: Ears) -> None:
        self._reactor = reactor
        self._patience: IDelayedCall | None = None
        self._client = ClientProtocol(parse_uri(url), max_size=MOST)
        self._ears = ears
        self._waiting: list[Message] = []
        self._parts = b""
        self._why = "the host closed the connection"
        self._over = False

    def connectionMade(self) -> None:
        self._patience = self._reactor.callLater(CONNECT, self.drop, "it does not accept")
        self._client.send_request(self._client.connect())
        self._flush()

    def say(self, message: Message) -> None:
        """Send a message, text or sound."""
        if self._client.state is State.CONNECTING:
            self._waiting.append(message)
        elif self._client.state is State.OPEN:
            if isinstance(message, str):
                self._client.send_text(message.encode())
            else:
                self._client.send_binary(message)
            self._flush()

    def drop(self, why: str) -> None:
        """End the connection at once; where it has ended, that is all."""
        if self._over:
            return
        self._why = why
        if self.transport is not None:
            # Where TLS failed there is nothing left of it to abort: what carries it is ended.
            carrier: Any = self.transport
            if isinstance(carrier, TLSMemoryBIOProtocol):
                carrier = carrier.transport
            carrier.abortConnection()
        else:
            self.refused(why)

    def leave(self, why: str) -> None:
        """End the connection as one should, without waiting for the host's own end of it."""
        self._why = why
        if self._client.state is State.OPEN and self.transport is not None:
            self._client.send_close()
            self._flush()
            self.transport.loseConnection()
        else:
            self.drop(why)

    def refused(self, why: str) -> None:
        """Say, once, that no more will come."""
        if not self._over:
            self._over = True
            self._ears.closed(why)

    def dataReceived(self, data: bytes) -> None:
        before = self._client.state
        self._client.receive_data(data)
        for event in self._client.events_received():
            if isinstance(event, Frame) and event.opcode in DATA:
                self._take(event)
        if self._client.handshake_exc is not None:
            self.drop(f"no vosk-server: {type(self._client.handshake_exc).__name__}")
        elif before is State.CONNECTING and self._client.state is State.OPEN:
            self._accepted()
        self._flush()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._in_time()
        self.refused(self._why)

    def _in_time(self) -> None:
        if self._patience is not None and self._patience.active():
            self._patience.cancel()

    def _accepted(self) -> None:
        self._in_time()
        self._ears.opened()
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            self.say(message)

    def _take(self, frame: Frame) -> None:
        self._parts += bytes(frame.data)
        if frame.fin:
            message, self._parts = self._parts, b""
            self._ears.answered(message)

    def _flush(self) -> None:
        if self.transport is None:
            return
        for data in self._client.data_to_send():
            if data:
                self.transport.write(data)
            else:
                self.transport.loseConnection()


class _One(Factory):
    """Gives the one protocol that was made."""

    noisy = False

    def __init__(self, line: FarmLine) -> None:
        self._line = line

    def buildProtocol(self, addr: object) -> Protocol:
        return self._line


def connect(reactor: Any, url: str, ears: Ears) -> FarmLine:
    """Begin to connect to a host, `ws://` or `wss://`; its certificate is checked."""
    place = parse_uri(url)
    line = FarmLine(reactor, url, ears)
    endpoint = HostnameEndpoint(reactor, place.host, place.port, timeout=CONNECT)
    factory: Any = _One(line)
    if place.secure:
        options = optionsForClientTLS(place.host)
        factory = TLSMemoryBIOFactory(options, True, factory, clock=reactor)
    connecting: Any = endpoint.connect(factory)
    connecting.addErrback(lambda failure: line.refused(failure.type.__name__))
    return line
