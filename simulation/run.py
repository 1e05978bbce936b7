"""One day run: the site, the day and what-ifs in; what came of it out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from itertools import count
from pathlib import Path
from typing import cast

from agents.roster import Rests
from calls.events import Fact
from calls.ids import CallId
from config.days import Day
from config.settings import Site
from config.values import CITY_ZONE
from server.call_control import CallControl
from server.drafting import DraftWriter
from server.site_values import house_of, lanes_of
from simulation.callers import Crowd
from simulation.pretended import PretendedRegistrar, PretendedStack
from simulation.staff import Person, WhatIf, people
from simulation.watch import Watch, WatchedRoom, WatchedRoster
from simulation.world import World
from sip.registrar import Registrar
from sip.stack import Stack

DATA = Path("/simulated")
"""Where recordings would be; nothing is written there."""
PLACES = frozenset({"道路", "小区", "地标"})
"""Kinds of places that callers name."""


@dataclass(slots=True)
class Simulation:
    """Everything of one day, put together and not begun."""

    site: Site
    day: Day
    seed: int
    changes: Sequence[WhatIf] = ()
    drafts: bool = True
    told: list[Callable[[Fact], None]] = field(init=False)
    """Who is told each fact."""
    people: list[Person] = field(init=False)
    roster: WatchedRoster = field(init=False)
    watch: Watch = field(init=False)
    world: World = field(init=False)

    def __post_init__(self) -> None:
        settings = self.day.settings
        limits = self.site.limits
        if settings.lines is not None:
            limits = limits.model_copy(update={"max_calls": settings.lines})
        self.site = site = replace(self.site, limits=limits)
        self.people = people(settings, self.changes)
        self.roster = roster = _roster(site, self.people, self.midnight)
        room = WatchedRoom(lanes_of(site))
        self.watch = room.watch = Watch({lane.id: lane for lane in lanes_of(site)}, roster)
        self.told = [self.watch.fact]
        self.world = self._world(roster, room)

    @property
    def midnight(self) -> float:
        """When the day begins; UTC seconds."""
        return datetime.combine(self.day.settings.day, time(), CITY_ZONE).timestamp()

    def _world(self, roster: WatchedRoster, room: WatchedRoom) -> World:
        registrar = PretendedRegistrar()
        stack = PretendedStack()
        calls = (CallId(f"c-{number:016x}") for number in count(1))
        control = CallControl(
            house_of(self.site, DATA, "simulated"),
            cast(Stack, stack),  # it answers all that call control asks of a stack
            cast(Registrar, registrar),
            room,
            roster,
            lambda: next(calls),
        )
        seconds = {
            str(path.absolute()): self.site.prompt_seconds[key]
            for key, path in self.site.prompts.items()
        }
        settings = self.day.settings
        places = tuple(p.id for p in self.site.places.values() if p.kind in PLACES)
        world = World(
            control=control,
            stack=stack,
            registrar=registrar,
            crowd=Crowd(self.day, self.seed, places or ("市民广场",)),
            habits=settings.agents,
            midnight=self.midnight,
            prompt_seconds=lambda file: seconds.get(file, 0.0),
            draft=DraftWriter.of(self.site) if self.drafts else None,
            told=self.told,
            after_turn=self.watch.after_turn,
            now_and_then=self.watch.now_and_then,
            dialled=settings.number or next(iter(self.site.numbers)),
        )
        stack.answered, stack.ended, stack.rung = world.picked_up, world.hung_up, world.ring
        return world


def _roster(site: Site, staff: Sequence[Person], began: float) -> WatchedRoster:
    rests = Rests(
        no_answer=site.rests.no_answer,
        rejected=site.rests.rejected,
        unreachable=site.rests.unreachable,
        most_misses=site.rests.most_misses,
    )
    return WatchedRoster([person.agent for person in staff], rests, began)
