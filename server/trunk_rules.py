"""Trunks as call control sees them: whose call it is, and whether it may come in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Literal

from calls.reasons import Reason
from sip.digest import Proof, Realm
from sip.hosts import ip_address
from sip.numbers import NumberPattern, Rewrite, covered, rewritten
from sip.sdes import Policy

Network = IPv4Network | IPv6Network
Dtmf = Literal["auto", "rfc4733", "info", "inband"]


@dataclass(frozen=True, slots=True)
class TrunkRules:
    """What holds for the calls of one trunk."""

    name: str
    networks: tuple[Network, ...]
    """From where its calls come."""
    called: tuple[NumberPattern, ...] = ()
    """Called numbers that it may bring; none: any."""
    callers: tuple[NumberPattern, ...] = ()
    called_rules: tuple[Rewrite, ...] = ()
    caller_rules: tuple[Rewrite, ...] = ()
    codecs: tuple[str, ...] = ()
    """In our order of preference; none: as the house."""
    dtmf: Dtmf = "auto"
    srtp: Policy = "off"
    """Whether voice may or must come in secret."""
    max_calls: int | None = None
    """At once, both directions together."""
    max_rate: int | None = None
    """New calls a second."""
    inbound_user: str | None = None
    """Who its calls must prove to come from; None: the address is enough."""

    def caller(self, number: str) -> str:
        """Return a caller's number in our form."""
        return rewritten(number, self.caller_rules)

    def number(self, number: str) -> str:
        """Return a called number in our form."""
        return rewritten(number, self.called_rules)

    def bars(self, caller: str, called: str) -> bool:
        """Tell whether the trunk may not bring this call; both numbers are in our form."""
        if self.called and not covered(called, self.called):
            return True
        return bool(self.callers) and not covered(caller, self.callers)

    def hears_tones(self, event_payload: int | None) -> bool:
        """Tell whether keys may come as tones in the voice."""
        return self.dtmf == "inband" or (self.dtmf == "auto" and event_payload is None)

    def takes_events(self) -> bool:
        """Tell whether keys may come as telephone-events (RFC 4733)."""
        return self.dtmf in ("auto", "rfc4733")

    def takes_info(self) -> bool:
        """Tell whether keys may come by INFO."""
        return self.dtmf in ("auto", "info")


NO_RULES = TrunkRules("", ())
"""What holds for the calls of our own agents' phones."""


def trunk_at(host: str, trunks: Iterable[TrunkRules]) -> TrunkRules | None:
    """Return whose address this is: of several trunks the one that names it most narrowly."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    found = [
        (network.prefixlen, trunk)
        for trunk in trunks
        for network in trunk.networks
        if address in network
    ]
    return max(found, key=lambda one: one[0])[1] if found else None


class Unproven(Exception):
    """A trunk's call that does not prove to be the trunk's: the fields to ask for proof with."""

    def __init__(self, headers: tuple[tuple[str, str], ...]) -> None:
        super().__init__("unproven")
        self.headers = headers


@dataclass(slots=True)
class Pace:
    """How many new calls a second each trunk brings: a bucket a trunk, of one second's calls."""

    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)
    """By name: what was left, and when."""

    def allows(self, trunk: TrunkRules, now: float) -> bool:
        """Take a call; False if it is one too many for this second."""
        if trunk.max_rate is None:
            return True
        left, at = self._buckets.get(trunk.name, (float(trunk.max_rate), now))
        left = min(float(trunk.max_rate), left + (now - at) * trunk.max_rate)
        self._buckets[trunk.name] = (left - 1.0 if left >= 1.0 else left), now
        return left >= 1.0


@dataclass(slots=True)
class Gate:
    """What is remembered of trunks from call to call."""

    realm: Realm | None = None
    """Who trunks must prove to be, by digest; None: no trunk must."""
    pace: Pace = field(default_factory=Pace)

    def check(self, trunk: TrunkRules, credentials: tuple[str, ...], now: float) -> None:
        """Raise Unproven unless an INVITE's credentials are those of its trunk."""
        if trunk.inbound_user is None:
            return
        if self.realm is None:  # settings name a user and nobody gave a password
            raise Unproven(())
        proof, user = self.realm.check(credentials, "INVITE", now)
        if user != trunk.inbound_user:
            challenges = self.realm.challenges(now, stale=proof is Proof.STALE)
            raise Unproven(tuple(("WWW-Authenticate", one) for one in challenges))

    def over_capacity(self, trunk: TrunkRules, up: Mapping[str, int], now: float) -> Reason | None:
        """Say why one more call is one too many; None if it is not."""
        if trunk.max_calls is not None and up.get(trunk.name, 0) >= trunk.max_calls:
            return Reason.TRUNK_FULL
        return None if self.pace.allows(trunk, now) else Reason.TRUNK_RATE
