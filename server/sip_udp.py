"""A UDP port for SIP: datagrams in and out."""

import socket
from collections.abc import Callable
from typing import Any

import structlog
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.udp import Port
from twisted.logger import Logger

from sip.flow import Address, Flow

LOG = structlog.get_logger("sip")
log = Logger()
LARGEST = 65535
"""Octets of a datagram."""
AT_ONCE = 8192
"""Octets that may be read before anything is done about them, the last datagram not counted:
some twenty messages, which the stack takes in two or three milliseconds."""
RECEIVE_BUFFER = 4 * 1024 * 1024
"""Octets that may wait in the kernel: what comes in half a second, T1, at three thousand
messages a second. Of less, a pause of a tenth of a second makes the kernel drop messages,
and each peer repeats what was dropped."""
ENOUGH = 1024 * 1024
"""Octets below which it is worth a line in the log that the system gives us no more."""
FORCE = getattr(socket, "SO_RCVBUFFORCE", 33)
"""Linux' option for those who may pass net.core.rmem_max; Python names it from 3.15 on."""


class SipUdp(DatagramProtocol):
    """Carries datagrams between one socket and whoever takes them.

    `local` is the number of this port among our addresses; peers of the first
    are plain host and port, as most of the stack's peers are. `all_read` is called
    when all that waited was taken.
    """

    noisy = False

    def __init__(
        self, local: int, take: Callable[[bytes, Address], None], all_read: Callable[[], None]
    ) -> None:
        self._local, self._take, self._all_read = local, take, all_read
        self._end: socket.socket
        """Written to without Twisted, which asks at each datagram whether a host is an address:
        the stack gives addresses only, never names that the system would have to look up."""
        self.unsent = 0

    def startProtocol(self) -> None:
        """Ask for a long queue in the kernel, beyond the system's own limit if we may."""
        assert self.transport is not None, "started without a port"
        self._end = self.transport.socket  # type: ignore[attr-defined]  # a UDP port has one
        granted = widen(self._end, RECEIVE_BUFFER)
        if granted < ENOUGH:
            LOG.warning("sip_receive_buffer_small", octets=granted, wanted=RECEIVE_BUFFER)

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        """Take one datagram; the stack never raises for what a peer sent."""
        source = addr[0], addr[1]
        self._take(datagram, Flow(*source, local=self._local) if self._local else source)

    def all_read(self) -> None:
        """What waited was taken; a fault in what follows must not close the port."""
        try:
            self._all_read()
        except Exception:
            log.failure("after messages were taken")

    def send(self, datagram: bytes, address: Address) -> None:
        """Send one datagram."""
        try:
            self._end.sendto(datagram, (address[0], address[1]))
        except OSError:  # unreachable, or a full buffer: SIP resends by its own timers
            self.unsent += 1


class SipPort(Port):
    """A UDP port that lets several messages come before anything is done about them.

    Peers send in bursts, and what a turn of the engine costs beyond its messages (a write to
    the journal, to the media worker, a look at all deadlines) is then paid once for several.
    """

    maxThroughput = AT_ONCE

    def __init__(self, port: int, protocol: SipUdp, interface: str, reactor: Any) -> None:
        super().__init__(port, protocol, interface, LARGEST, reactor)  # type: ignore[no-untyped-call]

    def doRead(self) -> None:
        """Read what waits, and say so."""
        super().doRead()  # type: ignore[no-untyped-call]
        self.protocol.all_read()


def widen(end: socket.socket, octets: int) -> int:
    """Let so many octets wait at a socket, or as many as we may have; return how many may."""
    try:
        end.setsockopt(socket.SOL_SOCKET, FORCE, octets)
    except OSError:  # not ours to say: net.core.rmem_max is the limit
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, octets)
    return end.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2  # Linux counts it twice
