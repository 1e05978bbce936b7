"""A UDP port for SIP: datagrams in and out, and the one timer."""

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.protocol import DatagramProtocol

from sip.stack import Stack


class SipUdp(DatagramProtocol):
    """Carries datagrams between a socket and the stack.

    `turn` is run after anything that may have changed the stack; it lets call
    control take the stack's events and then calls `flush`.
    """

    def __init__(
        self,
        stack: Stack,
        reactor: IReactorTime,
        clock: Callable[[], float],
        turn: Callable[[], None],
    ) -> None:
        self._stack, self._reactor, self._clock, self._turn = stack, reactor, clock, turn
        self._timer: IDelayedCall | None = None
        self.unsent = 0

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        """Take one datagram; the stack never raises for what a peer sent."""
        self._stack.receive(datagram, (addr[0], addr[1]), self._clock())
        self._turn()

    def flush(self) -> None:
        """Send what waits and set the one timer again."""
        assert self.transport is not None, "flushed before the port was opened"
        for datagram, address in self._stack.to_send():
            try:
                self.transport.write(datagram, address)
            except OSError:  # unreachable, or a full buffer: SIP resends by its own timers
                self.unsent += 1
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        due = self._stack.next_deadline()
        if due is not None:
            self._timer = self._reactor.callLater(max(0.0, due - self._clock()), self._tick)

    def _tick(self) -> None:
        self._stack.tick(self._clock())
        self._turn()
