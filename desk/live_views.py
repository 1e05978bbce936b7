"""What is live, as JSON values for one browser: plain, and with nothing left to work out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agents.agent import Agent, Doing
from calls.events import Heard
from calls.ids import AgentId, LaneId
from desk.day_figures import DayFigures, LaneDay
from desk.live import LiveCall
from desk.live_ports import Choices, LaneNow, Role
from desk.views import masked

STATES: dict[Doing, tuple[str, str]] = {
    Doing.OFF: ("未登录话机", "phone off"),
    Doing.READY: ("待机", "ready"),
    Doing.RESERVED: ("振铃", "ringing"),
    Doing.TALKING: ("通话", "talking"),
    Doing.WRAP_UP: ("话后处理", "wrap-up"),
    Doing.PAUSED: ("暂停", "paused"),
}
PAUSES: dict[str, tuple[str, str]] = {
    "no_answer": ("振铃未接", "did not answer"),
    "rejected": ("拒接", "rejected"),
    "unreachable": ("话机不通", "phone unreachable"),
    "cool_down": ("缓一缓", "after an abusive call"),
    "signed_in": ("刚登录", "just signed in"),
}
"""Why an agent is paused; the agents' own reasons are named in the settings."""

View = dict[str, Any]


def me_of(agent: Agent | None, id: AgentId, role: Role, choices: Choices) -> View:
    """Return what an agent is doing; `state` is `unknown` for one whom the engine has not."""
    named = {"agent": id, "role": role.name.lower()}
    if agent is None:
        words = {"zh": "没有话机", "en": "no phone"}
        return {**named, "name": id, "state": "unknown", "words": words, "call": None}
    return {**named, **_agent(agent, choices), "call": agent.call}


def _agent(agent: Agent, choices: Choices) -> View:
    zh, en = STATES[agent.doing]
    why = agent.reason
    if agent.doing is Doing.PAUSED and why is not None:
        own = dict(choices.breaks).get(why)
        zh, en = (own, why) if own is not None else PAUSES.get(why, (why, why))
    return {
        "agent": agent.id,
        "name": agent.name,
        "state": agent.doing.value,
        "words": {"zh": zh, "en": en},
        "since": agent.since,
        "until": agent.until,
        "reason": why,
        "registered": agent.registered,
    }


def call_of(live: LiveCall, me: AgentId, lanes: Mapping[str, str]) -> View:
    """Return a call without its words, as one who has a part in it sees it."""
    how = live.supervisors.get(me)
    mine = live.agent in (None, me)
    waited_to = live.answered or live.ended
    return {
        "call": live.call,
        "part": "supervisor" if how else "agent" if mine else "guest",
        "how": how,
        "phase": live.phase,
        "agent": live.agent,
        "caller": live.caller,
        "dialled": live.dialled,
        "language": live.language,
        "lane": _lane(live.lane, lanes),
        "queued": live.queued,
        "waited": waited_to - live.queued if waited_to and live.queued is not None else None,
        "answered": live.answered,
        "ended": live.ended,
        "reason": live.reason,
        "held": live.held,
        "muted": live.muted,
        "recording": "paused" if live.paused else "on" if live.recording else "off",
        "reaching": _reaching(live),
        "missed": None
        if live.missed is None
        else {"target": live.missed[0], "why": live.missed[1]},
        "guests": list(live.guests),
        "help": live.help is not None,
        "danger": danger_of(live),
        "spoken": _spoken(live, lanes),
        "typed": dict(live.typed),
        "drafts": live.drafts,
    }


def _lane(lane: LaneId | None, lanes: Mapping[str, str]) -> View | None:
    return None if lane is None else {"id": lane, "name": lanes.get(lane, lane)}


def _spoken(live: LiveCall, lanes: Mapping[str, str]) -> View | None:
    """Return what the citizen was heard to speak, if it is not what is listened for."""
    heard = live.spoken
    if heard is None or heard.language in (None, live.language):
        return None
    return {
        "language": heard.language,
        "share": heard.share,
        "lane": _lane(heard.lane if heard.lane != live.lane else None, lanes),
    }


def _reaching(live: LiveCall) -> View | None:
    if live.reaching is None:
        return None
    reaching = live.reaching
    return {"target": reaching.target, "how": reaching.how, "answered": reaching.answered}


def danger_of(live: LiveCall) -> View | None:
    """Return what was heard of danger."""
    if live.danger is None:
        return None
    heard = live.danger
    return {
        "at": heard.at,
        "words": heard.words,
        "kind": heard.kind,
        "help": heard.help,
        "seen": live.danger_seen,
    }


def line_of(heard: Heard) -> View:
    """Return one utterance, without its words one by one."""
    return {
        "leg": heard.leg,
        "language": heard.language,
        "start": heard.start,
        "end": heard.end,
        "text": heard.text,
    }


def partials_of(live: LiveCall) -> View:
    """Return the words that may still change, by who says them."""
    return {leg: {"text": each.text, "start": each.start} for leg, each in live.partials.items()}


def board_of(
    staff: Sequence[Agent],
    lanes: Sequence[LaneNow],
    names: Mapping[str, str],
    day: DayFigures,
    choices: Choices,
) -> View:
    """Return the wallboard's lanes and agents."""
    return {
        "since": day.since,
        "lanes": [_lane_line(lane, names, day) for lane in lanes],
        "agents": [{**_agent(agent, choices), "call": agent.call} for agent in staff],
    }


def _lane_line(lane: LaneNow, names: Mapping[str, str], day: DayFigures) -> View:
    figures = day.lanes.get(lane.id, LaneDay())
    return {
        "lane": lane.id,
        "name": names.get(lane.id, lane.id),
        "waiting": lane.waiting,
        "since": lane.since,
        "staffed": lane.staffed,
        "ready": lane.ready,
        "came": figures.came,
        "answered": figures.answered,
        "soon": figures.soon,
        "abandoned": figures.abandoned,
        "left": figures.left,
        "level": figures.level,
    }


def alerts_of(calls: Iterable[LiveCall], lanes: Mapping[str, str]) -> View:
    """Return who calls for a supervisor, and what danger was heard; numbers are masked."""
    found = list(calls)
    return {
        "help": [
            {**_alert(live, lanes), "at": live.help.at, "text": live.help.text}
            for live in found
            if live.help is not None
        ],
        "danger": [
            {**_alert(live, lanes), **(danger_of(live) or {})}
            for live in found
            if live.danger is not None
        ],
    }


def _alert(live: LiveCall, lanes: Mapping[str, str]) -> View:
    return {
        "call": live.call,
        "agent": live.agent,
        "caller": masked(live.caller),
        "lane": _lane(live.lane, lanes),
        "phase": live.phase,
    }
