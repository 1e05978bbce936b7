"""Who said what, as rows.

A transcript may be made anew from the recording. Each `Transcribed("pending")`
begins a new round; of each leg the newest round that heard anything is shown,
so a second transcription replaces the first and never doubles it.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import cast

from sqlalchemy import Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from calls.events import Heard, Transcribed, Word
from calls.ids import CallId, Language, Party
from storage.tables import CallRow, UtteranceRow

KEY = ("call", "leg", "round", "start")
REST = ("end", "language", "text", "confidence", "words")


def turn(row: CallRow, fact: Transcribed) -> None:
    """Take note of what became of a transcript."""
    row.transcript_state = fact.state
    row.transcript_why = fact.why
    if fact.state == "pending":
        row.transcript_round += 1


def keep_heard(session: Session, heard: Sequence[tuple[CallRow, Heard]]) -> None:
    """Keep utterances, each in its call's present round; the same stretch heard again replaces."""
    if not heard:
        return
    table = cast(Table, UtteranceRow.__table__)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    statement = statement.on_conflict_do_update(
        index_elements=list(KEY),
        set_={name: statement.excluded[name] for name in REST},
    )
    session.flush()
    session.execute(statement, [_values(row, fact) for row, fact in heard])


def _values(row: CallRow, fact: Heard) -> dict[str, object]:
    return {
        "call": fact.call,
        "leg": fact.leg,
        "round": row.transcript_round,
        "start": fact.start,
        "end": fact.end,
        "language": fact.language,
        "text": fact.text,
        "confidence": fact.confidence,
        "words": [asdict(word) for word in fact.words],
    }


def of_call(session: Session, call: CallId, at: float) -> tuple[Heard, ...]:
    """Return a call's transcript in order of time, as facts stamped `at`."""
    newest = (
        select(UtteranceRow.leg, func.max(UtteranceRow.round).label("round"))
        .where(UtteranceRow.call == call)
        .group_by(UtteranceRow.leg)
        .subquery()
    )
    rows = session.scalars(
        select(UtteranceRow)
        .join(newest, (UtteranceRow.leg == newest.c.leg) & (UtteranceRow.round == newest.c.round))
        .where(UtteranceRow.call == call)
        .order_by(UtteranceRow.start, UtteranceRow.leg)
    )
    return tuple(_heard(row, at) for row in rows)


def _heard(row: UtteranceRow, at: float) -> Heard:
    return Heard(
        call=CallId(row.call),
        at=at + row.start,
        leg=cast(Party, row.leg),
        language=cast(Language, row.language),
        start=row.start,
        end=row.end,
        text=row.text,
        confidence=row.confidence,
        words=tuple(Word(**word) for word in row.words),
    )
