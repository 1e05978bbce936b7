"""The list of drafts, and one draft with what it rests on."""

from typing import Any

from calls.ids import AgentId, CallId
from desk import views
from desk.call_pages import older_than, wanted_call
from desk.house import House
from desk.noting import note_done
from desk.order_calls import number_in
from desk.web import Answer, Asked, Refusal, see_other
from storage.work_orders import (
    Correction,
    DraftFilter,
    KeptDraft,
    NoSuchDraft,
    OutOfDate,
    UnknownField,
)
from workorders.checking import check

STATES = {"open": False, "confirmed": True, "all": None}
VALUE_MOST = 10_000
"""Characters that one field may have."""


def draft_filter(asked: Asked) -> DraftFilter:
    """Read from the address which drafts are wanted."""
    state = asked.query.get("state", "open")
    if state not in STATES:
        raise Refusal(400, "没有这种状态", "no such state")
    mine = asked.query.get("mine") == "1"
    return DraftFilter(
        confirmed=STATES[state],
        agent=AgentId(asked.signed_in.agent) if mine else None,
        before=older_than(asked),
    )


async def listed(house: House, asked: Asked) -> Answer:
    """Show the list."""
    wanted = draft_filter(asked)
    lines = await house.ports.drafts(wanted)
    rows = [(line, _fields(house, line.draft)) for line in lines]
    return house.pages.fill(
        "drafts.html",
        asked.session,
        rows=rows,
        state=asked.query.get("state", "open"),
        mine=wanted.agent is not None,
        older=lines[-1] if len(lines) == wanted.most else None,
    )


def _fields(house: House, kept: KeptDraft) -> dict[str, views.FieldView]:
    return {each.name: each for each in _in_order(house, kept)}


def _in_order(house: House, kept: KeptDraft) -> list[views.FieldView]:
    return views.fields_of(kept.draft, house.settings.choices)


async def one(house: House, asked: Asked) -> Answer:
    """Show one draft with its transcript."""
    whole = await wanted_call(house, asked)
    if whole.draft is None:
        return see_other(f"/calls/{asked.names['call']}")
    await note_done(house, asked, "read_draft", whole.call.record.call)
    return house.pages.fill(
        "draft.html",
        asked.session,
        whole=whole,
        kept=whole.draft,
        fields=_in_order(house, whole.draft),
        faults=check(whole.draft.draft),
        said=asked.query.get("said"),
        number=number_in(whole.draft.draft),
    )


async def put_right(house: House, asked: Asked) -> Answer:
    """Take the form: only fields whose text changed are corrections."""
    whole = await wanted_call(house, asked)
    call, form = whole.call.record.call, asked.form()
    if whole.draft is None:
        raise Refusal(404, "没有这份草稿", "no such draft")
    before = {each.name: each.text for each in _in_order(house, whole.draft)}
    changed = {
        name: views.value_from(name, form[name], whole.draft.draft.get(name))
        for name, text in before.items()
        if name in form and _plain_lines(form[name]) != _plain_lines(text)
    }
    confirm = form.get("do") == "confirm"
    if changed or confirm:
        version = _version(form.get("version"))
        await correct(
            house, asked, Correction(call, version, changed, _me(asked), asked.now, confirm)
        )
    said = "confirmed" if confirm else "kept" if changed else "unchanged"
    return see_other(f"/drafts/{asked.names['call']}?said={said}")


def _plain_lines(text: str) -> str:
    """Browsers send every line end as CR LF (HTML standard, form submission)."""
    return text.replace("\r\n", "\n").strip()


def _me(asked: Asked) -> AgentId:
    return asked.signed_in.agent


def _version(given: Any) -> int:
    try:
        return int(given)
    except (TypeError, ValueError):
        raise Refusal(400, "缺少版本号", "the version is missing") from None


def correction_from(asked: Asked, call: CallId, *, confirm: bool) -> Correction:
    """Read a correction from a program's JSON."""
    body = asked.json()
    values = body.get("values", {})
    if not isinstance(values, dict):
        raise Refusal(400, "values 应为对象", "`values` must be an object")
    version = _version(body.get("version"))
    return Correction(call, version, values, _me(asked), asked.now, confirm)


async def correct(house: House, asked: Asked, correction: Correction) -> KeptDraft:
    """Keep a correction and write down whose it is; raise Refusal if it cannot be."""
    if any(isinstance(v, str) and len(v) > VALUE_MOST for v in correction.values.values()):
        raise Refusal(400, "内容过长", "a value is too long")
    try:
        kept = await house.ports.correct(correction)
    except NoSuchDraft:
        raise Refusal(404, "没有这份草稿", "no such draft") from None
    except UnknownField as error:
        raise Refusal(400, f"没有这个字段：{error}", f"no such field: {error}") from None
    except OutOfDate:
        zh, en = "草稿已被更新，请重新打开后再改", "The draft has changed; open it again"
        raise Refusal(409, zh, en) from None
    action = "confirmed_draft" if correction.confirm else "corrected_draft"
    await note_done(house, asked, action, correction.call)
    return kept
