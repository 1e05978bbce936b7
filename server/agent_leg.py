"""The leg to an agent's phone: from the offer to the end of the talk."""

from dataclasses import dataclass, field

from calls.ids import AgentId, CallId, LaneId, LegId
from server.srtp_rules import new_key
from sip.message import Address
from sip.uri import Uri


@dataclass(slots=True)
class AgentLeg:
    """One attempt to reach one agent for one call."""

    call: CallId
    agent: AgentId
    lane: LaneId
    media: LegId
    """The leg's name at the media worker; it has a port before SIP knows of it."""
    uri: str
    destination: Address
    ring_until: float
    sip: LegId | None = None
    """The leg's name at the stack, once invited."""
    port: int | None = None
    srtp_key: bytes = field(default_factory=new_key, repr=False)
    """What we would send under, if SRTP is agreed."""
    version: int = 1
    answered_at: float | None = None
    on_hold: bool = False

    @property
    def answered(self) -> bool:
        """Tell whether the agent took the call."""
        return self.answered_at is not None


def destination_of(uri: str) -> Address | None:
    """Return where a static contact's requests go; None if it names no literal address.

    Nothing is looked up in DNS: a static contact is an address of our own network.
    """
    target = Uri.parse(uri)
    return (target.host.strip("[]"), target.port or 5060) if target.host else None
