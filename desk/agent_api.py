"""The API that agents and supervisors work with: how things are now, actions, and live events."""

from dataclasses import asdict

from calls.ids import AgentId, CallId
from desk import live_views
from desk.house import House
from desk.live_ports import Role
from desk.noting import note_if_possible
from desk.push import Wanted
from desk.web import Answer, Asked, Refusal, as_json

STATUSES = {"bad_request": 400, "forbidden": 403, "unknown": 404, "not_now": 409, "no_way": 502}
"""HTTP's status for each reason why something was not done."""
AUDITED = frozenset(
    {
        "supervise",
        "stop_supervising",
        "take_break",
        "back_to_work",
        "finish_wrap_up",
        "extend_wrap_up",
    }
)
"""Actions that the facts of a call do not tell of, or whose asking is a matter of trust."""
NOTED = ("agent", "how", "reason", "seconds")
"""Which of an action's values are written down with it: none is personal data of a caller."""


async def now(house: House, asked: Asked) -> Answer:
    """Say what the agent is doing, and what call there is."""
    feed, me = house.feed, asked.signed_in.agent
    live = feed.call_of(me)
    lines = [] if live is None else [live_views.line_of(heard) for heard in live.lines]
    partials = {} if live is None else live_views.partials_of(live)
    return as_json(
        {
            "now": asked.now,
            "me": feed.me(me),
            "call": feed.call(me),
            "lines": lines,
            "partials": partials,
        }
    )


async def choices(house: House, asked: Asked) -> Answer:
    """List whom a call can be sent to, and the reasons for a break."""
    found = house.ports.live.choices()
    me = asked.signed_in.agent
    agents = [
        {"value": f"agent:{each.id}", "label": each.name, "state": each.doing.value}
        for each in house.ports.live.staff()
        if each.id != me
    ]
    return as_json(
        {
            **{
                name: [{"value": value, "label": label} for value, label in pairs]
                for name, pairs in asdict(found).items()
            },
            "agents": agents,
        }
    )


async def act(house: House, asked: Asked) -> Answer:
    """Do what the agent asks for."""
    me, action, values = asked.signed_in.agent, asked.names["action"], asked.json()
    before = house.feed.call_of(me)
    denied = house.ports.live.act(me, action, values)
    house.push.changed()
    if denied is not None:
        raise Refusal(STATUSES[denied.code], denied.zh, denied.en, denied.code)
    if action in AUDITED:
        said = " ".join(f"{name}={values[name]}" for name in NOTED if name in values)
        watched = AgentId(str(values.get("agent", "")))
        about = house.feed.call_of(watched) if action == "supervise" else before
        call = None if about is None else about.call
        await note_if_possible(house, asked, me, f"asked_{action}", call, said[:200])
    return as_json({"me": house.feed.me(me), "call": house.feed.call(me)})


async def events(house: House, asked: Asked) -> Answer:
    """Tell the page that an agent works with what is new, as it happens."""
    return Answer(house.push.open(Wanted(asked.signed_in, board=False)))


async def board(house: House, asked: Asked) -> Answer:
    """Give the wallboard."""
    feed = house.feed
    return as_json({"now": asked.now, "board": feed.board(), "alerts": feed.alerts()})


async def board_events(house: House, asked: Asked) -> Answer:
    """Tell the wallboard what is new, as it happens."""
    return Answer(house.push.open(Wanted(asked.signed_in, board=True)))


async def danger_seen(house: House, asked: Asked) -> Answer:
    """Take it that a supervisor has seen an alert."""
    live = house.feed.calls.get(CallId(asked.names["call"]))
    if live is None or live.danger is None:
        raise Refusal(404, "没有这个警报", "there is no such alert", "unknown")
    if live.danger_seen is None:
        live.danger_seen = asked.signed_in.agent
        house.push.changed()
        await note_if_possible(house, asked, asked.signed_in.agent, "saw_danger", live.call)
    return as_json({"alerts": house.feed.alerts()})


async def audit(house: House, asked: Asked) -> Answer:
    """List the newest things that people did at the desk."""
    call = asked.query.get("call")
    entries = await house.ports.audit_of(None if call is None else CallId(call))
    return as_json({"entries": [asdict(entry) for entry in entries]})


def role_of(house: House, asked: Asked) -> Role:
    """Return what whoever asks may do, as the settings are now."""
    return house.ports.live.role(asked.signed_in.agent)
