"""Who is at work when: the shifts of a day as comings and goings, with what-ifs."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from agents.agent import Agent
from calls.ids import AgentId
from config.day_schema import DayFile, Team
from ivr.hours import Window

MINUTE, DAY = 60.0, 86_400.0
WHAT_IF = re.compile(
    r"([a-z][a-z0-9_]*)([+-])([0-9]{1,4})@([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})"
)
EVERYBODY = "agents"
"""In a what-if: the largest team."""


class BadWhatIf(ValueError):
    """A what-if that cannot be read, or names no team."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """So many agents more, or fewer, for a part of the day; seconds since midnight."""

    team: str
    agents: int
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Person:
    """One agent and when this one is at work; seconds since midnight, in order, apart."""

    agent: Agent
    stretches: tuple[tuple[float, float], ...]


def what_if(text: str, day: DayFile) -> WhatIf:
    """Read `agents+5@10:00-12:00`; raise BadWhatIf in both languages."""
    match = WHAT_IF.fullmatch(text)
    begin, end = _span(match) if match is not None else (0.0, 0.0)
    if match is None or not 0 <= begin < end <= DAY:
        raise BadWhatIf(
            f"what-if 应写成 agents+5@10:00-12:00（结束晚于开始），现在是 {text} / "
            f"need agents+5@10:00-12:00, the end after the beginning, got {text}"
        )
    team = match[1]
    if team == EVERYBODY:
        team = max(day.teams, key=lambda name: sum(s.agents for s in day.teams[name].shifts))
    if team not in day.teams:
        known = ", ".join((EVERYBODY, *day.teams))
        raise BadWhatIf(
            f"没有“{team}”这个班组，可以写 {known} / no such team {team}; known are {known}"
        )
    return WhatIf(team, int(match[2] + match[3]), begin, end)


def _span(match: re.Match[str]) -> tuple[float, float]:
    begin, end = (60 * int(match[at]) + int(match[at + 1]) for at in (4, 6))
    return begin * MINUTE, end * MINUTE


def people(day: DayFile, changes: Sequence[WhatIf] = ()) -> list[Person]:
    """Return everybody who works on the day, in the order of ids."""
    found: list[Person] = []
    for name, team in day.teams.items():
        mine = list(_team(name, team, changes))
        for change in changes:
            if change.team == name and change.agents < 0:
                mine = _fewer(mine, -change.agents, (change.begin, change.end))
        found += mine
    return found


def _team(name: str, team: Team, changes: Iterable[WhatIf]) -> Iterator[Person]:
    shifts = [(_stretches(shift.hours), shift.agents) for shift in team.shifts]
    shifts += [
        (((change.begin, change.end),), change.agents)
        for change in changes
        if change.team == name and change.agents > 0
    ]
    number = 0
    for stretches, count in shifts:
        for _ in range(count):
            number += 1
            yield Person(_agent(f"{name}-{number:04}", team), stretches)


def _agent(name: str, team: Team) -> Agent:
    return Agent(AgentId(name), name, dict(team.skills))


def _stretches(hours: Window) -> tuple[tuple[float, float], ...]:
    """Return a shift within one midnight and the next: one past midnight is two stretches."""
    begin, end = hours.begin * MINUTE, hours.end * MINUTE
    if begin < end:
        return ((begin, end),)
    return tuple(part for part in ((0.0, end), (begin, DAY)) if part[0] < part[1])


def _fewer(team: list[Person], count: int, away: tuple[float, float]) -> list[Person]:
    """Send the first `count` people home who would be at work when the stretch begins."""
    left: list[Person] = []
    for person in team:
        here = any(begin <= away[0] < end for begin, end in person.stretches)
        if here and count:
            count -= 1
            rest = tuple(part for one in person.stretches for part in _without(one, away))
            left.append(Person(person.agent, rest))
        else:
            left.append(person)
    return left


def _without(
    stretch: tuple[float, float], away: tuple[float, float]
) -> Iterator[tuple[float, float]]:
    for part in ((stretch[0], min(stretch[1], away[0])), (max(stretch[0], away[1]), stretch[1])):
        if part[0] < part[1]:
            yield part
