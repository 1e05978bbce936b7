"""Whether somebody is there to answer each lane in every hour that it is open, by the settings.

Agents without `hours` count at all hours: this looks only at what is written, not at who has
signed in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from calls.ids import LaneId
from config.lane_schema import Agent, Lane
from config.settings import Site
from ivr.hours import DAY, WEEKDAYS, Hours

HOLIDAY = 7
"""Stands for a holiday behind the seven weekdays, which are 0 to 6."""
NAMES = (*WEEKDAYS, "节假日")
ENGLISH = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "holidays")


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of a day in which a lane is open and nobody is there."""

    days: tuple[int, ...]
    begin: int
    """Minutes since midnight."""
    end: int

    def words(self) -> tuple[str, str]:
        """Say when, in Chinese and in English."""
        span = f"{_clock(self.begin)}-{_clock(self.end)}"
        zh = "、".join(NAMES[day] for day in self.days)
        return f"{zh} {span}", f"{', '.join(ENGLISH[day] for day in self.days)} {span}"


def gaps(site: Site, lane: LaneId) -> list[Gap]:
    """Return when a lane is open without anybody who can answer it."""
    shifts = [shift for shift in _shifts(site, lane) if shift is not None]
    if len(shifts) < len(_shifts(site, lane)):
        return []  # somebody may be there at any time
    hours = site.hours_of(lane)
    found: dict[tuple[int, int], list[int]] = {}
    for day in range(HOLIDAY):
        for stretch in _empty(hours, shifts, day):
            found.setdefault(stretch, []).append(day)
    if not _closes(hours) and all(map(_closes, shifts)):
        found.setdefault((0, DAY), []).append(HOLIDAY)
    return [Gap(tuple(days), begin, end) for (begin, end), days in sorted(found.items())]


def staff_by_hour(site: Site, lane: LaneId) -> tuple[tuple[int, ...], ...]:
    """Return how many can answer a lane at the beginning of each hour, Monday first."""
    shifts = _shifts(site, lane)
    return tuple(
        tuple(sum(_there(shift, day, hour * 60) for shift in shifts) for hour in range(24))
        for day in range(HOLIDAY)
    )


def can_answer(agent: Agent, lane: Lane) -> bool:
    """Tell whether an agent may answer a lane, at once or once its needs have relaxed."""
    steps = [(lane.needs, lane.levels), *((s.needs or lane.needs, s.levels) for s in lane.relax)]
    needs, levels = steps[-1]  # a step asks for less than the one before
    return all(agent.skills.get(skill, 0) >= levels.get(skill, 1) for skill in needs)


def _empty(lane: Hours | None, shifts: Sequence[Hours], day: int) -> Iterator[tuple[int, int]]:
    """Find the stretches of a day, in minutes, in which the lane is open and no shift holds."""
    edges = {0, DAY}
    for hours in (one for one in (lane, *shifts) if one is not None):
        for window in (*hours.week[day], *hours.week[day - 1]):
            edges |= {window.begin % DAY, (window.begin + window.minutes) % DAY}
    marks, begun = sorted(edges), None
    for minute in marks:
        bare = minute < DAY and _there(lane, day, minute)
        bare = bare and not any(_there(shift, day, minute) for shift in shifts)
        if bare and begun is None:
            begun = minute
        elif not bare and begun is not None:
            yield begun, minute
            begun = None


def _there(hours: Hours | None, day: int, minute: int) -> bool:
    """Tell whether hours hold at a minute of a day; None: always."""
    if hours is None:
        return True
    yesterday = any(window.holds(minute + DAY) for window in hours.week[day - 1])
    return yesterday or any(window.holds(minute) for window in hours.week[day])


def _shifts(site: Site, lane: LaneId) -> list[Hours | None]:
    """Return the hours of everybody who can answer a lane; None: at any time."""
    able = [agent for agent in site.agents.values() if can_answer(agent, site.lanes[lane])]
    return [None if one.hours is None else site.hours[one.hours] for one in able]


def _closes(hours: Hours | None) -> bool:
    """Tell whether hours end on holidays."""
    return hours is not None and bool(hours.holidays)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
