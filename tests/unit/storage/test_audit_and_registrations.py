"""Who did what, and where telephones are."""

from sqlalchemy.orm import Session

from calls.ids import AgentId, CallId
from storage import audit, registrations
from storage.audit import AuditEntry
from storage.registrations import Registration


def entry(at: float, action: str, call: str | None = None) -> AuditEntry:
    known = CallId(call) if call else None
    return AuditEntry(at, AgentId("1001"), action, known, "127.0.0.1")


def test_the_audit_gives_the_newest_first_and_can_be_asked_about_one_call(
    session: Session,
) -> None:
    entries = [
        entry(1.0, "signed_in"),
        entry(2.0, "opened_recording", "c-1"),
        entry(2.0, "confirmed_draft", "c-2"),
    ]
    for each in entries:
        audit.note(session, each)
    assert audit.entries(session) == (entries[2], entries[1], entries[0])
    assert audit.entries(session, call=CallId("c-1")) == (entries[1],)
    assert audit.entries(session, most=1) == (entries[2],)


def phone(user: str, expires_at: float, cseq: int = 1) -> Registration:
    return Registration(user, f"sip:{user}@127.0.0.1", "127.0.0.1:5080", expires_at, "id", cseq)


def test_a_binding_is_replaced_by_its_refresh_and_gone_when_expired_or_forgotten(
    session: Session,
) -> None:
    for each in (phone("1001", 100.0), phone("1002", 50.0), phone("1001", 200.0, cseq=2)):
        registrations.keep(session, each)
    registrations.keep(session, phone("1003", 300.0))
    registrations.forget(session, "1003", "sip:1003@127.0.0.1")
    registrations.forget(session, "1004", "sip:nobody")
    assert registrations.current(session, 60.0) == (phone("1001", 200.0, cseq=2),)
    assert registrations.current(session, 0.0) == (phone("1001", 200.0, cseq=2),)
