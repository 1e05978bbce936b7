"""The list of calls, and one call whole."""

from typing import cast

from calls.ids import LANGUAGES, AgentId, CallId, LaneId, Language
from calls.reasons import Reason
from desk import views
from desk.house import House
from desk.noting import note_done
from desk.web import Answer, Asked, Refusal
from storage.call_details import CallFilter, WholeCall


def older_than(asked: Asked) -> tuple[float, CallId] | None:
    """Read from the address where the page before ended: `before=<arrived>~<call>`."""
    given = asked.query.get("before")
    if not given:
        return None
    at, _, call = given.partition("~")
    try:
        return float(at), CallId(call)
    except ValueError:
        raise Refusal(400, "页码有误", "`before` is not a place in the list") from None


def call_filter(asked: Asked) -> CallFilter:
    """Read from the address which calls are wanted."""
    query = {name: value for name, value in asked.query.items() if value}
    if query.get("language", "zh") not in LANGUAGES:
        raise Refusal(400, "没有这种语言", "no such language")
    try:
        return CallFilter(
            lane=LaneId(query["lane"]) if "lane" in query else None,
            agent=AgentId(query["agent"]) if "agent" in query else None,
            language=cast(Language, query["language"]) if "language" in query else None,
            reason=Reason(query["reason"]) if "reason" in query else None,
            since=float(query["since"]) if "since" in query else None,
            before=older_than(asked),
        )
    except ValueError:
        raise Refusal(400, "筛选条件有误", "the filter cannot be read") from None


async def wanted_call(house: House, asked: Asked) -> WholeCall:
    """Return the call that the address names; raise Refusal if there is none."""
    whole = await house.ports.call(CallId(asked.names["call"]))
    if whole is None:
        raise Refusal(404, "没有这通电话", "no such call")
    return whole


async def listed(house: House, asked: Asked) -> Answer:
    """Show the list."""
    wanted = call_filter(asked)
    lines = await house.ports.calls(wanted)
    return house.pages.fill(
        "calls.html",
        asked.session,
        lines=lines,
        wanted=wanted,
        older=lines[-1].record if len(lines) == wanted.most else None,
    )


async def one(house: House, asked: Asked) -> Answer:
    """Show one call: what happened, what was said, and who has looked at it."""
    whole = await wanted_call(house, asked)
    await note_done(house, asked, "read_call", whole.call.record.call)
    audit = await house.ports.audit_of(whole.call.record.call)
    return house.pages.fill(
        "call.html",
        asked.session,
        whole=whole,
        story=views.story_of(whole.facts),
        audit=audit,
    )
