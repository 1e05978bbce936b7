"""A UDP port for SIP: datagrams in and out."""

from collections.abc import Callable

from twisted.internet.protocol import DatagramProtocol

from sip.flow import Address, Flow


class SipUdp(DatagramProtocol):
    """Carries datagrams between one socket and whoever takes them.

    `local` is the number of this port among our addresses; peers of the first
    are plain host and port, as most of the stack's peers are.
    """

    noisy = False

    def __init__(self, local: int, take: Callable[[bytes, Address], None]) -> None:
        self._local, self._take = local, take
        self.unsent = 0

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        """Take one datagram; the stack never raises for what a peer sent."""
        source = addr[0], addr[1]
        self._take(datagram, Flow(*source, local=self._local) if self._local else source)

    def send(self, datagram: bytes, address: Address) -> None:
        """Send one datagram."""
        assert self.transport is not None, "sent before the port was opened"
        try:
            self.transport.write(datagram, (address[0], address[1]))
        except OSError:  # unreachable, or a full buffer: SIP resends by its own timers
            self.unsent += 1
