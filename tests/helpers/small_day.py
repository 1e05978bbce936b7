"""Small days to simulate: the shipped site with a flow of one lane, or the shipped flow."""

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from calls.ids import LaneId, NodeId
from calls.reasons import Reason
from config import reader
from config.day_schema import DayFile, SaidFile
from config.days import Day
from config.document import read_document
from config.settings import Site
from ivr.flow import Enqueue, Flow, HangUp
from simulation.callers import Caller, Crowd, drawn
from simulation.command import Stories
from simulation.run import Simulation
from workorders.call_story import CallStory

ROOT = Path(__file__).parents[2]
LANE = LaneId("general")


@cache
def shipped() -> Site:
    """Return the shipped site."""
    return reader.read(ROOT / "config" / "site")


@cache
def said() -> SaidFile:
    """Return the shipped sentences."""
    folder = ROOT / "config" / "days" / "said"
    return SaidFile.model_validate(read_document(folder, "city.yaml").value)


def day(**changes: object) -> Day:
    """Return a day of 200 callers and six agents; `changes` replace what the file says."""
    values: dict[str, object] = {
        "name": {"zh": "小日子", "en": "A small day"},
        "day": "2026-11-18",
        "lines": 500,
        "arrivals": {"09:00": 1, "11:00": 0},
        "callers": {
            "any": {"calls": 160, "patience": {"mean": "60s"}, "leave_message": 0.5},
            "message": {"calls": 20, "keys": ("1",)},
            "medical": {"calls": 20, "keys": ("2",)},
        },
        "teams": {
            "general": {
                "skills": {"general": 3},
                "shifts": ({"hours": "09:00-10:00", "agents": 5},),
            },
            "both": {
                "skills": {"general": 1, "medical": 4},
                "shifts": ({"hours": "09:00-12:00", "agents": 1},),
            },
        },
        "agents": {"no_answer": 0.05, "reject": 0.05},
    }
    return Day(DayFile.model_validate({**values, **changes}), said())


def textbook_site() -> Site:
    """Return a site in which everybody waits in one lane at once: no menu, no work after calls."""
    site = shipped()
    lane = site.lanes[LANE].model_copy(
        update={
            "wrap_up": 0.0, "max_wait": None, "max_waiting": None, "announce_every": None,
            "pick": "longest_idle",
        }
    )  # fmt: skip
    end = NodeId("end")
    wait = Enqueue(LANE, end, end, end, music=None, on_closed=end)
    nodes = {NodeId("wait"): wait, end: HangUp(Reason.COMPLETED, ())}
    flow = Flow("main", NodeId("wait"), nodes, record=False)
    return replace(site, lanes={**site.lanes, LANE: lane}, flows={**site.flows, "main": flow})


def textbook_day(calls: int, agents: int, talk: str, patience: str) -> Day:
    """Return a day of calls without memory, all day long, and agents who answer at once."""
    return day(
        lines=5000,
        arrivals={"00:00": 1},
        callers={
            "any": {
                "calls": calls,
                "patience": {"mean": patience, "shape": "exponential"},
                "talk": {"mean": talk, "shape": "exponential"},
            }
        },
        teams={
            "general": {
                "skills": {"general": 3},
                "shifts": ({"hours": "00:00-24:00", "agents": agents},),
            }
        },
        agents={"answer": {"mean": "0s"}},
    )


def stories_of(simulation: Simulation) -> list[CallStory]:
    """Live through a day, keeping nothing but stories."""
    stories = Stories()
    simulation.told.append(stories.fact)
    for _ in simulation.world.run(simulation.people):
        pass
    simulation.watch.at_the_end(simulation.world.now)
    return stories.all()


def by_recursion(crowd: Crowd, agents: int) -> list[tuple[float, bool]]:
    """Return each caller's wait and whether this one hung up, by the plain recursion of a queue.

    Chance is drawn in the order in which a textbook day draws it.
    """

    def talk(caller: Caller) -> float:
        crowd.sentences(caller, "citizen", 2)
        caller.chance.random()
        return drawn(caller.wants.talk, caller.chance)

    callers = ((c.at, drawn(c.wants.patience, c.chance), partial(talk, c)) for c in crowd)
    return list(recursion(callers, agents))


def recursion(
    callers: Iterable[tuple[float, float, Callable[[], float]]], agents: int
) -> Iterator[tuple[float, bool]]:
    """Take callers by arrival, patience and talk; yield each one's wait, and whether they hung up.

    First come, first served: whoever comes gets the agent who is free first, or has gone by
    then.
    """
    free = [0.0] * agents
    for at, patience, talk in callers:
        wait = max(0.0, free[0] - at)
        if wait < patience:
            heapq.heapreplace(free, at + wait + talk())
        yield min(wait, patience), wait >= patience
