"""Registrations written down and given back: what a restart knows."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred, fail, succeed

from server.phone_book import PhoneBook
from sip.binding import Contact
from sip.flow import Address, Flow
from sip.registrar import PhoneGone, PhoneRegistered, Registrar, RegistrarLimits
from sip.uri import Uri
from storage.tables import Base

PHONE = Uri.parse("sip:1001@192.0.2.20:5060")


def registrar() -> Registrar:
    return Registrar("hotline", {"1001": "x"}, ("SHA-256",), RegistrarLimits(), b"s" * 32)


class Books:
    """A database in memory, used as the engine's is."""

    def __init__(self) -> None:
        self.engine = create_engine("sqlite://")
        Base.metadata.create_all(self.engine)

    def change(self, job: Callable[[Session], Any]) -> "Deferred[Any]":
        with Session(self.engine) as session, session.begin():
            return succeed(job(session))


def registered(
    books: Books, source: Address = ("192.0.2.20", 5060), *, only: bool = False
) -> PhoneBook:
    known = registrar()
    known.restore([Contact("1001", PHONE, source, 600.0, "call", 7, only_by_connection=only)])
    book = PhoneBook(known, books.change)
    book.noted(PhoneRegistered("1001", PHONE, source, 600.0), 0.0)
    return book


def test_a_phone_is_known_after_a_restart_as_it_was() -> None:
    books, after = Books(), registrar()
    registered(books)
    taken: list[Contact] = []
    PhoneBook(after, books.change).restore(100.0).addCallback(taken.extend)
    assert taken == [Contact("1001", PHONE, ("192.0.2.20", 5060), 600.0, "call", 7)]
    assert after.contacts("1001", 100.0) == taken


def test_a_phone_on_a_connection_is_looked_for_where_it_listens() -> None:
    books, after = Books(), registrar()
    registered(books, Flow("192.0.2.20", 5060, "TCP", 1, 99))
    PhoneBook(after, books.change).restore(100.0)
    assert after.contacts("1001", 100.0)[0].source == Flow("192.0.2.20", 5060, "TCP", 1)


def test_the_proxies_on_the_way_to_a_phone_are_known_after_a_restart() -> None:
    path = ("<sip:edge.example;lr>", "<sip:inner.example;lr;ob>")
    for source in (("192.0.2.20", 5060), Flow("192.0.2.20", 5060, "TCP", 1)):
        books, known, after = Books(), registrar(), registrar()
        known.restore([Contact("1001", PHONE, source, 600.0, "call", 7, path=path)])
        PhoneBook(known, books.change).noted(PhoneRegistered("1001", PHONE, source, 600.0), 0.0)
        PhoneBook(after, books.change).restore(100.0)
        (contact,) = after.contacts("1001", 100.0)
        assert (contact.source, contact.path) == (source, path)


@pytest.mark.parametrize("transport", ["TCP", "TLS", "WS", "WSS"])
def test_a_phone_that_only_its_connection_leads_to_is_not_there_after_a_restart(
    transport: str,
) -> None:
    books, after = Books(), registrar()
    registered(books)  # as it was by datagram before
    registered(books, Flow("192.0.2.20", 40123, transport, 1, 99), only=True)
    PhoneBook(after, books.change).restore(100.0)
    assert after.contacts("1001", 100.0) == []


def test_a_phone_that_signed_off_or_ran_out_is_not() -> None:
    books, after = Books(), registrar()
    registered(books).noted(PhoneGone("1001", PHONE), 1.0)
    PhoneBook(after, books.change).restore(100.0)
    assert after.everybody() == []
    registered(books)
    PhoneBook(after, books.change).restore(601.0)
    assert after.everybody() == []


def test_what_a_phone_said_since_the_start_counts_more() -> None:
    books, after = Books(), registrar()
    registered(books)
    newer = Contact("1001", PHONE, ("192.0.2.99", 5060), 900.0, "call", 8)
    after.restore([newer])
    PhoneBook(after, books.change).restore(100.0)
    assert after.everybody() == [newer]


def test_users_that_are_gone_are_not_taken_back() -> None:
    books = Books()
    registered(books)
    after = Registrar("hotline", {}, ("SHA-256",), RegistrarLimits(), b"s" * 32)
    PhoneBook(after, books.change).restore(100.0)
    assert after.everybody() == []


def test_a_database_that_is_gone_changes_nothing_for_a_phone() -> None:
    known = registrar()
    known.restore([Contact("1001", PHONE, ("192.0.2.20", 5060), 600.0, "call", 7)])
    book = PhoneBook(known, lambda job: fail(OSError("no disk")))
    book.noted(PhoneRegistered("1001", PHONE, ("192.0.2.20", 5060), 600.0), 0.0)
    assert len(known.contacts("1001", 0.0)) == 1
