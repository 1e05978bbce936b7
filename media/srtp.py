"""Voice and reports in secret (RFC 3711). The only file that imports pylibsrtp."""

from pylibsrtp import Error, Policy, Session


class Shield:
    """Both directions of one leg, each under its sender's key.

    What does not prove to be the peer's, or came before, is opened as None: it must be
    counted and dropped, and its source not believed.
    """

    __slots__ = ("_inward", "_outward")

    def __init__(self, theirs: bytes, ours: bytes) -> None:
        """Take master keys with their salts, 30 octets each; raise ValueError for others."""
        if len(theirs) != 30 or len(ours) != 30:
            raise ValueError("a key of another length")
        self._inward = Session(Policy(key=theirs, ssrc_type=Policy.SSRC_ANY_INBOUND))
        self._outward = Session(Policy(key=ours, ssrc_type=Policy.SSRC_ANY_OUTBOUND))

    def seal(self, packet: bytes) -> bytes | None:
        """Return an RTP packet of ours as it goes out; None if it must not go out again."""
        try:
            return bytes(self._outward.protect(packet))
        except (Error, ValueError):
            return None

    def open(self, datagram: bytes) -> bytes | None:
        """Return the RTP packet in a datagram."""
        try:
            return bytes(self._inward.unprotect(datagram))
        except (Error, ValueError):
            return None

    def seal_report(self, packet: bytes) -> bytes | None:
        """Return an RTCP packet of ours as it goes out."""
        try:
            return bytes(self._outward.protect_rtcp(packet))
        except (Error, ValueError):
            return None

    def open_report(self, datagram: bytes) -> bytes | None:
        """Return the RTCP packet in a datagram."""
        try:
            return bytes(self._inward.unprotect_rtcp(datagram))
        except (Error, ValueError):
            return None
