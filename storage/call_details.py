"""Calls: their records kept, listed, and one call whole."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from calls.cdr import CallDetailRecord
from calls.events import Fact, Heard
from calls.ids import AgentId, CallId, LaneId, Language
from calls.reasons import Reason, blame
from storage import recordings, transcripts, work_orders
from storage.recordings import Recording
from storage.stories import readable
from storage.tables import CallRow, DraftRow, FactRow
from storage.work_orders import KeptDraft

AT_ONCE = 200
"""Calls whose facts one statement asks for."""


@dataclass(frozen=True, slots=True)
class KeptCall:
    """One line of the list of calls."""

    record: CallDetailRecord
    transcript_state: str | None
    """`done`, `pending` or `failed`; None if nothing was ever said of it."""
    transcript_why: str | None
    drafted: bool
    confirmed_by: AgentId | None


@dataclass(frozen=True, slots=True)
class WholeCall:
    """Everything that is known of one call."""

    call: KeptCall
    facts: tuple[Fact, ...]
    transcript: tuple[Heard, ...]
    recordings: tuple[Recording, ...]
    draft: KeptDraft | None


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls a list shows; None lets everything pass."""

    lane: LaneId | None = None
    agent: AgentId | None = None
    language: Language | None = None
    reason: Reason | None = None
    since: float | None = None
    before: tuple[float, CallId] | None = None
    """Only calls older than this arrival and id: where the page before ended."""
    most: int = 50


def listed(session: Session, wanted: CallFilter) -> tuple[KeptCall, ...]:
    """Return calls, newest first."""
    query = _narrowed(_lines(), wanted)
    query = query.order_by(CallRow.arrived.desc(), CallRow.call.desc()).limit(wanted.most)
    return tuple(_kept(row, drafted, by) for row, drafted, by in session.execute(query))


def whole(session: Session, call: CallId) -> WholeCall | None:
    """Return everything about one call; None if it is not known."""
    line = session.execute(_lines().where(CallRow.call == call)).one_or_none()
    if line is None:
        return None
    kept = _kept(*line)
    files = recordings.of_call(session, call)
    began = files[0].started if files else kept.record.arrived
    return WholeCall(
        call=kept,
        facts=facts_of(session, call),
        transcript=transcripts.of_call(session, call, began),
        recordings=files,
        draft=work_orders.of_call(session, call),
    )


def facts_of(session: Session, call: CallId) -> tuple[Fact, ...]:
    """Return a call's facts in the order they happened; those of a newer version are left out."""
    query = select(FactRow.json).where(FactRow.call == call).order_by(FactRow.id)
    return tuple(fact for values in session.scalars(query) for fact in readable(values))


def facts_of_all(session: Session, calls: Sequence[CallId]) -> dict[CallId, tuple[Fact, ...]]:
    """Return the facts of many calls, each call's in their order, with few questions asked."""
    found: dict[CallId, list[Fact]] = {call: [] for call in calls}
    for first in range(0, len(calls), AT_ONCE):
        part = calls[first : first + AT_ONCE]
        query = select(FactRow.call, FactRow.json).where(FactRow.call.in_(part))
        for call, values in session.execute(query.order_by(FactRow.id)):
            found[CallId(call)] += readable(values)
    return {call: tuple(facts) for call, facts in found.items()}


def open_calls(session: Session) -> tuple[CallId, ...]:
    """Return the calls that arrived and never ended, oldest first.

    Right after a start these are the calls that the engine's death cut off.
    """
    query = select(CallRow.call).where(CallRow.ended.is_(None)).order_by(CallRow.arrived)
    return tuple(CallId(call) for call in session.scalars(query))


def awaiting_transcript(
    session: Session, languages: Collection[Language], most: int = 100
) -> tuple[KeptCall, ...]:
    """Return ended calls that have a recording and no transcript yet, oldest first.

    Only those in `languages`: calls that nothing can be done for stand in nobody's way.
    """
    state = CallRow.transcript_state
    query = (
        _lines()
        .where(CallRow.ended.is_not(None), CallRow.recording.is_not(None))
        .where(state.is_(None) | state.in_(("pending", "late")), CallRow.language.in_(languages))
        .order_by(CallRow.arrived)
        .limit(most)
    )
    return tuple(_kept(row, drafted, by) for row, drafted, by in session.execute(query))


Lines = Select[CallRow, int, str | None]


def _lines() -> Lines:
    return select(CallRow, DraftRow.version, DraftRow.confirmed_by).outerjoin(
        DraftRow, DraftRow.call == CallRow.call
    )


def _narrowed(query: Lines, wanted: CallFilter) -> Lines:
    equal = [
        (CallRow.lane, wanted.lane),
        (CallRow.agent, wanted.agent),
        (CallRow.language, wanted.language),
        (CallRow.reason, wanted.reason),
    ]
    for column, value in equal:
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(CallRow.arrived >= wanted.since)
    if wanted.before is not None:
        at, call = wanted.before
        older = (CallRow.arrived == at) & (CallRow.call < call)
        query = query.where((CallRow.arrived < at) | older)
    return query


def _kept(row: CallRow, version: int | None, confirmed_by: str | None) -> KeptCall:
    return KeptCall(
        record=_record(row),
        transcript_state=row.transcript_state,
        transcript_why=row.transcript_why,
        drafted=version is not None,
        confirmed_by=AgentId(confirmed_by) if confirmed_by is not None else None,
    )


def _record(row: CallRow) -> CallDetailRecord:
    reason = Reason(row.reason) if row.reason is not None else None
    return CallDetailRecord(
        call=CallId(row.call),
        caller=row.caller,
        dialled=row.dialled,
        sip_call_id=row.sip_call_id,
        language=cast(Language, row.language),
        arrived=row.arrived,
        picked_up=row.picked_up,
        ended=row.ended,
        path=tuple(row.path),
        lane=LaneId(row.lane) if row.lane is not None else None,
        agent=AgentId(row.agent) if row.agent is not None else None,
        offers=row.offers,
        waited=row.waited,
        talked=row.talked,
        abandoned=row.abandoned,
        recording=row.recording,
        by=row.by,
        reason=reason,
        blame=blame(reason) if reason is not None else None,
    )
