"""The range of UDP ports that legs get theirs from, in pairs: RTP even, RTCP on the next.

Once a peer is known, its packets come and go by a second socket on the same port, which
is connected to the peer: the kernel then needs no address and no route for each packet
(13 % of all CPU at a hundred legs). Strangers' packets still come to the first.
"""

import errno
import socket

from media.session import Session

RECEIVE_BUFFER = 65536
"""Octets in the kernel: some 80 packets, so that a flood cannot delay a voice for long."""
TAKEN = (errno.EADDRINUSE, errno.EACCES)
"""Why another port may do."""


class Ports:
    """The pair longest unused comes first, so that late packets of a call meet nobody."""

    def __init__(self, first: int, last: int) -> None:
        self._free = list(range(first + 1 & ~1, last, 2))[::-1]

    def bind(self, address: str) -> tuple[int, socket.socket, socket.socket]:
        """Return a pair, bound; raise OSError if none is free or the address is not ours."""
        for _ in range(len(self._free)):
            port = self._free.pop()
            try:
                voice = _bound(address, port)
                try:
                    control = _bound(address, port + 1)
                    # Only now, so that nobody else's port is ever shared:
                    voice.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                    return port, voice, control
                except OSError:
                    voice.close()
                    raise
            except OSError as error:
                self.release(port)
                if error.errno not in TAKEN:
                    raise
        raise OSError("no port is free")

    def __len__(self) -> int:
        return len(self._free)

    def release(self, port: int) -> None:
        """Take a port back."""
        self._free.insert(0, port)


class Spares:
    """Pairs that are bound before anybody needs them, for the address that was asked for first.

    Whoever opens a leg with one of them need not wait for us: a caller is answered at once.
    """

    MOST = 32

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._most = min(self.MOST, len(ports) // 4)
        self._pairs: dict[int, tuple[socket.socket, socket.socket]] = {}
        self._useless = -1  # so many ports are free, and none of them can be had
        self.address = ""

    def wanted(self, address: str) -> None:
        """Have some for an address that is ours, if it is the first."""
        self.address = self.address or address

    def take(self, port: int) -> tuple[int, socket.socket, socket.socket]:
        """Return a spare pair, with nothing in it that came while it was nobody's."""
        pair = self._pairs.pop(port, None)
        if pair is None:
            raise OSError(f"port {port} is no spare")
        for end in pair:
            _empty(end)
        return port, *pair

    def bind(self) -> tuple[int, ...]:
        """Bind more once half are gone; return those. None to be had: try when others are free."""
        free = len(self._ports)
        if not self.address or 2 * len(self._pairs) > self._most or free == self._useless:
            return ()
        more: list[int] = []
        try:
            while len(self._pairs) < self._most:
                port, voice, control = self._ports.bind(self.address)
                self._pairs[port] = voice, control
                more.append(port)
        except OSError:  # who opens a leg all the same is told why
            self._useless = len(self._ports)
        return tuple(more)

    def close(self) -> None:
        """Close what was not needed."""
        for pair in self._pairs.values():
            for end in pair:
                end.close()
        self._pairs.clear()


def connected(voice: socket.socket, peer: tuple[str, int]) -> socket.socket:
    """Return a socket on the same port that is for one peer only."""
    address, port = voice.getsockname()[:2]
    line = _bound(address, port, socket.SO_REUSEPORT)
    try:
        line.connect(peer)
    except OSError:
        line.close()
        raise
    return line


def send_as_signalled(voice: socket.socket, session: Session, packet: bytes) -> None:
    """Send to where signalling says, as long as the peer has not been heard."""
    assert session.latch.to is not None, "sent to a peer that was never signalled"
    voice.sendto(packet, session.latch.to)


def _empty(end: socket.socket) -> None:
    try:
        while True:
            end.recv(1)
    except OSError:  # nothing more, or a report that a packet of ours came back
        return


def _bound(address: str, port: int, *options: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    end = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        for option in options:
            end.setsockopt(socket.SOL_SOCKET, option, 1)
        end.bind((address, port))
    except OSError:
        end.close()
        raise
    return end
