"""Who must, may or may not speak in secret (SRTP), and with what key of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from secrets import token_bytes

from calls.ids import AgentId
from config.settings import Site
from sip.sdes import KEY, Policy, Security
from sip.sdp import Agreed

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class SrtpRules:
    """What is settled for each trunk and each agent's phone; `off` for anybody else."""

    trunks: tuple[tuple[Network, Policy], ...] = ()
    phones: Mapping[AgentId, Policy] = field(default_factory=dict)

    def of_trunk(self, host: str) -> Policy:
        """Return what holds for calls from an address: of several trunks the narrowest."""
        try:
            address = ip_address(host)
        except ValueError:
            return "off"
        found = [(net.prefixlen, policy) for net, policy in self.trunks if address in net]
        return max(found, key=lambda one: one[0])[1] if found else "off"

    def of_phone(self, agent: AgentId) -> Policy:
        """Return what holds for an agent's phone."""
        return self.phones.get(agent, "off")


def srtp_rules(site: Site) -> SrtpRules:
    """Return a site's rules."""
    return SrtpRules(
        tuple((ip_network(n), t.srtp) for t in site.trunks.values() for n in t.addresses),
        {one.id: one.srtp for one in site.agents.values() if one.srtp != "off"},
    )


def new_key() -> bytes:
    """Draw a master key with its salt."""
    return token_bytes(KEY)


def security(policy: Policy, key: bytes, agreed: Agreed | None) -> Security:
    """Return how to answer or offer: in mid-call the key stays as it was agreed."""
    kept = agreed.secret.ours if agreed is not None and agreed.secret is not None else key
    return Security(policy, kept)
