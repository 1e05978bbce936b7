"""Who said what, as rows.

A transcript may be made anew from the recording. Each `Transcribed("pending")`
begins a new round; of each leg the newest round that heard anything is shown,
so a second transcription replaces the first and never doubles it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.orm import Session

from calls.events import Heard, Transcribed, Word
from calls.ids import CallId, Language, Party
from storage.stories import Story
from storage.tables import CallRow, UtteranceRow
from storage.upserts import table_of, upsert

REST = ("end", "language", "text", "confidence", "words")
CALLS = table_of(CallRow)
TURN = (
    update(CALLS)
    .where(CALLS.c.call == bindparam("whose"))
    .values(
        transcript_state=bindparam("state"),
        transcript_why=bindparam("why"),
        transcript_round=bindparam("round"),
    )
)


def keep(
    connection: Connection,
    facts: Sequence[Heard | Transcribed],
    stories: Mapping[CallId, Story],
) -> None:
    """Keep utterances, each in its call's present round, and what became of transcripts.

    The same stretch heard again in one round replaces what was heard before.
    """
    heard, turns = [], {}
    for fact in facts:
        story = stories[fact.call]
        if isinstance(fact, Heard):
            heard.append(_values(fact, story.round))
            continue
        story.round += fact.state == "pending"
        turns[fact.call] = {
            "whose": fact.call,
            "state": fact.state,
            "why": fact.why,
            "round": story.round,
        }
    upsert(connection, UtteranceRow, heard, REST)
    if turns:
        connection.execute(TURN, list(turns.values()))


def _values(fact: Heard, turn: int) -> dict[str, Any]:
    return {
        "call": fact.call,
        "leg": fact.leg,
        "round": turn,
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
