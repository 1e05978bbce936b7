"""Kept values as the pages and the API show them: plain, and with nothing left to work out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from asr.readable import Piece, readable
from calls.events import (
    AgentLeft,
    Answered,
    CallBackAsked,
    Collected,
    DangerHeard,
    Decided,
    Drafted,
    Ended,
    Entered,
    Fact,
    FlowChosen,
    Heard,
    KeyPressed,
    LanguageChosen,
    LeftLane,
    LegFigures,
    Offered,
    OfferFailed,
    PickedUp,
    Queued,
    Rated,
    RecordingStopped,
    SpeechEnded,
    Transcribed,
    TransferAsked,
    Understood,
)
from desk import words
from desk.talk_words import of_talk
from desk.words import Words, named
from storage.call_details import KeptCall, WholeCall
from storage.work_orders import PLAIN, KeptDraft, ListedDraft
from workorders.checking import check
from workorders.private import mask_all

SAID: dict[str, dict[str, Any]] = {
    "time": {"said": "", "begins": None, "ends": None, "every": None, "clock": None},
    "place": {"said": "", "standard": None, "district": None, "by_sound": False, "choices": []},
}
"""Fields that are made of what was said and of what that means; an agent writes the words."""

UNSURE = 0.5
"""Words that the recogniser was less sure of are marked."""


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field of a draft as the page shows it."""

    name: str
    label: Words
    text: str
    """As it stands in the form."""
    beside: str
    """What the value holds beyond that."""
    confidence: float | None
    origin: Words
    by_agent: str | None
    evidence: Sequence[Mapping[str, Any]]
    suggested: str | None
    """What the engine had suggested where an agent put something else."""
    choices: Sequence[tuple[str, str]]
    candidates: Sequence[Mapping[str, Any]]
    ask: Words | None
    """How to ask the caller for it, if it is missing."""
    long: bool

    @property
    def named_value(self) -> str:
        """The value by its label, where it is one of several that have labels."""
        labels = dict(self.choices)
        labels |= {str(c.get("unit")): str(c.get("name")) for c in self.candidates if "name" in c}
        return labels.get(self.text, self.text) or "—"

    @property
    def spans(self) -> str:
        """The stretches of the recording that the field rests on, for the page's script."""
        return json.dumps([[e.get("leg"), e.get("start"), e.get("end")] for e in self.evidence])


def fields_of(
    draft: Mapping[str, Any], choices: Mapping[str, Sequence[tuple[str, str]]]
) -> list[FieldView]:
    """Return the fields of a draft in the order that agents read them, unknown ones last."""
    known = [name for name in words.FIELDS if name in draft]
    others = [name for name in draft if name not in words.FIELDS and _is_field(name, draft)]
    asks = {q["field"]: _ask(q) for q in _objects(draft.get("missing")) if "field" in q}
    return [
        _field(name, draft, asks.get(name), choices.get(name) or words.CHOICES.get(name) or ())
        for name in known + others
    ]


def _is_field(name: str, draft: Mapping[str, Any]) -> bool:
    entry = draft[name]
    empty = entry is None and name not in PLAIN
    return empty or (isinstance(entry, Mapping) and "value" in entry)


def _field(
    name: str,
    draft: Mapping[str, Any],
    ask: Words | None,
    choices: Sequence[tuple[str, str]],
) -> FieldView:
    entry = draft[name] or {}
    suggested = entry.get("suggested")
    candidates = entry.get("candidates") or (draft.get("candidates") if name == "unit" else None)
    value = entry.get("value")
    return FieldView(
        name=name,
        label=named(words.FIELDS, name),
        text=text_of(value),
        beside=_beside(value),
        confidence=entry.get("confidence"),
        origin=named(words.ORIGINS, entry.get("origin")) if entry else ("未提及", "not said"),
        by_agent=entry.get("by"),
        evidence=_objects(entry.get("evidence") or (suggested or {}).get("evidence")),
        suggested=text_of(suggested["value"]) if suggested else None,
        choices=_with_present(choices, value),
        candidates=_objects(candidates),
        ask=ask,
        long=name in words.LONG,
    )


def _with_present(choices: Sequence[tuple[str, str]], value: Any) -> Sequence[tuple[str, str]]:
    """Let the present value be among what can be chosen."""
    text = text_of(value)
    if not choices or not text or any(text == each for each, _ in choices):
        return choices
    return [(text, text), *choices]


def _ask(question: Mapping[str, Any]) -> Words:
    """Return a question in Chinese and, if it is another's, in the caller's language."""
    zh = str(question.get("zh") or question.get("ask_zh") or "")
    theirs = str(question.get("words") or question.get("ask") or "")
    return zh, "" if theirs == zh else theirs


def _objects(entries: Any) -> list[Mapping[str, Any]]:
    """Return the objects in a list; nothing of whatever else stands there."""
    if not isinstance(entries, list | tuple):
        return []
    return [entry for entry in entries if isinstance(entry, Mapping)]


def text_of(value: Any) -> str:
    """Return a field's value as a form shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return str(value.get("standard") or value.get("said") or "")
    if isinstance(value, list | tuple):
        return "、".join(map(str, value))
    return str(value)


def _beside(value: Any) -> str:
    """Return what a value of several parts holds beyond its words."""
    if not isinstance(value, Mapping):
        return ""
    shown = {"said"} if text_of(value) == value.get("said") else {"standard"}
    parts = [
        " – ".join(map(str, part)) if isinstance(part, list) else str(part)
        for name, part in value.items()
        if name not in shown and part and not isinstance(part, bool)
    ]
    return " · ".join(parts)


def value_from(name: str, text: str, entry: Any) -> Any:
    """Return what a form's text means for a field that holds `entry` now."""
    present = entry.get("value") if isinstance(entry, Mapping) else None
    text = text.strip()
    if not text:
        return None
    if name == "confidential" or isinstance(present, bool):
        return text == "true"
    if name in SAID:
        standard = {"standard": text} if "standard" in SAID[name] else {}
        return {**SAID[name], "said": text, **standard}
    return text


def readable_of(heard: Heard) -> tuple[Piece, ...]:
    """Return a Chinese utterance tidied, with what was heard in each place; nothing of others."""
    return readable(heard.text, heard.words) if heard.language == "zh" else ()


def pieces_of(heard: Heard) -> list[tuple[str, float, float, bool]]:
    """Return an utterance word by word: text, start, end, and whether it is unsure.

    Where the text was tidied so that its words are no longer those that were
    recognised, the utterance is one piece.
    """
    gap = "" if heard.language in ("zh", "ja") else " "
    said = gap.join(word.text for word in heard.words)
    if not heard.words or _letters(said) != _letters(heard.text):
        return [(heard.text, heard.start, heard.end, heard.confidence < UNSURE)]
    return [(w.text + gap, w.start, w.end, w.confidence < UNSURE) for w in heard.words]


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def line_of(heard: Heard) -> dict[str, Any]:
    """Return one utterance."""
    return {
        "leg": heard.leg,
        "language": heard.language,
        "start": heard.start,
        "end": heard.end,
        "text": heard.text,
        "confidence": heard.confidence,
        "words": [asdict(word) for word in heard.words],
    }


def call_of(call: KeptCall) -> dict[str, Any]:
    """Return one call as the API gives it; `path` says where the recording is to be had."""
    values = asdict(call.record)
    has_recording = values.pop("recording") is not None
    return {
        **values,
        "path": list(call.record.path),
        "recording": f"/recordings/{call.record.call}" if has_recording else None,
        "transcript_state": call.transcript_state,
        "transcript_why": call.transcript_why,
        "drafted": call.drafted,
        "confirmed_by": call.confirmed_by,
    }


def whole_of(whole: WholeCall) -> dict[str, Any]:
    """Return one call with its transcript and recordings."""
    return {
        **call_of(whole.call),
        "transcript": [line_of(heard) for heard in whole.transcript],
        "recordings": [
            {
                "address": f"/recordings/{whole.call.record.call}/{place}",
                "started": each.started,
                "seconds": each.seconds,
                "trouble": each.trouble,
            }
            for place, each in enumerate(whole.recordings)
        ],
    }


def draft_of(kept: KeptDraft) -> dict[str, Any]:
    """Return a draft as the API gives it."""
    return {
        "call": kept.call,
        "number": kept.number,
        "version": kept.version,
        "drafted_at": kept.drafted_at,
        "updated_at": kept.updated_at,
        "confirmed_by": kept.confirmed_by,
        "confirmed_at": kept.confirmed_at,
        "newer": kept.newer,
        "draft": kept.draft,
        "faults": [asdict(fault) for fault in check(kept.draft)],
    }


def with_masked(draft: Mapping[str, Any]) -> dict[str, Any]:
    """Return a draft with identity, card and telephone numbers masked in all its fields."""
    return {
        name: mask_all(entry) if isinstance(entry, Mapping) and "value" in entry else entry
        for name, entry in draft.items()
    }


def listed_of(line: ListedDraft) -> dict[str, Any]:
    """Return one line of the list of drafts; whoever needs the numbers opens the draft."""
    return {
        **draft_of(line.draft),
        "draft": with_masked(line.draft.draft),
        "arrived": line.arrived,
        "ended": line.ended,
        "lane": line.lane,
        "agent": line.agent,
    }


def story_of(facts: Sequence[Fact]) -> list[tuple[float, Words, str]]:
    """Return what happened in a call, line by line: when, what, and the particulars."""
    return [
        (fact.at, named(words.FACTS, type(fact).__name__), particulars(fact))
        for fact in facts
        if not isinstance(fact, Heard | Drafted)
    ]


def particulars(fact: Fact) -> str:
    """Say in a few words what is particular to a fact."""
    match fact:
        case Entered(node=name) | Queued(lane=name) | PickedUp(codec=name):
            return str(name)
        case LanguageChosen(language=language):
            return named(words.LANGUAGES, language)[0]
        case KeyPressed(key=key, accepted=accepted):
            return key if accepted else f"{key}（无效 not offered）"
        case Offered(agent=agent, why=why) | OfferFailed(agent=agent, why=why):
            return f"{agent}：{why}"
        case Answered(agent=agent):
            return str(agent)
        case LeftLane(lane=lane, why=why):
            return f"{lane}：{why}"
        case SpeechEnded(how=how):
            return how
        case _:
            return _outcome(fact)


def _outcome(fact: Fact) -> str:
    match fact:
        case DangerHeard(words=said, help=number):
            return f"“{said}” {number or ''}".strip()
        case RecordingStopped(seconds=seconds, trouble=trouble):
            return f"{clock(seconds)} {trouble or ''}".strip()
        case Transcribed(state=state, why=why):
            return f"{named(words.TRANSCRIPT, state)[0]} {why}".strip()
        case LegFigures(leg=leg, received=received, lost=lost, jitter=jitter, mos=mos):
            label = named(words.LEGS, leg)[0]
            score = "" if mos is None else f" MOS {mos:.1f}"
            return f"{label}：收 {received} 丢 {lost} 抖动 {jitter * 1000:.1f} ms{score}"
        case Ended(by=by, reason=reason):
            return f"{' '.join(words.REASONS[reason])}（{by}）"
        case _:
            return of_talk(fact) or _of_flow(fact)


def _of_flow(fact: Fact) -> str:
    match fact:
        case FlowChosen(flow=flow, version=version):
            return f"{flow} {version}"
        case Understood(key=key):
            return key or "没有听懂 not understood"
        case Collected(name=name, value=value):
            return f"{name}：{value}"
        case Decided(answer=answer, rule=rule):
            return f"{answer}（{rule}）"
        case _:
            return _of_request(fact)


def _of_request(fact: Fact) -> str:
    match fact:
        case Rated(mark=mark, solved=solved, bad=bad):
            said = {True: "已解决 solved", False: "未解决 not solved", None: ""}[solved]
            return f"{mark} {said} {'差评 bad' if bad else ''}".strip()
        case CallBackAsked(number=number, lane=lane):
            return f"{masked(number)} → {lane}"
        case TransferAsked(to=to, outcome=outcome):
            return f"{to}：{outcome}"
        case AgentLeft(agent=agent):
            return str(agent)
        case _:
            return ""


def clock(seconds: float | None) -> str:
    """Write a stretch of time as minutes and seconds."""
    if seconds is None:
        return "—"
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def local(at: float | None, zone: ZoneInfo) -> str:
    """Write an instant in the city's own time."""
    return "—" if at is None else datetime.fromtimestamp(at, zone).strftime("%m-%d %H:%M:%S")


def masked(number: str) -> str:
    """Hide the middle of a number: lists are seen by whoever passes."""
    shown = 3 if len(number) > 8 else 1
    return number if len(number) < 4 else f"{number[:shown]}****{number[-shown - 1 :]}"
