"""What call control must know of the site, as plain values made of the settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from calls.ids import AgentId, LaneId, Language, PromptId
from ivr.flow import Flow
from ivr.hours import Hours
from server.favour_rules import FavourRules
from server.in_call import InCall
from server.srtp_rules import SrtpRules
from server.trunk_rules import TrunkRules, trunk_at


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
    recording: str = "normal"
    """`normal`: agents may pause it; `always`: nobody may; `never`: with agents, silence is."""
    briefing: tuple[str, ...] = ()
    """What the agent hears before the caller: files; none: the two are bridged at once."""
    waits: tuple[tuple[float, str], ...] = ()
    """Said after that: from so many seconds of waiting on, this file; in rising order."""

    keep_place: float = 0.0
    """Seconds for which one whose line dropped while waiting keeps the place."""
    known_agent: float = 0.0
    """Seconds for which one with an open order is kept for the agent who took it."""

    def briefing_files(self, waited: float) -> tuple[str, ...]:
        """Return what an agent is told of a caller who waited for so many seconds."""
        if not self.briefing:
            return ()
        said = [file for least, file in self.waits if least <= waited]
        return (*self.briefing, *said[-1:])

    def is_open(self, now: float) -> bool:
        """Tell whether the lane is open at `now`."""
        return self.opening(now)[0]

    def opening(self, now: float) -> tuple[bool, str]:
        """Tell whether the lane is open at `now`, and which rule says so."""
        if self.hours is None:
            return True, ""
        return self.hours.is_open(datetime.fromtimestamp(now, UTC))


@dataclass(frozen=True, slots=True)
class CallBackRules:
    """When and how often those are called back who asked for it. Durations are seconds."""

    hours: Hours | None = None
    """Within which citizens are called; None: at any time."""
    attempts: int = 3
    retry_after: float = 900.0
    ring: float = 30.0
    """That a citizen's phone rings."""
    step: float = 60.0
    """Until the next attempt, if this one failed on our side."""
    look_every: float = 900.0
    """Between two moments that are looked at for an open window."""
    look_ahead: float = 14 * 86_400.0


@dataclass(frozen=True, slots=True)
class SurveyRules:
    """How citizens are asked afterwards how it went. Durations are seconds."""

    flow: Flow
    languages: frozenset[Language]
    """That the flow's prompts are recorded in."""
    hours: Hours | None = None
    share: float = 0.05
    most: int = 100
    not_again: float = 30 * 86_400.0
    attempts: int = 2
    retry_after: float = 10_800.0
    ring: float = 25.0
    at_once: int = 2
    reserve: int = 20
    """Calls of the house's limit that are kept free."""
    pace: float = 2.0
    """Between two looks whether one more may be called."""
    keep_for: float = 3 * 86_400.0
    """After which one who was drawn is not called any more."""


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
    trunks: tuple[TrunkRules, ...]
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
    srtp: SrtpRules = field(default_factory=SrtpRules)
    """Who must or may speak in secret."""
    hours: Mapping[str, Hours] = field(default_factory=dict)
    """By name, for flows that branch on them."""
    in_call: InCall = field(default_factory=InCall)
    emergency: LaneId | None = None
    """The lane for callers in danger; None if the site has none."""
    crisis_prompt: PromptId | None = None
    """What they hear when they take their place in it."""
    favours: FavourRules = field(default_factory=FavourRules)
    """Who goes before others."""
    auto_answer: frozenset[AgentId] = frozenset()
    """Agents whose phones are asked to answer by themselves."""
    call_backs: CallBackRules = field(default_factory=CallBackRules)
    surveys: SurveyRules | None = None
    """None: nobody is asked."""
    hears: Callable[[Language], bool] = lambda _: True
    """Tells whether anybody recognises a language now: whom nobody would hear is not tapped."""
    version: str = ""
    """Of the settings; every call's record names the one that it began on."""

    def trunk_at(self, host: str) -> TrunkRules | None:
        """Return the trunk that calls from this address come by; None if none may come."""
        return trunk_at(host, self.trunks)

    def flow_for(self, number: str) -> Flow | None:
        """Return the flow of a called number."""
        return self.numbers.get(number, self.default_flow)
