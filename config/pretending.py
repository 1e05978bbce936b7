"""A site as a pretended caller meets it: its lanes, hours and recordings, at any moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from calls.ids import LaneId, Language
from config.settings import Site
from ivr.flow import Flow
from ivr.pretend import PretendedLane, State, World


@dataclass(frozen=True, slots=True)
class Pretended:
    """Who calls, and what the house finds out."""

    caller: str = "13900000000"
    answers: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    speaks: Language | None = None


NOTHING = Pretended()


def world_of(
    site: Site, at: datetime, states: Mapping[LaneId, State], pretended: Pretended = NOTHING
) -> World:
    """Return what surrounds a call at a moment; a lane that `states` does not name is open."""
    lanes = {
        name: PretendedLane(
            site.hours_of(name),
            None if lane.never_drop else lane.max_wait,
            lane.announce_every,
            states.get(name, "open"),
        )
        for name, lane in site.lanes.items()
    }
    return World(
        at,
        lanes,
        site.prompt_seconds,
        site.hours,
        pretended.caller,
        pretended.answers,
        pretended.known,
        pretended.speaks,
    )


def flow_of(site: Site, number: str | None) -> Flow | None:
    """Return the flow that a called number gets; None: the site's first number."""
    return site.flow_for(number if number is not None else next(iter(site.numbers)))
