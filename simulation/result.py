"""What a simulated day came to, as JSON values and as text; nothing in it is of the real clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.agent import Doing
from config.values import CITY_ZONE
from server.figures_command import as_json, as_text, groups
from simulation.run import Simulation
from simulation.staff import DAY
from workorders.call_story import CallStory

QUARTER = 900.0
QUARTERS = int(DAY / QUARTER)
WORK = (Doing.RESERVED, Doing.TALKING, Doing.WRAP_UP)


@dataclass(frozen=True, slots=True)
class Result:
    """One day and its figures."""

    simulation: Simulation
    stories: Sequence[CallStory]
    missing: Sequence[str]
    """What the database lacks."""
    facts: int

    @property
    def broken(self) -> int:
        """How often a promise was broken; a fact that is not kept is one."""
        return self.simulation.watch.broken.total() + len(self.missing)

    @property
    def accounted(self) -> int:
        """Calls that ended by a name."""
        return self.simulation.watch.outcomes.total()

    def as_json(self) -> dict[str, object]:
        """Return everything as JSON values."""
        one, settings = self.simulation, self.simulation.day.settings
        return {
            "day": {"zh": settings.name.zh, "en": settings.name.en, "date": str(settings.day)},
            "seed": one.seed,
            "what_if": [
                {"team": c.team, "agents": c.agents, "from": c.begin, "to": c.end}
                for c in one.changes
            ],
            "accounted": self.accounted,
            "broken_invariants": self.broken,
            "breaches": [*one.watch.words, *self.missing],
            "faults": one.world.control.faults,
            "facts": self.facts,
            **as_json(self.stories),
            "staff": self.staff(),
            "lanes": {k: as_json(v) for k, v in groups(self.stories, "lane", CITY_ZONE).items()},
            "quarters": {
                k: as_json(v) for k, v in groups(self.stories, "quarter", CITY_ZONE).items()
            },
        }

    def staff(self) -> dict[str, object]:
        """Return the agents' time: hours in each state, occupancy, handling time."""
        spent = self.simulation.roster.spent(self.simulation.world.now)
        there = sum(seconds for doing, seconds in spent.items() if doing is not Doing.OFF)
        work = sum(spent[doing] for doing in WORK)
        answered = sum(story.answered is not None for story in self.stories)
        handled = spent[Doing.TALKING] + spent[Doing.WRAP_UP]
        return {
            "agents": len(self.simulation.people),
            "hours": {doing.value: round(spent[doing] / 3600, 3) for doing in WORK}
            | {"ready": round(spent[Doing.READY] / 3600, 3), "there": round(there / 3600, 3)},
            "occupancy": round(work / there, 6) if there else None,
            "handling": round(handled / answered, 3) if answered else None,
            "on_shift": [self.on_shift(at) for at in range(QUARTERS)],
        }

    def on_shift(self, quarter: int) -> int:
        """Count who is at work at the beginning of a quarter hour of the day."""
        at = quarter * QUARTER
        return sum(
            begin <= at < end
            for person in self.simulation.people
            for begin, end in person.stretches
        )

    def as_text(self) -> list[str]:
        """Return the day's figures in lines for people."""
        settings, staff = self.simulation.day.settings, self.staff()
        verdict = "没有破坏 none broken" if not self.broken else f"破坏 {self.broken} broken"
        lanes = groups(self.stories, "lane", CITY_ZONE)
        return [
            f"{settings.name.zh} {settings.name.en} · {settings.day}",
            *as_text(self.stories, lanes),
            f"坐席 agents: {staff['agents']} · 利用率 occupancy {staff['occupancy']} · "
            f"平均处理 handling {staff['handling']} s",
            f"有结果的来电 accounted: {self.accounted} · 规则 invariants: {verdict} · "
            f"事实 facts: {self.facts}",
            *self.simulation.watch.words,
            *self.missing,
        ]
