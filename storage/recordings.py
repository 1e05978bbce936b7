"""The files of what was said, as rows; the files themselves are the engine's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from calls.events import RecordingStarted, RecordingStopped
from calls.ids import CallId, LaneId, Language
from storage.tables import CallRow, RecordingRow
from storage.upserts import upsert


@dataclass(frozen=True, slots=True)
class Recording:
    """One file of what was said in a call."""

    path: str
    """Relative to the data folder's `recordings`."""
    started: float
    seconds: float | None
    """None while it grows, and for ever if the engine died."""
    trouble: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """One file, and what decides for how long it is kept."""

    call: CallId
    path: str
    """Relative to the data folder's `recordings`."""
    started: float
    lane: LaneId | None


PURGED = "purged"
"""In place of what is wrong with a recording: it was deleted, as the settings say."""


def kept_before(session: Session, before: float) -> tuple[Kept, ...]:
    """Return the files that began before an instant and are not purged, oldest first."""
    rows = session.execute(
        select(RecordingRow.call, RecordingRow.path, RecordingRow.started, CallRow.lane)
        .join(CallRow, CallRow.call == RecordingRow.call)
        .where(RecordingRow.started < before, CallRow.ended.is_not(None))
        .where((RecordingRow.trouble != PURGED) | RecordingRow.trouble.is_(None))
        .order_by(RecordingRow.started)
    )
    return tuple(
        Kept(CallId(call), path, started, None if lane is None else LaneId(lane))
        for call, path, started, lane in rows
    )


def settled(
    session: Session, paths: Collection[str], languages: Collection[Language]
) -> frozenset[str]:
    """Return which of these files nobody writes to any more or needs for a transcript.

    `languages`: those that are transcribed.
    """
    state = CallRow.transcript_state
    rows = session.scalars(
        select(RecordingRow.path)
        .join(CallRow, CallRow.call == RecordingRow.call)
        .where(RecordingRow.path.in_(paths), RecordingRow.seconds.is_not(None))
        .where((RecordingRow.trouble != PURGED) | RecordingRow.trouble.is_(None))
        .where(CallRow.ended.is_not(None))
        .where(
            state.in_(("done", "failed")) | (state.is_(None) & CallRow.language.not_in(languages))
        )
    )
    return frozenset(rows)


def purged(session: Session, gone: tuple[Kept, ...]) -> None:
    """Write down that files are deleted."""
    for kept in gone:
        row = session.get(RecordingRow, (kept.call, kept.path))
        if row is not None:
            row.trouble = PURGED


def keep(connection: Connection, facts: Sequence[RecordingStarted | RecordingStopped]) -> None:
    """Keep that files began, or what became of them."""
    begun = [_row(fact) for fact in facts if isinstance(fact, RecordingStarted)]
    upsert(connection, RecordingRow, begun)
    done = [_row(fact) for fact in facts if isinstance(fact, RecordingStopped)]
    upsert(connection, RecordingRow, done, ("seconds", "trouble"))


def _row(fact: RecordingStarted | RecordingStopped) -> dict[str, Any]:
    row: dict[str, Any] = {"call": fact.call, "path": fact.path, "started": fact.at}
    if isinstance(fact, RecordingStopped):
        return {**row, "seconds": fact.seconds, "trouble": fact.trouble}
    return {**row, "seconds": None, "trouble": None}


def of_call(session: Session, call: CallId) -> tuple[Recording, ...]:
    """Return a call's recordings, oldest first."""
    rows = session.scalars(
        select(RecordingRow)
        .where(RecordingRow.call == call)
        .order_by(RecordingRow.started, RecordingRow.path)
    )
    return tuple(Recording(row.path, row.started, row.seconds, row.trouble) for row in rows)
