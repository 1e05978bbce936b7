"""`./hotline figures`: every figure of a stretch of time, computed anew from the facts."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from calls.ids import AgentId
from calls.lane_events import AgentStateChanged
from config.values import CITY_ZONE
from storage.engines import connect
from storage.figures import changes_of_staff, stories
from storage.survey_stories import survey_stories
from workorders import call_figures, occupancy, survey_figures
from workorders.call_story import CallStory
from workorders.kpi import Figure, Kpi
from workorders.occupancy import Times
from workorders.order_figures import ORDERS
from workorders.survey_figures import SurveyStory

USAGE = 2
QUARTER = "quarter"
Stretch = tuple[float, float]
"""From when until when, UTC seconds."""
PLACES = 6
"""Decimals of figures in JSON."""


class BadTime(ValueError):
    """A day, a moment or a zone that cannot be read."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept of a stretch of time."""

    calls: list[CallStory]
    changes: list[AgentStateChanged]
    surveys: list[SurveyStory]


def main(arguments: argparse.Namespace) -> int:
    """Print the figures; 2 if the question or the database cannot be used."""
    file = arguments.data / "hotline.sqlite3"
    if not file.is_file():
        print(f"没有数据库 / there is no database: {file}", file=sys.stderr)
        return USAGE
    try:
        zone = zone_of(arguments.zone)
        since, until = moment_of(arguments.since, zone), moment_of(arguments.until, zone, end=True)
        if not since < until:
            raise BadTime(f"--to 要晚于 --from / --to must be after --from: {arguments.until}")
        stretch = since.timestamp(), until.timestamp()
        kept = _kept(file, stretch)
    except (BadTime, SQLAlchemyError) as error:
        print(str(error).partition("\n")[0], file=sys.stderr)
        return USAGE
    if arguments.json:
        told = {"from": since.isoformat(), "to": until.isoformat(), "by": arguments.by}
        whole = {**told, **_document(kept, stretch, arguments.by, zone)}
        print(json.dumps(whole, ensure_ascii=False, indent=1))
    else:
        print("\n".join(_lines(kept, stretch, arguments.by, zone)))
    return 0


def _kept(file: Path, stretch: Stretch) -> Kept:
    engines = connect(f"sqlite:///{file}", busy_timeout=5.0, readers=1)
    try:
        with Session(engines.reading) as session:
            changes = changes_of_staff(session, *stretch)
            return Kept(stories(session, *stretch), changes, survey_stories(session, *stretch))
    finally:
        engines.dispose()


def _document(kept: Kept, stretch: Stretch, by: str | None, zone: tzinfo) -> dict[str, object]:
    staff = staff_json(occupancy.times(kept.changes, *stretch))
    if by == QUARTER:
        staff["quarters"] = quarters_json(kept.changes, stretch, zone)
    parts = groups(kept.calls, by, zone)
    return {
        **as_json(kept.calls),
        "staff": staff,
        "surveys": survey_figures.as_json(survey_figures.figures(kept.surveys)),
        "groups": {name: as_json(members) for name, members in parts.items()},
        "definitions": definitions(),
    }


def _lines(kept: Kept, stretch: Stretch, by: str | None, zone: tzinfo) -> list[str]:
    lines = as_text(kept.calls, groups(kept.calls, by, zone))
    lines += staff_text(occupancy.times(kept.changes, *stretch))
    if by == QUARTER:
        for name, times in quarters_json(kept.changes, stretch, zone).items():
            share = times["occupancy"]
            lines.append(
                f"{name}: 坐席占用率 occupancy " + ("—" if share is None else f"{share:.2%}")
            )
    found = survey_figures.figures(kept.surveys)
    if found.drawn:
        mean = "—" if found.mean is None else f"{found.mean:.2f}"
        counts = _counts(dict(sorted(found.outcomes.items())))
        lines.append(f"  回访 surveys: 抽中 drawn {found.drawn} · 均分 mean {mean} · {counts}")
    return lines


def definitions() -> list[dict[str, object]]:
    """Return every definition, of calls and of orders, as JSON values."""
    calls = [kpi.described() for kpi in call_figures.CALLS]
    return [*calls, *(kpi.described() for kpi in ORDERS), dict(occupancy.DEFINITION)]


def staff_json(staff: Mapping[AgentId, Times]) -> dict[str, object]:
    """Return the occupancy of all and of each, with the seconds it is made of."""
    return {
        "all": _times_json(occupancy.together(staff)),
        "agents": {agent: _times_json(each) for agent, each in staff.items()},
    }


def quarters_json(
    changes: Sequence[AgentStateChanged], stretch: Stretch, zone: tzinfo
) -> dict[str, dict[str, Any]]:
    """Return the occupancy of all in each quarter hour, named as calls' quarters are."""
    found = occupancy.by_quarter(changes, *stretch)
    return {call_figures.quarter_name(at, zone): _times_json(each) for at, each in found.items()}


def _times_json(times: Times) -> dict[str, Any]:
    share = None if times.occupancy is None else round(times.occupancy, PLACES)
    seconds = {state: round(length, 3) for state, length in sorted(times.by_state.items())}
    return {"occupancy": share, "seconds": seconds}


def staff_text(staff: Mapping[AgentId, Times]) -> list[str]:
    """Return the occupancy of all, then of each, in lines for people."""
    told = [("", occupancy.together(staff)), *staff.items()]
    return [
        f"  坐席占用率 occupancy {agent}: {times.occupancy:.2%}"
        for agent, times in told
        if times.occupancy is not None
    ]


def zone_of(name: str | None) -> tzinfo:
    """Return a zone by name, the city's own by default; raise BadTime."""
    try:
        return CITY_ZONE if name is None else ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise BadTime(f"没有这个时区 / no such time zone: {name}") from None


def moment_of(text: str, zone: tzinfo, *, end: bool = False) -> datetime:
    """Read `2026-11-18` or `2026-11-18 08:00`; a day alone ends with its last moment."""
    try:
        if len(text) == len("2026-11-18"):
            day = date.fromisoformat(text) + timedelta(days=end)
            return datetime.combine(day, datetime.min.time(), zone)
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    except (ValueError, OverflowError):
        wanted = "2026-11-18 或 / or “2026-11-18 08:00”"
        raise BadTime(f"时间应写成 / a time is written {wanted}: {text}") from None


def groups(found: Sequence[CallStory], by: str | None, zone: tzinfo) -> dict[str, list[CallStory]]:
    """Return the stories told apart; none if that was not asked for."""
    return {} if by is None else call_figures.grouped(found, call_figures.keys(zone)[by])


def as_json(found: Sequence[CallStory]) -> dict[str, object]:
    """Return all figures of calls as JSON values."""
    lowest = call_figures.worst_day(found)
    return {
        "calls": len(found),
        "kpis": {name: figure_json(f) for name, f in call_figures.figures(found).items()},
        "connected_worst_24h": None if lowest is None else round(lowest, PLACES),
        "bands": call_figures.bands(found),
        "outcomes": call_figures.outcomes(found),
        "left": call_figures.left(found),
    }


def figure_json(figure: Figure) -> dict[str, object]:
    """Return a figure as JSON values."""
    value = None if figure.value is None else round(figure.value, PLACES)
    return {
        "value": value,
        "numerator": round(figure.numerator, 3),
        "denominator": figure.denominator,
    }


def as_text(found: Sequence[CallStory], parts: Mapping[str, Sequence[CallStory]]) -> list[str]:
    """Return the figures in lines for people, then a line for each group."""
    computed = call_figures.figures(found)
    lines = [f"来电 {len(found)} calls"]
    lines += [f"  {kpi.zh} {kpi.en}: {shown(kpi, computed[kpi.id])}" for kpi in call_figures.CALLS]
    lines.append("  等待 waits: " + _counts(call_figures.bands(found)))
    lines.append("  结果 outcomes: " + _counts(call_figures.outcomes(found)))
    lines.append("  离开队列 left lanes: " + _counts(call_figures.left(found)))
    for name, members in parts.items():
        each = call_figures.figures(members)
        told = (
            f"{kpi.zh} {shown(kpi, each[kpi.id])}"
            for kpi in call_figures.CALLS
            if kpi.id in ("answered", "in_15_of_answered", "abandoned", "wait", "talk")
        )
        lines.append(f"{name or '—'}: {len(members)} · " + " · ".join(told))
    return lines


def shown(kpi: Kpi[CallStory], figure: Figure) -> str:
    """Return a figure as people write it."""
    if figure.value is None:
        return "—"
    if kpi.unit == "seconds":
        return f"{figure.value:.1f} s"
    target = "" if kpi.target is None else f" (≥ {kpi.target:.0%})"
    return f"{figure.value:.2%}{target}"


def _counts(counts: Mapping[str, int]) -> str:
    return " ".join(f"{name} {count}" for name, count in counts.items()) or "—"
