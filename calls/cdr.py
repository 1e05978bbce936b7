"""The call detail record: a fold over a call's facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from calls.events import (
    AgentLeft,
    Answered,
    Arrived,
    Ended,
    Entered,
    Fact,
    KeyPressed,
    LanguageChosen,
    LeftLane,
    Offered,
    PickedUp,
    Queued,
    RecordingStarted,
    Understood,
)
from calls.ids import AgentId, CallId, LaneId, Language
from calls.reasons import Blame, Reason, blame


@dataclass(frozen=True, slots=True)
class CallDetailRecord:
    """One call in summary. Times are UTC seconds; durations are seconds."""

    call: CallId
    caller: str
    dialled: str
    sip_call_id: str
    language: Language
    arrived: float
    picked_up: float | None
    ended: float | None
    """None while the call is up."""
    path: tuple[str, ...]
    """Nodes and keys in order: `greeting`, `key:9` or `said:9`, `matter_ko` …"""
    lane: LaneId | None
    agent: AgentId | None
    offers: int
    waited: float | None
    """In lanes, until answered, left or ended; None if never queued."""
    talked: float | None
    abandoned: bool
    recording: str | None
    by: str | None
    reason: Reason | None
    blame: Blame | None


def detail(facts: Iterable[Fact]) -> CallDetailRecord | None:
    """Fold the facts of one call, in order, into its record; None before it arrived."""
    facts = list(facts)
    first: dict[type[Fact], Any] = {}
    last: dict[type[Fact], Any] = {}
    for fact in facts:
        first.setdefault(type(fact), fact)
        last[type(fact)] = fact
    arrived, picked_up = first.get(Arrived), first.get(PickedUp)
    answered, ended = first.get(Answered), first.get(Ended)
    queued, chosen = last.get(Queued), last.get(LanguageChosen)
    recording = first.get(RecordingStarted)
    if arrived is None:
        return None
    return CallDetailRecord(
        call=arrived.call,
        caller=arrived.caller,
        dialled=arrived.dialled,
        sip_call_id=arrived.sip_call_id,
        language=chosen.language if chosen else "zh",
        arrived=arrived.at,
        picked_up=picked_up.at if picked_up else None,
        ended=ended.at if ended else None,
        path=_path(facts),
        lane=queued.lane if queued else None,
        agent=answered.agent if answered else None,
        offers=sum(type(f) is Offered for f in facts) if Offered in first else 0,
        waited=_waited(facts) if queued else None,
        talked=_talked(facts, answered, ended),
        abandoned=ended is not None and ended.reason is Reason.ABANDONED,
        recording=recording.path if recording else None,
        by=ended.by if ended else None,
        reason=ended.reason if ended else None,
        blame=blame(ended.reason) if ended else None,
    )


def _talked(facts: list[Fact], answered: Answered | None, ended: Ended | None) -> float | None:
    """Return seconds with an agent, until that agent hung up or the call ended."""
    left = next((f for f in facts if isinstance(f, AgentLeft)), None) or ended
    return left.at - answered.at if answered and left else None


def _path(facts: list[Fact]) -> tuple[str, ...]:
    steps: list[str] = []
    for fact in facts:
        match fact:
            case Entered(node=node):
                steps.append(str(node))
            case KeyPressed(key=key, accepted=accepted):
                steps.append(f"key:{key}" if accepted else f"key:{key}?")
            case Understood(key=key):
                steps.append(f"said:{key or '?'}")
    return tuple(steps)


def _waited(facts: list[Fact]) -> float | None:
    """Add up every stay in a lane; a stay still open counts up to the last fact."""
    total, since = None, None
    for fact in facts:
        match fact:
            case Queued(at=at):
                since = at
            case Answered(at=at) | LeftLane(at=at) | Ended(at=at) if since is not None:
                total, since = (total or 0.0) + at - since, None
    if since is not None:
        total = (total or 0.0) + facts[-1].at - since
    return total
