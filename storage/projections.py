"""What is read from facts: calls, utterances, recordings, drafts, ratings; rows that facts move."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection

from calls.cdr import CallDetailRecord, detail
from calls.events import (
    Drafted,
    Fact,
    Heard,
    Rated,
    RecordingStarted,
    RecordingStopped,
    Transcribed,
)
from calls.ids import CallId
from storage import rating_tasks, recordings, transcripts, work_orders
from storage.stories import FOLDED, Story
from storage.tables import CallRow
from storage.upserts import table_of, upsert

RECORD = tuple(
    field.name for field in fields(CallDetailRecord) if field.name in table_of(CallRow).c
)
"""What a call's row has of its record; blame follows from the reason."""
GIVEN = frozenset(("call", "caller", "dialled", "sip_call_id", "arrived"))
"""What the first fact of a call says once and for all: to write it again would only move its
entries in the indexes."""
REPLACED = tuple(name for name in RECORD if name not in GIVEN)


def bring_up_to_date(
    connection: Connection, facts: Sequence[Fact], stories: Mapping[CallId, Story]
) -> None:
    """Fold and project; facts of a call that never arrived stay facts only."""
    changed: dict[CallId, Story] = {}
    for fact in facts:
        if type(fact) in FOLDED:
            stories[fact.call].add(fact)
            changed[fact.call] = stories[fact.call]
    upsert(connection, CallRow, _calls(changed), REPLACED)
    projected = [fact for fact in facts if type(fact) in PROJECTED and stories[fact.call].arrived]
    if not projected:
        return
    recordings.keep(connection, [f for f in projected if isinstance(f, RECORDED)])
    spoken = [fact for fact in projected if isinstance(fact, Heard | Transcribed)]
    transcripts.keep(connection, spoken, stories)
    work_orders.take_drafts(connection, [f for f in projected if isinstance(f, Drafted)])
    rating_tasks.take_ratings(connection, [f for f in projected if isinstance(f, Rated)])


RECORDED = (RecordingStarted, RecordingStopped)
PROJECTED = frozenset((*RECORDED, Heard, Transcribed, Drafted, Rated))


def _calls(stories: Mapping[CallId, Story]) -> list[dict[str, Any]]:
    rows = []
    for story in stories.values():
        record = detail(story.facts) if story.arrived else None
        if record is not None:
            row = {name: getattr(record, name) for name in RECORD}
            row["transcript_round"] = 0  # only of a row that is new
            rows.append(row)
    return rows
