"""Bad ratings that are to be seen to: listed for supervisors, closed with what was done."""

from dataclasses import asdict

from calls.ids import CallId
from desk.house import House
from desk.noting import note_done
from desk.web import Answer, Asked, Refusal, as_json, see_other
from storage.rating_tasks import NoOpenTask

NOTE_MOST = 1000
"""Characters of what was done."""
CLOSED = "closed"


async def listed(house: House, asked: Asked) -> Answer:
    """Show what is open, or what was closed."""
    closed = asked.query.get("state") == CLOSED
    tasks = await house.ports.ratings(closed)
    said = asked.query.get("said")
    return house.pages.fill("ratings.html", asked.session, tasks=tasks, closed=closed, said=said)


async def given(house: House, asked: Asked) -> Answer:
    """Give the same to a program."""
    tasks = await house.ports.ratings(asked.query.get("state") == CLOSED)
    return as_json({"ratings": [asdict(task) for task in tasks]})


async def close(house: House, asked: Asked) -> Answer:
    """Close a task from the form."""
    await _closed(house, asked, asked.form().get("note", ""))
    return see_other("/ratings?said=closed")


async def close_by_program(house: House, asked: Asked) -> Answer:
    """Close a task from a program's JSON: note."""
    await _closed(house, asked, asked.json().get("note", ""))
    return as_json({"closed": asked.names["call"]})


async def _closed(house: House, asked: Asked, note: object) -> None:
    text = note.strip() if isinstance(note, str) else ""
    if not text or len(text) > NOTE_MOST:
        zh = f"请写明怎样处理的，最多 {NOTE_MOST} 个字"
        raise Refusal(400, zh, f"say what was done, in at most {NOTE_MOST} characters")
    call = CallId(asked.names["call"])
    try:
        await house.ports.close_rating(call, asked.signed_in.agent, asked.now, text)
    except NoOpenTask:
        zh, en = "这条差评已经处理过，或不存在", "there is no such open task"
        raise Refusal(409, zh, en, "not_now") from None
    await note_done(house, asked, "closed_rating", call)
