"""The files of what was said, as rows; the files themselves are the engine's."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from calls.events import RecordingStarted, RecordingStopped
from calls.ids import CallId
from storage.tables import RecordingRow


@dataclass(frozen=True, slots=True)
class Recording:
    """One file of what was said in a call."""

    path: str
    """Relative to the data folder's `recordings`."""
    started: float
    seconds: float | None
    """None while it grows, and for ever if the engine died."""
    trouble: str | None


def keep(session: Session, fact: RecordingStarted | RecordingStopped) -> None:
    """Keep that a file began, or what became of it."""
    row = session.get(RecordingRow, (fact.call, fact.path))
    if row is None:
        row = RecordingRow(call=fact.call, path=fact.path, started=fact.at)
        session.add(row)
    if isinstance(fact, RecordingStopped):
        row.seconds, row.trouble = fact.seconds, fact.trouble


def of_call(session: Session, call: CallId) -> tuple[Recording, ...]:
    """Return a call's recordings, oldest first."""
    rows = session.scalars(
        select(RecordingRow)
        .where(RecordingRow.call == call)
        .order_by(RecordingRow.started, RecordingRow.path)
    )
    return tuple(Recording(row.path, row.started, row.seconds, row.trouble) for row in rows)
