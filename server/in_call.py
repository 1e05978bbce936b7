"""What the house allows in a call: whom to reach, by which keys, who may listen."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from calls.ids import AgentId
from media.mix import Supervision
from server.asked import InTalk
from server.rota import Rota

SWITCH = {"4": Supervision.LISTEN, "5": Supervision.WHISPER, "6": Supervision.BARGE}


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody whom the settings name: exactly one of agent, uri, number and rota is set."""

    name: str
    agent: AgentId | None = None
    uri: str | None = None
    number: str | None = None
    context: bool = False
    """Tell them the case in User-to-User (RFC 7433)."""
    rota: Rota | None = None


@dataclass(frozen=True, slots=True)
class InCall:
    """The rules of a call that is talked on."""

    places: Mapping[str, Place] = field(default_factory=dict)
    keys: Mapping[str, InTalk] = field(default_factory=dict)
    """Key code of an agent's phone → what it asks for; no code begins another."""
    listening: Mapping[str, Supervision] = field(default_factory=lambda: SWITCH)
    """Key of a listening supervisor's phone → how the supervisor takes part from then on."""
    supervisors: frozenset[AgentId] = frozenset()
    breaks: Mapping[str, str] = field(default_factory=dict)
    """Reason code of a pause → its name."""
    ring: float = 30.0
    """Seconds that one who is reached for is rung."""
    brief_limit: float = 4.0
    """Seconds after which an announcement to the agent is cut."""
    cool_down: float = 180.0
    """Seconds of pause after a call whose agent said that the caller was abusive; 0: none."""
    extension_limit: float = 600.0
    """Seconds by which a wrap-up may be extended at once."""
