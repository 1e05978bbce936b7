"""Where a leg's packets go, and the only places that its peer's may come from."""

from media.commands import ConnectLeg

Address = tuple[str, int]
MOVED = 0.5
"""Seconds of silence after which another port of the peer's address is believed."""


class Latch:
    """Symmetric RTP: signalling names the hosts, the first good packet the port."""

    __slots__ = ("_rtcp_port", "_signalled", "hosts", "peer", "shared", "to")

    def __init__(self) -> None:
        self._signalled: Address | None = None
        self.hosts: tuple[str, ...] = ()
        """The only addresses that packets may come from."""
        self.to: Address | None = None
        """Where our packets go."""
        self.peer: Address | None = None
        """Where the peer's packets come from, once known."""
        self.shared = False
        """RTCP goes and comes on the port of RTP (RFC 5761)."""
        self._rtcp_port: int | None = None

    def signal(self, terms: ConnectLeg) -> None:
        """Take what signalling says; the same again changes nothing."""
        self.shared, self._rtcp_port = terms.mux, terms.rtcp_port
        signalled = (terms.address, terms.port)
        if signalled != self._signalled:
            self._signalled = self.to = signalled
            self.hosts, self.peer = (terms.address, terms.also or terms.address), None

    @property
    def reports_to(self) -> Address | None:
        """Where our RTCP goes; another port than the next only while signalling is right."""
        if self.to is None or self.shared:
            return self.to
        signalled = self.to[:2] == self._signalled
        port = self._rtcp_port if self._rtcp_port and signalled else self.to[1] + 1
        return self.to[0], port

    def believe(self, source: Address, heard: float | None, now: float) -> bool:
        """Tell whether a good packet is the peer's; one from a new port makes that its own."""
        if source != self.peer:
            if self.peer is not None and heard is not None and now - heard < MOVED:
                return False
            self.peer = self.to = source
        return True
