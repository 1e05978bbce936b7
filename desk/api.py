"""The JSON API: the same calls and drafts for programs."""

from calls.ids import CallId
from desk import views
from desk.call_pages import call_filter, wanted_call
from desk.draft_pages import correct, correction_from, draft_filter
from desk.house import House
from desk.noting import note_done
from desk.openapi import DOCUMENT
from desk.web import Answer, Asked, Refusal, as_json


async def document(house: House, asked: Asked) -> Answer:
    """Describe the API."""
    return as_json(DOCUMENT)


async def calls(house: House, asked: Asked) -> Answer:
    """List calls."""
    wanted = call_filter(asked)
    lines = await house.ports.calls(wanted)
    last = lines[-1].record if len(lines) == wanted.most else None
    older = f"{last.arrived!r}~{last.call}" if last else None
    return as_json({"calls": [views.call_of(line) for line in lines], "before": older})


async def call(house: House, asked: Asked) -> Answer:
    """Give one call with its transcript."""
    whole = await wanted_call(house, asked)
    await note_done(house, asked, "read_call", whole.call.record.call)
    return as_json(views.whole_of(whole))


async def drafts(house: House, asked: Asked) -> Answer:
    """List drafts."""
    wanted = draft_filter(asked)
    lines = await house.ports.drafts(wanted)
    last = lines[-1] if len(lines) == wanted.most else None
    older = f"{last.arrived!r}~{last.draft.call}" if last else None
    return as_json({"drafts": [views.listed_of(line) for line in lines], "before": older})


async def draft(house: House, asked: Asked) -> Answer:
    """Give one draft."""
    whole = await wanted_call(house, asked)
    if whole.draft is None:
        raise Refusal(404, "没有这份草稿", "no such draft")
    await note_done(house, asked, "read_draft", whole.call.record.call)
    return as_json(views.draft_of(whole.draft))


async def put_draft(house: House, asked: Asked) -> Answer:
    """Put a draft right."""
    return await _corrected(house, asked, confirm=False)


async def confirm_draft(house: House, asked: Asked) -> Answer:
    """Put a draft right, if anything is to be, and confirm it."""
    return await _corrected(house, asked, confirm=True)


async def _corrected(house: House, asked: Asked, *, confirm: bool) -> Answer:
    wanted = correction_from(asked, CallId(asked.names["call"]), confirm=confirm)
    return as_json(views.draft_of(await correct(house, asked, wanted)))
