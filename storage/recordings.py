"""The files of what was said, as rows; the files themselves are the engine's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from calls.events import RecordingStarted, RecordingStopped
from calls.ids import CallId
from storage.tables import RecordingRow
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
