"""Who did what at the desk: signed in, opened a recording, put a draft right."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from calls.ids import AgentId, CallId
from storage.tables import AuditRow


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that somebody did."""

    at: float
    agent: AgentId
    action: str
    """`signed_in`, `sign_in_refused`, `signed_out`, `opened_recording`, `corrected_draft` …"""
    call: CallId | None
    address: str
    """Where the browser was."""
    note: str = ""


def note(session: Session, entry: AuditEntry) -> None:
    """Write an entry down."""
    session.add(
        AuditRow(
            at=entry.at,
            agent=entry.agent,
            action=entry.action,
            call=entry.call,
            address=entry.address,
            note=entry.note,
        )
    )
    session.flush()


def entries(
    session: Session, *, call: CallId | None = None, most: int = 200
) -> tuple[AuditEntry, ...]:
    """Return the newest entries first, of one call or of all."""
    query = select(AuditRow).order_by(AuditRow.at.desc(), AuditRow.id.desc()).limit(most)
    if call is not None:
        query = query.where(AuditRow.call == call)
    return tuple(
        AuditEntry(
            at=row.at,
            agent=AgentId(row.agent),
            action=row.action,
            call=CallId(row.call) if row.call is not None else None,
            address=row.address,
            note=row.note,
        )
        for row in session.scalars(query)
    )
