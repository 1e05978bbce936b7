"""What call control must know of the site, as plain values made of the settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path

from calls.ids import AgentId, LaneId, Language, PromptId
from ivr.flow import Flow
from ivr.hours import Hours

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class LaneRules:
    """What the house does for a lane beyond waiting."""

    ring_time: float
    """Seconds that an agent's phone rings."""
    wrap_up: float
    """Seconds after a call in which the agent gets no other."""
    name: str
    language: Language
    hours: Hours | None
    """None: always open."""

    def opening(self, now: float) -> tuple[bool, str]:
        """Tell whether the lane is open at `now`, and which rule says so."""
        if self.hours is None:
            return True, ""
        return self.hours.is_open(datetime.fromtimestamp(now, UTC))


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds in numbers and seconds."""

    max_calls: int
    retry_after: int
    """Seconds that a refused caller is asked to wait (Retry-After)."""
    transcript_within: float = 30.0
    """Seconds after the end of a call until its transcript is declared late."""


@dataclass(frozen=True, slots=True)
class House:
    """The site as call control sees it."""

    media_address: str
    """The address that RTP is received on and that SDP names."""
    sip_uri: str
    """Who we are towards agents' phones: `sip:12345@host:port`."""
    numbers: Mapping[str, Flow]
    """Called number → flow."""
    default_flow: Flow | None
    """For any other number; None refuses it with 404."""
    sources: tuple[Network, ...]
    """Where calls may come from."""
    codecs: tuple[str, ...]
    """In our order of preference."""
    lanes: Mapping[LaneId, LaneRules]
    contacts: Mapping[AgentId, str]
    """SIP addresses of agents whose phones do not register."""
    prompt: Callable[[Language, PromptId], str]
    """Absolute path of a prompt's file; raises KeyError if there is none."""
    music: str
    """The file that a caller on hold hears."""
    recordings: Path
    """The folder that recordings grow in."""
    limits: Limits
    hours: Mapping[str, Hours] = field(default_factory=dict)
    """By name, for flows that branch on them."""
    version: str = ""
    """Of the settings; every call's record names the one that it began on."""

    def admits(self, host: str) -> bool:
        """Tell whether calls may come from this address."""
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self.sources)

    def flow_for(self, number: str) -> Flow | None:
        """Return the flow of a called number."""
        return self.numbers.get(number, self.default_flow)
