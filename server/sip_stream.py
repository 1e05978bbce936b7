"""SIP over TCP and TLS: connections in and out, each a stream of messages (RFC 3261 §18)."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from twisted.internet.interfaces import IDelayedCall
from twisted.internet.protocol import ClientFactory, Factory
from twisted.internet.protocol import Protocol as Connection
from twisted.python.failure import Failure

from sip.flow import SECURE, WEBSOCKETS, Flow
from sip.framing import PONG, Framing, FramingLimits, Ping, Unframed

CONNECT_LIMIT = 3.0
"""Seconds until a peer that does not take our connection counts as unreachable."""
SWEEP = 1.0
"""Seconds between two looks for connections whose time is over."""
BACKLOG_LIMIT = 256 * 1024
"""Octets more that we write to a peer that does not read; 64 KiB wait for it already."""
UNREAD_LIMIT = 10.0
"""Seconds that a peer may go without reading."""
WAITING_LIMIT = 50
"""Messages that wait for one connection to open."""


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How many connections we keep."""

    connections: int = 1000
    of_one_source: int = 200
    framing: FramingLimits = field(default_factory=FramingLimits)


class Taker(Protocol):
    """Whoever takes what the connections bring."""

    def take(self, message: bytes, source: Flow) -> None: ...
    def broken(self, broken: Unframed, source: Flow) -> None: ...
    def unreachable(self, peer: Flow) -> None: ...
    def gone(self, connection: int) -> None: ...


class SipStream(Connection):
    """One connection."""

    def __init__(self, streams: "SipStreams", flow: Flow) -> None:
        self.flow = flow
        self.peers: dict[Flow, None] = {}
        """As whom the other end was sent to: they cannot be reached once this is closed."""
        self._stuck_since: float | None = None
        self._backlog = 0
        self._streams = streams
        self._framing = Framing(streams.clock(), streams.limits.framing)

    def connectionMade(self) -> None:
        """Keep it, unless there are too many."""
        assert self.transport is not None
        # so we are told when the peer does not read what we send
        self.transport.registerProducer(self, True)  # type: ignore[attr-defined]
        if not self._streams.opened(self):
            self.transport.abortConnection()  # type: ignore[attr-defined]  # TCP and TLS have it

    def dataReceived(self, data: bytes) -> None:
        """Cut what came into messages, and pass them on."""
        assert self.transport is not None
        for frame in self._framing.feed(data, self._streams.clock()):
            if isinstance(frame, Ping):
                self.transport.write(PONG)
            elif isinstance(frame, Unframed):
                self._streams.taker.broken(frame, self.flow)
                self.transport.loseConnection()
            else:
                self._streams.taker.take(frame, self.flow)

    def connectionLost(self, reason: Failure | None = None) -> None:
        """Forget it."""
        self._streams.closed(self)

    def send(self, message: bytes, peer: Flow) -> None:
        """Write one message."""
        assert self.transport is not None
        if len(self.peers) < WAITING_LIMIT:
            self.peers[peer] = None
        if self._backlog > BACKLOG_LIMIT:
            return  # given up, and closing
        if self._stuck_since is not None:
            self._backlog += len(message)
        if self._backlog > BACKLOG_LIMIT:
            self._streams.counters["unread"] += 1
            self.close()
        else:
            self._write(message)

    def _write(self, message: bytes) -> None:
        """Put one message on the way."""
        assert self.transport is not None
        self.transport.write(message)

    def overdue(self, now: float) -> bool:
        """Tell whether the peer has had its time."""
        return self._stuck(now) or self._framing.next_deadline() <= now

    def _stuck(self, now: float) -> bool:
        return self._stuck_since is not None and self._stuck_since + UNREAD_LIMIT <= now

    def close(self) -> None:
        """Close it at once."""
        assert self.transport is not None
        self.transport.abortConnection()  # type: ignore[attr-defined]

    # --- as a producer of what the peer is to read ----------------------------------------

    def pauseProducing(self) -> None:
        """The peer does not read, or TLS is not agreed on yet."""
        self._stuck_since = self._streams.clock()

    def resumeProducing(self) -> None:
        """The peer reads again."""
        self._stuck_since, self._backlog = None, 0

    def stopProducing(self) -> None:
        """The connection is gone; `connectionLost` follows."""


class _Accepting(Factory):
    noisy = False

    def __init__(self, streams: "SipStreams", transport: str, local: int) -> None:
        self._streams, self._transport, self._local = streams, transport, local
        self._kind = streams.kinds.get(transport, SipStream)

    def buildProtocol(self, addr: Any) -> SipStream:
        number = self._streams.next_number()
        flow = Flow(addr.host, addr.port, self._transport, self._local, number)
        return self._kind(self._streams, flow)


class _Connecting(ClientFactory):
    """One connection of ours that is being opened, and what waits for it."""

    noisy = False

    def __init__(self, streams: "SipStreams", flow: Flow) -> None:
        self._streams, self._flow = streams, flow
        self.waiting: deque[tuple[bytes, Flow]] = deque()

    def buildProtocol(self, addr: Any) -> SipStream:
        flow = self._flow._replace(connection=self._streams.next_number())
        return SipStream(self._streams, flow)

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        self._streams.failed(self._flow)


class SipStreams:
    """All connections, by number and by whom they lead to.

    `secured` wraps a factory in TLS: first argument the factory, second the host to
    be verified, None for the server's side.
    """

    def __init__(
        self,
        reactor: Any,
        clock: Callable[[], float],
        taker: Taker,
        secured: Callable[[Any, str | None], Any],
        limits: StreamLimits | None = None,
    ) -> None:
        self.clock, self.taker = clock, taker
        self.limits = limits or StreamLimits()
        self.counters: Counter[str] = Counter()
        """Of `refused` (too many), `overdue`, `unread` and `failed` connections."""
        self.kinds: dict[str, type[SipStream]] = {}
        """What speaks a transport that is no plain stream."""
        self._reactor, self._secured = reactor, secured
        self._numbers = 0
        self._open: dict[int, SipStream] = {}
        self._leading: dict[tuple[str, str, int], SipStream] = {}
        """Connections that we opened, by transport, host and port."""
        self._opening: dict[tuple[str, str, int], _Connecting] = {}
        self._sources: Counter[str] = Counter()
        self._sweeping: IDelayedCall | None = None

    def __len__(self) -> int:
        return len(self._open)

    def listen(self, transport: str, local: int, host: str, port: int) -> Any:
        """Open a port; return it, to be closed."""
        factory: Any = _Accepting(self, transport, local)
        if transport in SECURE:
            factory = self._secured(factory, None)
        return self._reactor.listenTCP(port, factory, interface=host)

    def send(self, message: bytes, flow: Flow) -> None:
        """Send by the connection named, or by one that leads there, or open one (§18.1.1)."""
        connection = self._open.get(flow.connection) or self._leading.get(_key(flow))
        if connection is not None:
            connection.send(message, flow)
            return
        opening = self._opening.get(_key(flow))
        if opening is None:
            if flow.transport in WEBSOCKETS:  # nobody can call a browser; it calls us
                self._reactor.callLater(0, self.taker.unreachable, flow)
                return
            if len(self._open) + len(self._opening) >= self.limits.connections:
                self.counters["refused"] += 1
                self._reactor.callLater(0, self.taker.unreachable, flow)
                return
            opening = self._connect(flow)
        if len(opening.waiting) < WAITING_LIMIT:
            opening.waiting.append((message, flow))

    def _connect(self, flow: Flow) -> _Connecting:
        factory = _Connecting(self, flow)
        self._opening[_key(flow)] = factory
        wrapped = self._secured(factory, flow.host) if flow.transport == "TLS" else factory
        self._reactor.connectTCP(flow.host, flow.port, wrapped, timeout=CONNECT_LIMIT)
        return factory

    # --- what connections tell --------------------------------------------------------------

    def next_number(self) -> int:
        """Return a number for a new connection; never the same twice."""
        self._numbers += 1
        return self._numbers

    def opened(self, connection: SipStream) -> bool:
        """Keep a connection; False if there are too many."""
        flow = connection.flow
        full = len(self._open) >= self.limits.connections
        opening = self._opening.pop(_key(flow), None)
        if opening is None and (full or self._sources[flow.host] >= self.limits.of_one_source):
            self.counters["refused"] += 1
            return False
        self._open[flow.connection] = connection
        self._sources[flow.host] += 1
        if opening is not None:
            self._leading[_key(flow)] = connection
            for message, peer in opening.waiting:
                connection.send(message, peer)
        if self._sweeping is None:
            self._sweeping = self._reactor.callLater(SWEEP, self._sweep)
        return True

    def closed(self, connection: SipStream) -> None:
        """Forget a connection; what was asked over it and not answered hears of it (§17.1.4)."""
        flow = connection.flow
        if self._open.pop(flow.connection, None) is None:
            return
        self._sources[flow.host] -= 1
        if not self._sources[flow.host]:
            del self._sources[flow.host]
        if self._leading.get(_key(flow)) is connection:
            del self._leading[_key(flow)]
        for peer in connection.peers:
            self.taker.unreachable(peer)
        self.taker.gone(flow.connection)

    def failed(self, flow: Flow) -> None:
        """A connection of ours could not be opened: whoever waits for it hears of it."""
        self.counters["failed"] += 1
        opening = self._opening.pop(_key(flow))
        for peer in dict.fromkeys(peer for _, peer in opening.waiting):
            self.taker.unreachable(peer)

    def _sweep(self) -> None:
        """Close what is overdue: a message begun and not finished, or nothing for long."""
        now = self.clock()
        for connection in [c for c in self._open.values() if c.overdue(now)]:
            self.counters["overdue"] += 1
            connection.close()
        self._sweeping = self._reactor.callLater(SWEEP, self._sweep) if self._open else None


def _key(flow: Flow) -> tuple[str, str, int]:
    return flow.transport, flow.host, flow.port
