"""The knowledge base at the desk: searched and read by all, rulings written by duty leaders.

A duty leader is a supervisor here: whoever is less is refused by the desk, which writes that down.
"""

from collections.abc import Mapping
from typing import Any

from calls.ids import CallId
from desk import agent_api
from desk.house import House
from desk.live_ports import Role
from desk.noting import note_if_possible
from desk.web import Answer, Asked, Refusal, as_json, see_other
from workorders.knowledge import Entry

MOST = 20
TITLE_MOST, TEXT_MOST = 200, 4000
"""Characters of a ruling."""


async def search(house: House, asked: Asked) -> Answer:
    """Give a program what answers a question: `q`, and if wanted `most`."""
    found = await house.ports.search(asked.query.get("q", ""), asked.now, _most(asked))
    return as_json({"entries": [entry_of(entry) for entry in found]})


async def found(house: House, asked: Asked) -> Answer:
    """Show what answers a question, and the form for a ruling."""
    question = asked.query.get("q", "")
    entries = await house.ports.search(question, asked.now, MOST)
    return _page(house, asked, entries, question)


async def one(house: House, asked: Asked) -> Answer:
    """Show all versions of an entry."""
    entries = await house.ports.entry(asked.names["entry"])
    if not entries:
        raise Refusal(404, "知识库里没有这一条", "there is no such entry")
    return _page(house, asked, entries, "", whole=True)


async def rule(house: House, asked: Asked) -> Answer:
    """Keep a ruling from the form."""
    kept = await _kept(house, asked, asked.form())
    return see_other(f"/knowledge?said={'unchanged' if kept is None else 'kept'}")


async def rule_by_program(house: House, asked: Asked) -> Answer:
    """Keep a ruling from a program's JSON: title, text, owner, call."""
    entry = await _kept(house, asked, asked.json())
    return as_json({"kept": None if entry is None else entry_of(entry)})


async def _kept(house: House, asked: Asked, given: Mapping[str, Any]) -> Entry | None:
    entry = _ruling(house, asked, given)
    if entry.call is not None and await house.ports.call(CallId(entry.call)) is None:
        raise Refusal(400, "没有这通电话", "there is no such call")
    kept = await house.ports.learn(entry)
    call = None if entry.call is None else CallId(entry.call)
    await note_if_possible(house, asked, asked.signed_in.agent, "kept_ruling", call)
    return kept


def _ruling(house: House, asked: Asked, given: Mapping[str, Any]) -> Entry:
    """Read a ruling; of one call there is one, which later ones replace."""
    title, text = _text(given, "title", TITLE_MOST), _text(given, "text", TEXT_MOST)
    owner, call = _text(given, "owner", TITLE_MOST), str(given.get("call") or "").strip()
    if owner not in dict(house.settings.choices.get("unit", ())):
        raise Refusal(400, f"没有这个单位：{owner}", f"there is no such unit: {owner}")
    agent = asked.signed_in.agent
    name = f"ruling-{call or format(asked.now, '.3f')}"
    return Entry(
        name, "precedent", title, text, owner, call=call or None, by=str(agent), at=asked.now
    )


def _text(given: Mapping[str, Any], name: str, most: int) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Refusal(400, f"缺少 {name}", f"{name} is missing")
    if len(value) > most:
        raise Refusal(400, f"{name} 超过 {most} 字", f"{name} is longer than {most} characters")
    return value.strip()


def _most(asked: Asked) -> int:
    given = asked.query.get("most", str(MOST))
    if not (given.isdecimal() and 1 <= int(given) <= MOST):
        raise Refusal(400, f"most 应为 1 到 {MOST}", f"`most` must be 1 to {MOST}")
    return int(given)


def entry_of(entry: Entry) -> dict[str, object]:
    """Return an entry as JSON values."""
    return {
        "id": entry.id,
        "version": entry.version,
        "kind": entry.kind,
        "title": entry.title,
        "text": entry.text,
        "owner": entry.owner,
        "valid_from": entry.valid_from,
        "valid_until": entry.valid_until,
        "call": entry.call,
    }


def _page(
    house: House, asked: Asked, entries: tuple[Entry, ...], question: str, *, whole: bool = False
) -> Answer:
    return house.pages.fill(
        "knowledge.html",
        asked.session,
        entries=entries,
        asked=question,
        said=asked.query.get("said", ""),
        call=asked.query.get("call", ""),
        units=dict(house.settings.choices.get("unit", ())),
        whole=whole,
        rules=agent_api.role_of(house, asked) >= Role.SUPERVISOR,
    )
