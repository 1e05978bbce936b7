"""A site while it is being read: what is sound so far, and what is not."""

from dataclasses import dataclass, field

from config.document import Document
from config.faults import Fault
from config.hours_schema import Calendar, HoursSettings
from config.lane_schema import Agent, Lane
from config.plans import Plan
from config.prompt_files import Prompts, Spoken
from config.schema import MatterType, Place, SiteFile, SpokenText, Unit
from config.trunk_schema import Trunk
from ivr.parts import Script, Whole

FILES = (
    "site.yaml",
    "trunks.yaml",
    "lanes.yaml",
    "hours.yaml",
    "agents.yaml",
    "units.yaml",
    "types.yaml",
    "gazetteer.yaml",
)

PLANS = "plans.yaml"
"""A file that a site need not have."""


@dataclass(slots=True)
class Draft:
    """The entries that are sound, by file, and every document with its faults."""

    documents: dict[str, Document]
    prompts: Prompts
    site: SiteFile | None = None
    trunks: dict[str, Trunk] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)
    hours: dict[str, HoursSettings] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    types: dict[str, MatterType] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    scripts: dict[str, Script] = field(default_factory=dict)
    """Flows as their files have them."""
    unsound: dict[str, Script] = field(default_factory=dict)
    """Flows whose files have faults, or that cannot be made whole; what is sound of them."""
    wholes: dict[str, Whole] = field(default_factory=dict)
    """Flows that a number may lead to, with what they call in place."""
    plans: dict[str, Plan] = field(default_factory=dict)
    spoken: dict[Spoken, SpokenText] = field(default_factory=dict)

    def faults(self) -> list[Fault]:
        """Return what has been found so far."""
        return [*self.prompts.faults, *(f for d in self.documents.values() for f in d.faults)]
