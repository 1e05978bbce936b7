"""What a stack is told when it is made; plain values, read by nobody but it."""

from collections.abc import Container
from dataclasses import dataclass

from sip.flow import SECURE, TLS, UDP, Address, Flow, local_of, transport_of
from sip.timers import Timing

# fmt: off
METHODS = (
    "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "UPDATE", "PRACK", "REFER", "REGISTER",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Listening:
    """One more address of ours, as peers see it."""

    transport: str
    """`UDP`, `TCP` or `TLS`."""
    address: str
    port: int

    @property
    def sent_by(self) -> str:
        """Host and port as they stand in Via and in Contact."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class StackSettings:
    """One port of ours, as peers see it, and how much it will hold."""

    address: str
    """The IP address that peers reach us by: in Via and Contact."""
    port: int = 5060
    also: tuple[Listening, ...] = ()
    """What we listen on besides: more UDP ports, TCP, TLS. The first UDP port is number 0."""
    user_agent: str = "Hotline12345"
    allow: tuple[str, ...] = METHODS
    """Methods that we take; REGISTER only counts with a registrar."""
    supported: tuple[str, ...] = ("100rel", "timer", "norefersub", "path", "outbound")
    """Option tags that may be required of us."""
    callers: Container[str] | None = None
    """Hosts that calls may come from; None: any. Others get 403 before anything is remembered."""
    session_expires: int = 1800
    """Seconds after which a call without a sign of the peer's ends (RFC 4028); 0: never."""
    t1: float = 0.5
    """Round trip, in seconds (RFC 3261 §17.1.1.1); T2 and T4 follow."""
    t2: float = 4.0
    t4: float = 5.0
    ring_limit: float = 180.0
    """Seconds that an INVITE may stay undecided, in either direction."""
    max_legs: int = 2000
    """Calls in and out together; an INVITE beyond gets 503."""
    max_transactions: int = 40_000
    """Of each side; a request beyond gets 503 without being remembered. A call leaves two for
    32 seconds: 300 calls a second need 20,000, of some 6 kB."""
    trusted: Container[str] = ()
    """Hosts whose P-Asserted-Identity is believed (RFC 3325): trunks that vouch for it."""
    refuse_zero_hops: bool = True
    """Answer Max-Forwards 0 with 483. RFC 3261 §16.3 asks this of proxies only: see False."""
    retry_after: int = 10
    """Seconds to come back after, told with a 503 of the stack's own."""

    large: int = 1300
    """Octets of a request above which TCP is tried first, if we listen on it (§18.1.1)."""

    def timing(self, *, reliable: bool = False) -> Timing:
        """Return the timers' lengths over UDP, or over a stream."""
        return Timing(self.t1, self.t2, self.t4, reliable=reliable, ring_limit=self.ring_limit)

    def come_back(self) -> list[tuple[str, str]]:
        """Return the header that says when one we have no room for may ask again (§20.33)."""
        return [("Retry-After", str(self.retry_after))]

    def listening(self) -> tuple[Listening, ...]:
        """Return every address of ours, by its number."""
        return Listening(UDP, self.address, self.port), *self.also

    def local_for(self, transport: str) -> int | None:
        """Return the number of our first address of a transport; None if there is none."""
        found = (n for n, ours in enumerate(self.listening()) if ours.transport == transport)
        return next(found, None)

    def seen_by(self, peer: Address) -> Listening:
        """Return the address of ours that a peer is talked to from."""
        local, transport = local_of(peer), transport_of(peer)
        ours = self.listening()
        if local < len(ours) and ours[local].transport == transport:
            return ours[local]
        number = self.local_for(transport)
        return Listening(transport, self.address, self.port) if number is None else ours[number]

    def contact(self, peer: Address, *, secure: bool = False) -> str:
        """Return the Contact value that a peer sends to within a call.

        `secure`: by TLS all the way (§8.1.1.8, §12.1.1), if we listen on it.
        """
        ours = self.seen_by(peer)
        if secure and (ours.transport in SECURE or self.local_for(TLS) is not None):
            ours = ours if ours.transport in SECURE else self.seen_by(Flow("", 0, TLS))
            return f"<sips:{ours.sent_by}{'' if ours.transport == TLS else ';transport=ws'}>"
        transport = "" if ours.transport == UDP else f";transport={ours.transport.lower()}"
        return f"<sip:{ours.sent_by}{transport}>"
