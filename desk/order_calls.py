"""An agent calls the citizen from an order's page: the number that the order has, and no other."""

import re
from collections.abc import Mapping
from typing import Any

from desk.call_pages import wanted_call
from desk.house import House
from desk.live_ports import ToCall
from desk.noting import note_done
from desk.web import Answer, Asked, Refusal, see_other

STATUS = {"not_now": 409, "unknown": 404, "no_way": 502}
NUMBER = re.compile(r"\+?[0-9]{3,20}")


def number_in(draft: Mapping[str, Any]) -> str | None:
    """Return the number to call back of a draft, corrected or not, else the caller's."""
    for name in ("call_back", "caller"):
        entry = draft.get(name)
        value = entry.get("value") if isinstance(entry, Mapping) else None
        plain = re.sub(r"[\s-]", "", value) if isinstance(value, str) else ""
        if NUMBER.fullmatch(plain):
            return plain
    return None


async def dial(house: House, asked: Asked) -> Answer:
    """Ring the agent's own phone, and then the citizen's."""
    whole = await wanted_call(house, asked)
    if whole.draft is None:
        raise Refusal(404, "没有这份草稿", "no such draft")
    number, record = number_in(whole.draft.draft), whole.call.record
    if number is None:
        zh, en = "工单里没有能拨打的回电号码", "the order has no number that can be called"
        raise Refusal(409, zh, en)
    await note_done(house, asked, "called_from_order", record.call)
    wanted = ToCall(record.call, number, record.lane, record.dialled, record.language)
    denied = house.ports.live.call_out(asked.signed_in.agent, wanted)
    if denied is not None:
        raise Refusal(STATUS.get(denied.code, 409), denied.zh, denied.en)
    return see_other(f"/drafts/{asked.names['call']}?said=calling")
