"""Whether an order still says what the recording says: asked before it is sent out.

Works on the JSON form of drafts, in which a field that a person changed keeps what had been
drafted from the recording under `suggested`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workorders.draft import URGENCIES
from workorders.questions import ASK, IN_DANGER, NEEDED

Weight = Literal["stop", "warn"]
"""`stop`: not to be sent out until a person has looked; `warn`: to be seen."""
HEAVY = ("举报", "投诉", "求助", "建议", "咨询", "表扬")
"""Types, the ones with more duties towards the caller first."""
SURE = 0.6
"""Confidence from which on what the recording says stands against what a person wrote."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to look at before the order is sent out."""

    code: str
    field: str
    weight: Weight
    zh: str
    en: str
    words: tuple[str, ...] = ()
    """What was said that speaks against the order."""


def check(order: Mapping[str, Any]) -> list[Fault]:
    """List what is wrong or missing, what must stop the order first."""
    faults = [fault for rule in RULES for fault in rule(order)]
    return sorted(faults, key=lambda fault: fault.weight != "stop")


def _type_made_light(order: Mapping[str, Any]) -> Iterator[Fault]:
    heard, said, words = _heard(order, "type")
    if heard in HEAVY and said in HEAVY and HEAVY.index(heard) < HEAVY.index(said):
        yield Fault(
            "type_made_light", "type", "stop",
            f"录音里是{heard}，工单写成了{said}", f"recording: {heard}, order: {said}", words,
        )  # fmt: skip


def _urgency_lowered(order: Mapping[str, Any]) -> Iterator[Fault]:
    heard, said, words = _heard(order, "urgency")
    known = heard in URGENCIES and said in URGENCIES
    if known and URGENCIES.index(heard) > URGENCIES.index(said):
        yield Fault(
            "urgency_lowered", "urgency", "stop" if heard == "danger" else "warn",
            "录音里听到更紧急的情况", f"recording: {heard}, order: {said}", words,
        )  # fmt: skip


def _secrecy_lost(order: Mapping[str, Any]) -> Iterator[Fault]:
    heard, said, words = _heard(order, "confidential")
    if heard is True and said is not True:
        yield Fault(
            "secrecy_lost", "confidential", "stop",
            "来电人要求保密，工单没有标记", "the caller asked for secrecy", words,
        )  # fmt: skip


def _elsewhere(order: Mapping[str, Any]) -> Iterator[Fault]:
    heard, said, words = _heard(order, "place")
    district = heard.get("district") if isinstance(heard, Mapping) else None
    written = _text(said)
    if district and written and district not in written and not _same(heard, written):
        yield Fault(
            "elsewhere", "place", "warn",
            f"录音里的地点在{district}，工单写的是别处", f"the recording names {district}", words,
        )  # fmt: skip


def _missing(order: Mapping[str, Any]) -> Iterator[Fault]:
    kind, urgency = _value(order, "type"), _value(order, "urgency")
    ordinary = NEEDED.get(kind if isinstance(kind, str) else None, NEEDED[None])
    needed = IN_DANGER if urgency == "danger" else ordinary
    for name in needed:
        if not _text(_value(order, name)):
            weight: Weight = "stop" if name in ("content", "place") else "warn"
            yield Fault(f"no_{name}", name, weight, f"缺少：{ASK[name]['zh']}", f"missing: {name}")


def _no_unit(order: Mapping[str, Any]) -> Iterator[Fault]:
    if not _value(order, "unit"):
        yield Fault("no_unit", "unit", "stop", "没有承办单位", "no unit is in charge")


def _asked_again(order: Mapping[str, Any]) -> Iterator[Fault]:
    for like in order.get("duplicates") or ():
        other = like["order"]
        yield Fault(
            "asked_again", "duplicates", "warn",
            f"可能与未办结工单 {other} 重复", f"like the open order {other}",
            tuple(like["because"]),
        )  # fmt: skip


RULES: tuple[Callable[[Mapping[str, Any]], Iterator[Fault]], ...] = (
    _type_made_light, _urgency_lowered, _secrecy_lost, _elsewhere, _missing, _no_unit, _asked_again,
)  # fmt: skip


def _heard(order: Mapping[str, Any], name: str) -> tuple[Any, Any, tuple[str, ...]]:
    """Return what the recording says if that is sure, what the order says, and the words."""
    entry = order.get(name)
    if not isinstance(entry, Mapping):
        return None, None, ()
    before = entry.get("suggested")
    if not isinstance(before, Mapping) or (before.get("confidence") or 0.0) < SURE:
        return None, entry.get("value"), ()
    words = tuple(str(e.get("words", "")) for e in before.get("evidence") or ())
    return before.get("value"), entry.get("value"), words


def _value(order: Mapping[str, Any], name: str) -> Any:
    entry = order.get(name)
    return entry.get("value") if isinstance(entry, Mapping) else None


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("standard") or value.get("said") or "")
    return str(value) if value is not None else ""


def _same(heard: Mapping[str, Any], written: str) -> bool:
    """Tell whether an address written without its district is the one that was heard."""
    plain = str(heard.get("said") or "").replace(" ", "")
    return bool(plain) and (plain in written or written in plain or written in _text(heard))
