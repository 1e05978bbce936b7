"""Where agents' phones are, over a restart: what the registrar learns goes to the tables."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from sip.binding import Contact
from sip.flow import UDP, Address, Flow
from sip.grammar import Malformed
from sip.registrar import PhoneGone, PhoneRegistered, Registrar, RegistrarEvent
from sip.uri import Uri
from storage import registrations
from storage.registrations import Registration

LOG = structlog.get_logger("phone_book")
T = TypeVar("T")
Change = Callable[[Callable[[Session], T]], "Deferred[T]"]


class PhoneBook:
    """Writes registrations down as they come and go, and gives them back at the start.

    Losing the database loses nobody who is registered now: that is in memory.
    """

    def __init__(self, registrar: Registrar, change: Change[Any]) -> None:
        self._registrar, self._change = registrar, change

    def noted(self, event: RegistrarEvent, now: float) -> None:
        """Write down what the registrar has just learnt."""
        match event:
            case PhoneRegistered(user=user, contact=uri):
                for contact in self._registrar.contacts(user, now):
                    if contact.uri == uri:
                        self._write(contact)
            case PhoneGone(user=user, contact=uri):
                gone = str(uri)
                self._do(lambda session: registrations.forget(session, user, gone))

    def _write(self, contact: Contact) -> None:
        """Keep a contact; one that only its connection leads to is gone when we are."""
        if contact.only_by_connection:
            user, uri = contact.user, str(contact.uri)
            self._do(lambda session: registrations.forget(session, user, uri))
        else:
            self._do(partial(registrations.keep, registration=row_of(contact)))

    def _do(self, change: Callable[[Session], None]) -> None:
        self._change(change).addErrback(_not_written)

    def restore(self, now: float) -> "Deferred[list[Contact]]":
        """Give the registrar back whom an earlier start knew; return those it took."""

        def restored(rows: tuple[Registration, ...]) -> list[Contact]:
            return self._registrar.restore(c for c in map(contact_of, rows) if c is not None)

        return self._change(lambda session: registrations.current(session, now)).addCallback(
            restored
        )


def _not_written(failure: Failure) -> None:
    LOG.warning("registration_not_written", error=failure.type and failure.type.__name__)


def row_of(contact: Contact) -> Registration:
    """Return a contact as it is kept."""
    return Registration(
        contact.user,
        str(contact.uri),
        _written(contact.source, contact.path),
        contact.expires_at,
        contact.call_id,
        contact.cseq,
    )


def contact_of(row: Registration) -> Contact | None:
    """Return a kept contact; None if the row makes no sense, which loses one registration."""
    try:
        source, path = _read(row.source)
        uri = Uri.parse(row.contact)
    except (Malformed, ValueError):
        LOG.warning("registration_unreadable", user=row.user)
        return None
    return Contact(row.user, uri, source, row.expires_at, row.sip_call_id, row.cseq, path=path)


_VIA = " via "


def _written(source: Address, path: tuple[str, ...]) -> str:
    """Write `host:port`, for a flow its transport and our number, and the proxies on the way.

    Connections do not last, and are not written.
    """
    place = f"{source[0]}:{source[1]}"
    place = f"{place};{source.transport};{source.local}" if isinstance(source, Flow) else place
    return _VIA.join((place, *path))


def _read(text: str) -> tuple[Address, tuple[str, ...]]:
    seen, *path = text.split(_VIA)
    place, *way = seen.split(";")
    host, _, port = place.rpartition(":")
    if not way:
        return (host, int(port)), tuple(path)
    transport, local = way
    return Flow(host, int(port), transport or UDP, int(local)), tuple(path)
