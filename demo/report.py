"""What the demonstration prints: call by call for people, or one JSON document."""

from collections.abc import Sequence
from typing import Any

from demo.outcome import Outcome

FIELDS = (
    ("type", "类型 type"),
    ("title", "标题 title"),
    ("time", "时间 time"),
    ("place", "地点 place"),
    ("object", "对象 object"),
    ("demand", "诉求 demand"),
    ("urgency", "紧急 urgency"),
    ("unit", "承办 unit"),
)
"""Fields that are shown, with their labels."""


def document(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return everything as JSON values."""
    return {"calls": [_call(outcome) for outcome in outcomes]}


def _call(outcome: Outcome) -> dict[str, Any]:
    call = outcome.call
    known = {name: call.get(name) for name in ("call", "caller", "language", "path", "waited")}
    return known | {
        "title": list(outcome.caller.title),
        "agent": call.get("agent"),
        "ended": call.get("by"),
        "reason": call.get("reason"),
        "transcript": [
            {name: u[name] for name in ("leg", "start", "end", "text", "confidence")}
            for u in call.get("transcript", ())
        ],
        "transcript_state": call.get("transcript_state"),
        "error_rates": outcome.error_rates,
        "draft": call.get("draft"),
        "recording": call.get("recording"),
        "sound": outcome.sound,
        "faults": outcome.faults,
    }


def show(outcomes: Sequence[Outcome], page: str, password: str) -> None:
    """Print call by call."""
    for number, outcome in enumerate(outcomes, 1):
        _show_call(number, outcome)
    good = sum(not outcome.faults for outcome in outcomes)
    print(f"\n{good}/{len(outcomes)} 个来电符合预期 / calls ended as they should")
    print(f"工单草稿 / drafts: {page}   工号 agent 1001   密码 password {password}")


def _show_call(number: int, outcome: Outcome) -> None:
    call, caller = outcome.call, outcome.caller
    print(f"\n━━ {number}. {caller.title[0]} / {caller.title[1]}")
    if not call:
        print("   没有通话记录 / no record of the call")
        return
    waited = "—" if call["waited"] is None else f"{call['waited']:.1f} s"
    print(f"   路径 path     {' → '.join(call['path'])}")
    print(f"   等待 waited   {waited}   接听 agent {call['agent'] or '—'}")
    print(f"   结束 ended    {call['reason']} ({call['by']})")
    for said in call["transcript"]:
        who = "市民" if said["leg"] == "citizen" else "坐席"
        span = f"{said['start']:6.2f}–{said['end']:6.2f}"
        print(f"   {span} {who} {said['text']}  ({said['confidence']:.2f})")
    if outcome.error_rates:
        rates = ", ".join(f"{of} {rate:.0%}" for of, rate in outcome.error_rates.items())
        print(f"   错误率 error rate against the spoken text: {rates}")
    if call["transcript_state"] != "done":
        print(f"   转写 transcript {call['transcript_state']}")
    _show_draft(call["draft"])
    if call["recording"]:
        print(f"   录音 recording {call['recording']}")
    heard = "  ".join(f"{what} {value:.2f}" for what, value in outcome.sound.items())
    print(f"   声音 sound    {heard}")
    for fault in outcome.faults:
        print(f"   ✗ {fault}")


def _show_draft(draft: dict[str, Any] | None) -> None:
    if draft is None:
        print("   草稿 draft    —")
        return
    fields = draft["draft"]
    for name, label in FIELDS:
        entry = fields.get(name)
        if not entry:
            continue
        rests = "；".join(dict.fromkeys(e["words"] for e in entry.get("evidence", ())))
        print(f"   {label:<10} {_text(name, entry, fields)}   ← {rests or entry['origin']}")


def _text(name: str, entry: dict[str, Any], fields: dict[str, Any]) -> str:
    value = entry["value"]
    if name == "unit":
        names = {c["unit"]: c["name"] for c in fields.get("candidates", ())}
        return str(names.get(value, value))
    if isinstance(value, dict):
        return str(value.get("standard") or value.get("said") or value)
    return str(value)
