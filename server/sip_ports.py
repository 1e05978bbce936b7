"""Every SIP address of ours, the stack behind them, and its one timer."""

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from twisted.internet.interfaces import IDelayedCall

from server.sip_stream import SipStreams, StreamLimits
from server.sip_udp import SipPort, SipUdp
from sip.flow import UDP, WEBSOCKETS, Address, Flow, local_of, reliable
from sip.framing import Unframed
from sip.settings import Listening
from sip.stack import Stack

LOG = structlog.get_logger("sip")
LATE = 0.05
"""Seconds; when a timer fires later than this the engine was busy, and messages wait."""


class SipPorts:
    """Carries messages between sockets and the stack.

    `turn` is run after anything that may have changed the stack; it lets call
    control take the stack's events and then calls `flush`. `listening` are the
    addresses to bind, in the order of their numbers; the first is UDP.
    """

    def __init__(
        self,
        stack: Stack,
        reactor: Any,
        clock: Callable[[], float],
        turn: Callable[[], None],
        listening: Sequence[Listening],
    ) -> None:
        self._stack, self._reactor, self._clock, self._turn = stack, reactor, clock, turn
        self._timer: IDelayedCall | None = None
        self._due = 0.0
        """When the timer fires, while it is set."""
        self._changed = False
        """Messages came that may have changed the stack; no turn was run since."""
        self._listening = listening
        self._datagrams = {
            local: SipUdp(local, self._receive, self._all_read)
            for local, ours in enumerate(listening)
            if ours.transport == UDP
        }
        self.streams: SipStreams | None = None
        """None without TCP and TLS."""

    def with_streams(
        self, secured: Callable[[Any, str | None], Any], limits: StreamLimits | None = None
    ) -> None:
        """Speak over TCP and TLS too; `secured` as `SipStreams` has it."""
        from server.sip_websocket import SipWebSocket  # noqa: PLC0415  most sites speak UDP alone

        self.streams = SipStreams(self._reactor, self._clock, self, secured, limits)
        self.streams.kinds = dict.fromkeys(WEBSOCKETS, SipWebSocket)

    def open(self) -> None:
        """Open every port; raises CannotListenError."""
        for local, ours in enumerate(self._listening):
            if ours.transport == UDP:
                protocol = self._datagrams[local]
                SipPort(ours.port, protocol, ours.address, self._reactor).startListening()  # type: ignore[no-untyped-call]
            else:
                assert self.streams is not None, "a stream address without streams"
                self.streams.listen(ours.transport, local, ours.address, ours.port)

    # --- in -----------------------------------------------------------------------------

    def take(self, message: bytes, source: Address) -> None:
        """Take one message; the stack never raises for what a peer sent."""
        self._receive(message, source)
        self._all_read()

    def _receive(self, message: bytes, source: Address) -> None:
        """Take one of several messages; `_all_read` does what they ask for."""
        if self._stack.receive(message, source, self._clock()):
            self._changed = True

    def _all_read(self) -> None:
        if self._changed:
            self._changed = False
            self._turn()
        for ban in self._stack.banned():
            LOG.warning("sip_source_banned", source=ban.host, why=ban.why.value)

    def broken(self, broken: Unframed, source: Flow) -> None:
        """Answer what broke a stream."""
        self._stack.refuse_unframed(broken, source)
        self._turn()

    def unreachable(self, peer: Flow) -> None:
        """Let the requests fail that cannot get to a peer."""
        self._stack.undeliverable(peer, self._clock())
        self._turn()

    def gone(self, connection: int) -> None:
        """Let the registrar know that a connection was closed."""
        self._stack.disconnected(connection)
        self._turn()

    # --- out ----------------------------------------------------------------------------

    def flush(self) -> None:
        """Send what waits and set the one timer again."""
        for message, address in self._stack.to_send():
            if not reliable(address):
                self._datagrams[local_of(address)].send(message, address)
            elif self.streams is not None and isinstance(address, Flow):
                self.streams.send(message, address)
        self._set_timer()

    def _set_timer(self) -> None:
        due = self._stack.next_deadline()
        active = self._timer is not None and self._timer.active()
        if due is None or (active and self._due <= due):
            return  # a timer that fires too early finds nothing due, and is set again
        if active and self._timer is not None:
            self._timer.cancel()
        self._due = due
        self._timer = self._reactor.callLater(max(0.0, due - self._clock()), self._wake)

    def _wake(self) -> None:
        """Fire what is due; if we come late, after what meanwhile came in has been read.

        Otherwise we would repeat an answer whose ACK waits at the socket already.
        """
        if self._clock() - self._due > LATE:
            self._timer = self._reactor.callLater(0, self._tick)
        else:
            self._tick()

    def _tick(self) -> None:
        self._stack.tick(self._clock())
        if self._stack.idle:
            self._set_timer()  # something was forgotten, or a timer had been set too early
        else:
            self._turn()
