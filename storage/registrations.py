"""Where agents' telephones are reached, over a restart."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.tables import RegistrationRow


@dataclass(frozen=True, slots=True)
class Registration:
    """One binding of a user to a telephone (RFC 3261 §10.3)."""

    user: str
    contact: str
    source: str
    """`address:port` that the REGISTER came from."""
    expires_at: float
    sip_call_id: str
    cseq: int


def keep(session: Session, registration: Registration) -> None:
    """Keep a binding, in place of the older one of the same user and contact."""
    session.merge(
        RegistrationRow(
            user=registration.user,
            contact=registration.contact,
            source=registration.source,
            expires_at=registration.expires_at,
            sip_call_id=registration.sip_call_id,
            cseq=registration.cseq,
        )
    )
    session.flush()


def forget(session: Session, user: str, contact: str) -> None:
    """Forget a binding; nothing happens if there is none."""
    session.execute(
        delete(RegistrationRow).where(
            RegistrationRow.user == user, RegistrationRow.contact == contact
        )
    )


def current(session: Session, now: float) -> tuple[Registration, ...]:
    """Return the bindings that have not expired, and forget those that have."""
    session.execute(delete(RegistrationRow).where(RegistrationRow.expires_at <= now))
    rows = session.scalars(
        select(RegistrationRow).order_by(RegistrationRow.user, RegistrationRow.expires_at)
    )
    return tuple(
        Registration(row.user, row.contact, row.source, row.expires_at, row.sip_call_id, row.cseq)
        for row in rows
    )
