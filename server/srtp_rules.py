"""Who must, may or may not speak in secret (SRTP), and with what key of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_bytes

from calls.ids import AgentId
from config.settings import Site
from sip.sdes import KEY, Policy, Security
from sip.sdp import Agreed


@dataclass(frozen=True, slots=True)
class SrtpRules:
    """What is settled for each agent's phone (a trunk's is in its `TrunkRules`)."""

    phones: Mapping[AgentId, Policy] = field(default_factory=dict)

    def of_phone(self, agent: AgentId | None) -> Policy:
        """Return what holds for an agent's phone."""
        return "off" if agent is None else self.phones.get(agent, "off")


def srtp_rules(site: Site) -> SrtpRules:
    """Return a site's rules."""
    return SrtpRules({one.id: one.srtp for one in site.agents.values() if one.srtp != "off"})


def new_key() -> bytes:
    """Draw a master key with its salt."""
    return token_bytes(KEY)


def security(policy: Policy, key: bytes, agreed: Agreed | None) -> Security:
    """Return how to answer or offer: in mid-call the key stays as it was agreed."""
    kept = agreed.secret.ours if agreed is not None and agreed.secret is not None else key
    return Security(policy, kept)
