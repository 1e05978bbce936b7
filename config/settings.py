"""A site whole: everything that its folder says, checked and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from calls.ids import AgentId, LaneId, Language, PromptId, UnitId
from config.emergency_schema import Emergency
from config.in_call_schema import InCallSettings
from config.lane_schema import Agent, Lane
from config.schema import (
    CallBackSettings,
    FlowRules,
    Http,
    Limits,
    MatterType,
    Place,
    Priority,
    Recognition,
    RecordingSettings,
    Rests,
    Retention,
    Rtp,
    Sip,
    SpokenText,
    Unit,
)
from config.service_schema import Service
from config.survey_schema import Surveys
from config.trunk_schema import Trunk
from config.values import Names
from ivr.flow import Flow
from ivr.hours import Hours

if TYPE_CHECKING:
    from config.plans import Plan


@dataclass(frozen=True, slots=True)
class Site:
    """One city's hotline, as its administrators have set it. Durations are seconds."""

    folder: Path
    city: Names
    sip: Sip
    rtp: Rtp
    http: Http
    numbers: Mapping[str, str]
    """Called number → name of a flow."""
    default_number: str | None
    """Whose flow calls to any other number get; None refuses them."""
    ready_on_register: bool
    limits: Limits
    rests: Rests
    priority: Priority
    call_backs: CallBackSettings
    surveys: Surveys
    recognition: Recognition
    recording: RecordingSettings
    retention: Retention
    flow_rules: FlowRules
    in_call: InCallSettings
    emergency: Emergency
    service: Service
    secrets: str
    """File in the data folder."""
    trunks: Mapping[str, Trunk]
    lanes: Mapping[LaneId, Lane]
    agents: Mapping[AgentId, Agent]
    units: Mapping[UnitId, Unit]
    types: Mapping[str, MatterType]
    places: Mapping[str, Place]
    hours: Mapping[str, Hours]
    flows: Mapping[str, Flow]
    prompts: Mapping[tuple[Language, PromptId], Path]
    prompt_seconds: Mapping[tuple[Language, PromptId], float]
    prompt_texts: Mapping[tuple[Language, PromptId], SpokenText]
    plans: "Mapping[str, Plan]" = field(default_factory=dict)
    """What may be switched on for an event."""

    def flow_for(self, number: str) -> Flow | None:
        """Return the flow of a called number; None: refuse the call."""
        name = self.numbers.get(number)
        if name is None and self.default_number is not None:
            name = self.numbers[self.default_number]
        return None if name is None else self.flows[name]

    def hours_of(self, lane: LaneId) -> Hours | None:
        """Return when a lane is open; None: always."""
        name = self.lanes[lane].hours
        return None if name is None else self.hours[name]
