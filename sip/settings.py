"""What a stack is told when it is made; plain values, read by nobody but it."""

from dataclasses import dataclass

from sip.timers import Timing

METHODS = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "UPDATE", "REGISTER")


@dataclass(frozen=True, slots=True)
class StackSettings:
    """One port of ours, as peers see it, and how much it will hold."""

    address: str
    """The IP address that peers reach us by: in Via and Contact."""
    port: int = 5060
    user_agent: str = "Hotline12345"
    allow: tuple[str, ...] = METHODS
    """Methods that we take; REGISTER only counts with a registrar."""
    supported: tuple[str, ...] = ()
    """Option tags that may be required of us."""
    t1: float = 0.5
    """Round trip, in seconds (RFC 3261 §17.1.1.1); T2 and T4 follow."""
    t2: float = 4.0
    t4: float = 5.0
    ring_limit: float = 180.0
    """Seconds that an INVITE may stay undecided, in either direction."""
    max_legs: int = 2000
    """Calls in and out together; an INVITE beyond gets 503."""
    max_transactions: int = 20_000
    """Of each side; a request beyond gets 503 without being remembered."""
    trust_asserted: bool = False
    """Take the caller from P-Asserted-Identity (RFC 3325): only behind a trunk that vouches."""
    refuse_zero_hops: bool = True
    """Answer Max-Forwards 0 with 483. RFC 3261 §16.3 asks this of proxies only: see False."""
    retry_after: int = 10
    """Seconds to come back after, told with a 503 of the stack's own."""

    def timing(self) -> Timing:
        """Return the timers' lengths over UDP."""
        return Timing(self.t1, self.t2, self.t4, ring_limit=self.ring_limit)

    @property
    def sent_by(self) -> str:
        """Host and port as they stand in Via and in Contact."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"

    @property
    def contact(self) -> str:
        """The Contact value that peers send to within a call."""
        return f"<sip:{self.sent_by}>"
