"""A site as plain values: what call control, the waiting room and the roster are made of."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from functools import partial
from pathlib import Path

from agents.agent import Agent
from agents.skills import AtLeast, Needs
from calls.ids import LaneId, Language, PromptId, Skill
from config.references import ALWAYS_SAID
from config.settings import Site
from ivr.flow import Flow
from ivr.service import service_flow, trial_flow
from queueing.lane import Lane, Relaxing
from queueing.ticket import Pick
from server.favour_rules import FavourRules
from server.house import CallBackRules, House, LaneRules, Limits, SurveyRules
from server.in_call_values import in_call_of
from server.retention import Retention
from server.srtp_rules import srtp_rules
from server.trunk_values import trunk_rules


def agents_of(site: Site) -> list[Agent]:
    """Return the agents as the roster knows them, in the order of ids."""
    return [
        Agent(one.id, one.name, {Skill(skill): level for skill, level in one.skills.items()})
        for _, one in sorted(site.agents.items())
    ]


def lanes_of(site: Site) -> list[Lane]:
    """Return the lanes as the waiting room knows them."""
    return [_lane(site, name) for name in site.lanes]


def _lane(site: Site, name: LaneId) -> Lane:
    lane = site.lanes[name]
    return Lane(
        name,
        needs_of(lane.needs, lane.levels),
        lane.priority,
        Pick(lane.pick),
        lane.max_waiting,
        lane.max_wait,
        lane.never_drop,
        lane.nobody_after,
        announce_every=lane.announce_every,
        handling=lane.handling,
        max_expected=lane.max_expected,
        relaxing=tuple(
            Relaxing(step.after, needs_of(step.needs or lane.needs, step.levels))
            for step in lane.relax
        ),
    )


def needs_of(skills: Iterable[Skill], levels: Mapping[Skill, int]) -> Needs:
    """Return what is needed of an agent; level 1 is any level."""
    least = ((skill, levels.get(skill, 1)) for skill in skills)
    return frozenset(AtLeast(skill, level) if level > 1 else skill for skill, level in least)


def retention_of(site: Site) -> Retention:
    """Return how long recordings are kept."""
    lanes = {name: one.keep_recordings for name, one in site.lanes.items()}
    differing = {name: days for name, days in lanes.items() if days is not None}
    return Retention(site.retention.recordings, differing)


def house_of(site: Site, data: Path, version: str) -> House:
    """Return the site as call control sees it."""
    default = site.default_number
    return House(
        media_address=site.sip.advertised,
        sip_uri=f"sip:{next(iter(site.numbers))}@{site.sip.advertised}:{site.sip.port}",
        numbers={
            **{number: site.flows[flow] for number, flow in site.numbers.items()},
            **_service(site),
        },
        default_flow=None if default is None else site.flows[site.numbers[default]],
        trunks=tuple(map(trunk_rules, site.trunks.values())),
        codecs=site.sip.codecs,
        lanes=_lanes(site),
        contacts={a.id: a.contact for a in site.agents.values() if a.contact is not None},
        prompt=_prompt_finder(site),
        music=_music(site),
        recordings=data / "recordings",
        limits=Limits(
            site.limits.max_calls, int(site.limits.retry_after), site.limits.transcript_within
        ),
        srtp=srtp_rules(site),
        hours=site.hours,
        in_call=in_call_of(site.in_call, site.hours, partial(_spoken, site)),
        emergency=site.emergency.lane,
        crisis_prompt=site.emergency.prompt,
        favours=_favours(site),
        call_backs=_call_backs(site),
        surveys=_surveys(site),
        auto_answer=frozenset(a.id for a in site.agents.values() if a.auto_answer),
        version=version,
    )


def _lanes(site: Site) -> dict[LaneId, LaneRules]:
    said = ((least, _spoken(site, prompt)) for prompt, least in site.in_call.waits.items())
    waits = tuple(sorted(said))
    return {
        name: LaneRules(
            lane.ring_time,
            lane.wrap_up,
            lane.name.zh,
            lane.language,
            site.hours_of(name),
            lane.recording,
            tuple(_spoken(site, prompt) for prompt in lane.briefing),
            waits,
            lane.keep_place,
            lane.known_agent,
        )
        for name, lane in site.lanes.items()
    }


def _service(site: Site) -> dict[str, Flow]:
    """Return the service numbers that there are, and their flows."""
    there = {site.service.number: service_flow, site.service.test_number: trial_flow}
    return {number: flow() for number, flow in there.items() if number is not None}


def _call_backs(site: Site) -> CallBackRules:
    rules = site.call_backs
    hours = None if rules.hours is None else site.hours[rules.hours]
    return CallBackRules(hours, rules.attempts, rules.retry_after, rules.ring)


def _surveys(site: Site) -> SurveyRules | None:
    given = site.surveys
    if given.flow is None:
        return None
    flow = site.flows[given.flow]
    return SurveyRules(
        flow,
        _whole_in(flow, site),
        None if given.hours is None else site.hours[given.hours],
        given.share / 100,
        given.most,
        given.not_again * 86_400.0,
        given.attempts,
        given.retry_after,
        given.ring,
        given.at_once,
        given.reserve,
    )


def _whole_in(flow: Flow, site: Site) -> frozenset[Language]:
    """Return the languages that everything of a flow is recorded in: it may begin in these."""
    told = [
        getattr(node, part.name)
        for node in flow.nodes.values()
        for part in fields(node)
        if part.name.endswith("prompts")
    ]
    said = {prompt for prompts in told for prompt in prompts} | set(ALWAYS_SAID)
    spoken = {language for language, _ in site.prompts}
    return frozenset(one for one in spoken if all((one, prompt) in site.prompts for prompt in said))


def _favours(site: Site) -> FavourRules:
    rules = site.priority
    more = any((*rules.groups.values(), rules.called_today))
    known = any(lane.known_agent for lane in site.lanes.values())
    return FavourRules(
        rules.groups,
        rules.called_today,
        rules.times,
        rules.open_orders,
        asked=more or known,
    )


def _prompt_finder(site: Site) -> Callable[[Language, PromptId], str]:
    files = {key: str(path.absolute()) for key, path in site.prompts.items()}
    return lambda language, prompt: files[language, prompt]


def _spoken(site: Site, prompt: PromptId) -> str:
    """Return the file of a prompt for agents, who are told things in Chinese."""
    return str(site.prompts["zh", prompt].absolute())


def _music(site: Site) -> str:
    """Return the file for callers on hold: the first music that a lane has."""
    named = next((lane.music for lane in site.lanes.values() if lane.music is not None), None)
    found = site.prompts.get(("zh", PromptId(named))) if named else None
    return str(found.absolute()) if found else ""
