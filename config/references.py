"""What one file says of another: every name that is used must exist, and suffice."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from calls.ids import LaneId, Language, NodeId, PromptId
from config import (
    emergency_references,
    in_call_references,
    national_days,
    rota_references,
    service_references,
    survey_references,
    trunk_references,
)
from config.document import Document, KeyPath
from config.draft import PLANS, Draft
from config.lane_schema import Lane
from config.plans import Plan
from config.schema import REFUSE, FlowRules
from ivr import check as flow_check
from ivr.flaws import Flaw, Limits, Surroundings
from ivr.parts import Whole

ALWAYS_SAID = (PromptId("cannot_hear"), PromptId("fault"))
"""Prompts that call control says without a flow asking for them."""


OF_HOURS = (("hours",), ("holidays",))
"""Settings of a branch that name what hours.yaml has."""


def check(draft: Draft) -> None:
    """Blame every file for what it names that does not exist."""
    _numbers(draft)
    _ports(draft)
    trunk_references.check(draft)
    _lanes(draft)
    _agents(draft)
    in_call_references.check(draft)
    rota_references.check(draft)
    survey_references.check(draft)
    emergency_references.check(draft)
    _units(draft)
    _places(draft)
    _calendars(draft)
    _flows(draft)
    service_references.check(draft)
    if PLANS in draft.documents:
        _plans(draft)


class _Unread(frozenset[str]):
    """The names in a file that cannot be read: it is blamed for that, and nobody for naming it."""

    def __contains__(self, name: object) -> bool:
        return True


def declared(document: Document, key: str) -> Collection[str]:
    """Return the names of the entries of a file, the faulty ones too."""
    if document.value is None:
        return _Unread()
    entries = document.value.get(key) if isinstance(document.value, dict) else None
    return entries.keys() if isinstance(entries, dict) else ()


def _blame_missing(
    document: Document, at: KeyPath, name: str, known: Iterable[str], file: str
) -> None:
    document.blame_missing(at, name, known, file)


def _numbers(draft: Draft) -> None:
    site, document = draft.site, draft.documents["site.yaml"]
    if site is None:
        return
    flows = {name[6:-5] for name in draft.documents if name.startswith("flows/")}
    parts = {name for name, script in draft.scripts.items() if script.returns}
    for number, flow in site.numbers.items():
        if flow not in flows:
            _blame_missing(document, ("numbers", number), flow, flows, "flows/")
        elif flow in parts:
            zh = f"流程“{flow}”有 return，只能被别的流程调用，号码不能直接用它"
            en = f"flow {flow!r} has a return: other flows call it, no number can"
            document.blame(("numbers", number), zh, en, "flow-never-returns")
    window, hours = site.call_backs.hours, declared(draft.documents["hours.yaml"], "hours")
    if window is not None and window not in hours:
        _blame_missing(document, ("call_backs", "hours"), window, hours, "hours.yaml")
    if not site.numbers:
        document.blame(("numbers",), "至少要写一个号码", "at least one number is needed")
    if site.default_number not in (REFUSE, *site.numbers):
        known = [*site.numbers, REFUSE]
        _blame_missing(document, ("default_number",), site.default_number, known, "numbers")


def _ports(draft: Draft) -> None:
    site, document = draft.site, draft.documents["site.yaml"]
    if site is None:
        return
    bound: list[tuple[tuple[str | int, ...], int]] = [(("sip", "port"), site.sip.port)]
    for place, ours in enumerate(site.sip.also):
        if ours.transport == "udp":  # a stream's port is of another kind
            bound.append((("sip", "also", place), site.sip.port_of(ours)))
    for path, port in bound:
        if site.rtp.first <= port <= site.rtp.last:
            document.blame(
                path,
                f"端口 {port} 落在 rtp 的端口范围里",
                f"port {port} lies within the range of rtp",
            )
    needed = 4 * site.limits.max_calls  # two legs a call, RTP and RTCP each
    there = site.rtp.last - site.rtp.first + 1
    if there < needed:
        document.blame(
            ("rtp",),
            f"{site.limits.max_calls} 路通话需要 {needed} 个端口，这里只有 {there} 个",
            f"{site.limits.max_calls} calls need {needed} ports; these are {there}",
        )


def _lanes(draft: Draft) -> None:
    document = draft.documents["lanes.yaml"]
    hours = declared(draft.documents["hours.yaml"], "hours")
    skills = _skills(draft)
    for name, lane in draft.lanes.items():
        if lane.hours is not None and lane.hours not in hours:
            _blame_missing(document, ("lanes", name, "hours"), lane.hours, hours, "hours.yaml")
        if skills and not any(_able(owned, lane) for owned in skills):
            needs = "、".join(lane.needs)
            document.blame(
                ("lanes", name, "needs"),
                f"agents.yaml 里没有坐席具备所需技能：{needs}；这个队列永远没有人接",
                f"no agent in agents.yaml has {', '.join(lane.needs)}: nobody can ever answer",
                "lane-unstaffed",
            )


def _able(owned: dict[str, Any], lane: Lane) -> bool:
    """Tell whether somebody may answer a lane, at once or once its needs have relaxed.

    A level that is no number is blamed where it stands.
    """
    steps = [(lane.needs, lane.levels), *((s.needs or lane.needs, s.levels) for s in lane.relax)]
    needs, levels = steps[-1]  # a step asks for less than the one before
    held = {skill: one if isinstance(one, int) else 5 for skill, one in owned.items()}
    return all(held.get(skill, 0) >= levels.get(skill, 1) for skill in needs)


def _skills(draft: Draft) -> list[dict[str, Any]]:
    """Return each agent's skills as written, those of faulty entries too."""
    entries: Any = draft.documents["agents.yaml"].value
    agents = entries.get("agents") if isinstance(entries, dict) else None
    written = agents.values() if isinstance(agents, dict) else ()
    given = [agent.get("skills") for agent in written if isinstance(agent, dict)]
    return [skills for skills in given if isinstance(skills, dict)]


def _agents(draft: Draft) -> None:
    document, lanes = draft.documents["agents.yaml"], draft.documents["lanes.yaml"]
    complete = len(draft.lanes) == len(declared(lanes, "lanes"))
    needed = {str(skill) for lane in draft.lanes.values() for skill in lane.needs}
    hours = declared(draft.documents["hours.yaml"], "hours")
    for name, agent in draft.agents.items():
        if agent.hours is not None and agent.hours not in hours:
            _blame_missing(document, ("agents", name, "hours"), agent.hours, hours, "hours.yaml")
        for skill in agent.skills:
            if complete and needed and skill not in needed:
                at = ("agents", name, "skills", skill)
                _blame_missing(document, at, skill, needed, "lanes.yaml (needs)")


def _units(draft: Draft) -> None:
    document = draft.documents["units.yaml"]
    names = Counter(unit.name for unit in draft.units.values())
    seen: set[str] = set()
    for key, unit in draft.units.items():
        if names[unit.name] > 1 and unit.name in seen:
            document.blame(
                ("units", key, "name"),
                f"单位名称“{unit.name}”重复了",
                f"another unit is called {unit.name!r} too",
            )
        seen.add(unit.name)


def _places(draft: Draft) -> None:
    document = draft.documents["gazetteer.yaml"]
    known = declared(document, "places")
    districts = [name for name, place in draft.places.items() if place.kind == "区县"]
    for key, place in draft.places.items():
        if place.district is not None and place.district not in known:
            at = ("places", key, "district")
            _blame_missing(document, at, place.district, districts, "gazetteer.yaml (区县)")


def _calendars(draft: Draft) -> None:
    document = draft.documents["hours.yaml"]
    known = declared(document, "calendars")
    for name, hours in draft.hours.items():
        if hours.calendar is not None and hours.calendar not in known:
            at = ("hours", name, "calendar")
            _blame_missing(document, at, hours.calendar, known, "calendars")


def _plans(draft: Draft) -> None:
    """Blame a plan for every name that it changes or puts in place and that does not exist."""
    document = draft.documents[PLANS]
    lanes = declared(draft.documents["lanes.yaml"], "lanes")
    hours = declared(draft.documents["hours.yaml"], "hours")
    recorded = {str(prompt) for _, prompt in draft.prompts.files}
    numbers = draft.site.numbers if draft.site is not None else {}
    for name, plan in draft.plans.items():
        at: KeyPath = ("plans", name)
        named: list[tuple[KeyPath, str, Collection[str], str]] = [
            *(((*at, "lanes", lane), lane, lanes, "lanes.yaml") for lane in plan.lanes),
            *(((*at, "numbers", one), one, numbers, "site.yaml") for one in plan.numbers),
            *(((*at, "numbers", one), to, draft.wholes, "flows/")
              for one, to in plan.numbers.items()),
            *(((*at, "prompts", old), one, recorded, "prompts/")
              for old, new in plan.prompts.items() for one in (old, new)),
            *(((*at, "lanes", lane, "hours"), change.hours, hours, "hours.yaml")
              for lane, change in plan.lanes.items() if change.hours is not None),
        ]  # fmt: skip
        readable = [one for one in named if _readable(draft, one[3])]
        missing = [one for one in readable if one[1] not in one[2]]
        for path, wanted, known, file in missing:
            _blame_missing(document, path, wanted, known, file)
        if not missing and plan.prompts:
            _plan_prompts(draft, document, name, plan)


def _readable(draft: Draft, file: str) -> bool:
    """Tell whether a file could be read at all; one that could not is blamed for that alone."""
    document = draft.documents.get(file)
    return document is None or document.value is not None


def _plan_prompts(draft: Draft, document: Document, name: str, plan: Plan) -> None:
    """Blame a plan whose prompts are too long where they will be said."""
    seconds = dict(draft.prompts.seconds)
    for old, new in plan.prompts.items():
        spoken = {one[0]: lasts for one, lasts in seconds.items() if one[1] == new}
        seconds |= {(tongue, PromptId(old)): lasts for tongue, lasts in spoken.items()}
    around = replace(_surroundings(draft), prompts=seconds)
    for whole in draft.wholes.values():
        for flaw in flow_check.flaws(whole.flow, around, _limits(draft)):
            if flaw.code == "prompt-too-long":
                document.blame(("plans", name, "prompts"), flaw.zh, flaw.en, flaw.code)


def _surroundings(draft: Draft) -> Surroundings:
    lanes = declared(draft.documents["lanes.yaml"], "lanes")
    return Surroundings(
        lanes=frozenset(LaneId(lane) for lane in lanes),
        with_hours=frozenset(lane.id for lane in draft.lanes.values() if lane.hours),
        announcing=frozenset(lane.id for lane in draft.lanes.values() if lane.announce_every),
        prompts=draft.prompts.seconds,
        hours={
            name: _holidays(draft, name)
            for name in declared(draft.documents["hours.yaml"], "hours")
        },
    )


def _holidays(draft: Draft, hours: str) -> frozenset[str]:
    """Return the holidays that hours keep."""
    settings = draft.hours.get(hours)
    calendar = draft.calendars.get((settings.calendar if settings else None) or "")
    if calendar is None:
        return frozenset()
    own = frozenset(day.name for day in calendar.holidays)
    return own | national_days.names() if calendar.country is not None else own


def _flows(draft: Draft) -> None:
    if draft.documents["lanes.yaml"].value is None:
        return  # every lane would be blamed for one file that cannot be read
    around = _surroundings(draft)
    limits = _limits(draft)
    hours_unread = draft.documents["hours.yaml"].value is None
    for whole in draft.wholes.values():
        found = flow_check.flaws(whole.flow, around, limits)
        kept = [flaw for flaw in found if not (hours_unread and flaw.path[:1] in OF_HOURS)]
        _blame_flaws(draft, whole, kept)
        _always_said(draft, whole, around)
    for name, script in draft.unsound.items():
        document = draft.documents[f"flows/{name}.yaml"]
        known = frozenset(NodeId(node) for node in declared(document, "nodes"))
        for flaw in flow_check.dangling(script, around, known):
            _blame_flaw(document, flaw, flaw.node)


def _limits(draft: Draft) -> Limits:
    rules = draft.site.flow_rules if draft.site is not None else FlowRules()
    return Limits(rules.menu_depth, rules.greeting)


def _blame_flaws(draft: Draft, whole: Whole, flaws: Iterable[Flaw]) -> None:
    """Blame the file that a node is written in, which may be that of a flow that is called."""
    for flaw in flaws:
        name, node = (whole.flow.name, None) if flaw.node is None else whole.origins[flaw.node]
        _blame_flaw(draft.documents[f"flows/{name}.yaml"], flaw, node)


def _blame_flaw(document: Document, flaw: Flaw, node: NodeId | None) -> None:
    path = () if node is None else ("nodes", node.partition("/")[0])
    document.blame((*path, *flaw.path), flaw.zh, flaw.en, flaw.code)


def _always_said(draft: Draft, whole: Whole, around: Surroundings) -> None:
    heard = set[Language]().union(*flow_check.languages(whole.flow).values())
    for prompt in ALWAYS_SAID:
        flaw = flow_check.unrecorded(None, (), prompt, heard, around)
        _blame_flaws(draft, whole, [flaw] if flaw is not None else [])
