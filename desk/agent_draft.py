"""The draft on the page that agents work with: texts in, texts out, while it grows under them."""

from collections.abc import Mapping
from typing import Any

from calls.ids import CallId
from desk import views
from desk.call_pages import wanted_call
from desk.draft_pages import VALUE_MOST
from desk.house import House
from desk.noting import note_done
from desk.web import Answer, Asked, Refusal, as_json
from storage.call_details import WholeCall
from storage.work_orders import Correction, KeptDraft, NoSuchDraft, OutOfDate, UnknownField
from workorders.checking import check

TRIES = 3
"""How often a correction is laid over a newer draft before somebody is told."""
NO_DRAFT = Refusal(404, "还没有草稿", "there is no draft yet", "unknown")


async def one(house: House, asked: Asked) -> Answer:
    """Give a draft as texts, with what each field rests on."""
    whole = await wanted_call(house, asked)
    await note_done(house, asked, "read_draft", whole.call.record.call)
    return as_json(_texts(house, _kept(whole)))


async def put(house: House, asked: Asked) -> Answer:
    """Put fields right, and perhaps confirm.

    The body is `{"fields": {name: {"was": text, "text": text}}, "confirm": bool}`. A draft that
    the engine has made anew meanwhile stands in nobody's way; a field that somebody else put
    right meanwhile does (409).
    """
    fields, confirm = _wishes(asked)
    for _ in range(TRIES):
        kept = _kept(await wanted_call(house, asked))
        correction = _correction(kept, fields, asked, confirm=confirm)
        if not fields and not confirm:
            return as_json(_texts(house, kept))
        try:
            kept = await house.ports.correct(correction)
        except OutOfDate:
            continue
        except NoSuchDraft:
            raise NO_DRAFT from None
        except UnknownField as error:
            raise _bad(f"没有这个字段：{error}", f"no such field: {error}") from None
        action = "confirmed_draft" if confirm else "corrected_draft"
        await note_done(house, asked, action, correction.call)
        return as_json(_texts(house, kept))
    raise Refusal(409, "草稿正在更新，请再试一次", "the draft is changing; try again", "not_now")


def _kept(whole: WholeCall) -> KeptDraft:
    if whole.draft is None:
        raise NO_DRAFT
    return whole.draft


def _wishes(asked: Asked) -> tuple[dict[str, tuple[str, str]], bool]:
    """Read the body: by field, what it was and what it should be; and whether to confirm."""
    body = asked.json()
    fields, confirm = body.get("fields", {}), body.get("confirm", False)
    if not isinstance(fields, dict) or not isinstance(confirm, bool):
        raise _bad("fields 应为对象，confirm 应为真假", "`fields` is an object, `confirm` a bool")
    return {name: _change(name, given) for name, given in fields.items()}, confirm


def _change(name: str, given: Any) -> tuple[str, str]:
    was, text = (given.get("was"), given.get("text")) if isinstance(given, dict) else (None, None)
    if not isinstance(was, str) or not isinstance(text, str):
        raise _bad(f"{name}：需要 was 和 text 两段文字", f"{name}: need the texts `was` and `text`")
    if len(text) > VALUE_MOST:
        raise _bad(f"{name}：内容过长", f"{name}: the text is too long")
    return was, text


def _correction(
    kept: KeptDraft, fields: Mapping[str, tuple[str, str]], asked: Asked, *, confirm: bool
) -> Correction:
    me, values = asked.signed_in.agent, {}
    for name, (was, text) in fields.items():
        entry = kept.draft.get(name)
        entry = entry if isinstance(entry, Mapping) else {}
        present = views.text_of(entry.get("value"))
        if entry.get("by") not in (None, me) and present not in (was, text):
            zh = f"{name}：{entry['by']} 已改成“{present}”"
            raise Refusal(409, zh, f"{name}: {entry['by']} has put it right already", "not_now")
        values[name] = views.value_from(name, text, entry)
    return Correction(CallId(kept.call), kept.version, values, me, asked.now, confirm)


def _texts(house: House, kept: KeptDraft) -> dict[str, Any]:
    """Return a draft for the page."""
    fields = views.fields_of(kept.draft, house.settings.choices)
    return {
        "call": kept.call,
        "number": kept.number,
        "version": kept.version,
        "confirmed_by": kept.confirmed_by,
        "fields": [_text(each) for each in fields],
        "faults": [
            {"weight": each.weight, "field": each.field, "zh": each.zh, "en": each.en}
            for each in check(kept.draft)
        ],
    }


def _text(each: views.FieldView) -> dict[str, Any]:
    return {
        "name": each.name,
        "label": list(each.label),
        "text": each.text,
        "by": each.by_agent,
        "confidence": each.confidence,
        "ask": None if each.ask is None or each.text else list(each.ask),
        "suggested": each.suggested if each.by_agent else None,
        "evidence": [
            {"start": said.get("start"), "words": said.get("words")} for said in each.evidence
        ],
        "candidates": [
            {"value": str(one.get("unit", "")), "label": str(one.get("name", ""))}
            for one in each.candidates
            if "unit" in one
        ],
    }


def _bad(zh: str, en: str) -> Refusal:
    return Refusal(400, zh, en, "bad_request")
