"""The legs that we call: from the first ring to the end of the talk."""

from dataclasses import dataclass, field
from functools import lru_cache

from calls.ids import AgentId, CallId, LaneId, LegId
from server.srtp_rules import new_key
from server.trunk_rules import NO_RULES, TrunkRules
from sip.message import Address
from sip.sdp import Agreed, Layout
from sip.uri import Uri


@dataclass(slots=True, kw_only=True)
class CalledLeg:
    """One attempt to reach somebody for a call."""

    call: CallId
    agent: AgentId | None
    """Who of our own it is."""
    media: LegId
    """The leg's name at the media worker; it has a port before SIP knows of it."""
    uri: str
    destination: Address
    ring_until: float
    sip: LegId | None = None
    """The leg's name at the stack, once invited."""
    port: int | None = None
    trunk: TrunkRules = NO_RULES
    """Of the trunk that it goes out by; a phone of ours goes by none."""
    srtp_key: bytes = field(default_factory=new_key, repr=False)
    """What we would send under, if SRTP is agreed."""
    version: int = 1
    layout: Layout | None = None
    told: bytes = field(default=b"", repr=False)
    """Our side of the session, as its phone has it from us."""
    answered_at: float | None = None
    agreed: Agreed | None = None
    """Of the session as it is now."""
    on_hold: bool = False
    """Its phone put us on hold."""
    heard: bool = False
    """RTP came from it."""

    @property
    def answered(self) -> bool:
        """Tell whether the call was taken."""
        return self.answered_at is not None


@dataclass(slots=True, kw_only=True)
class AgentLeg(CalledLeg):
    """To the agent whom a call was offered to, or transferred to."""

    agent: AgentId
    lane: LaneId


@lru_cache(maxsize=4096)
def destination_of(uri: str) -> Address | None:
    """Return where a static contact's requests go; None if it names no literal address.

    Nothing is looked up in DNS: a static contact is an address of our own network.
    """
    target = Uri.parse(uri)
    return (target.host.strip("[]"), target.port or 5060) if target.host else None
