"""Asking DNS what `sip.locating` wants to know; the one place that names twisted.names."""

import secrets
from collections.abc import Callable, Sequence
from socket import AF_INET6, inet_ntop
from typing import Any

from twisted.internet.defer import Deferred, DeferredList, inlineCallbacks
from twisted.names import client, dns

from sip.flow import Address
from sip.locating import Answers, Naptr, Question, Record, Srv, Wanted, locate

TIMEOUTS = (1, 2, 4)
"""Seconds for each try of one question; no call waits for these, they run ahead of them."""
FAILED_TTL = 30
"""Seconds until a name that was not found is looked for again."""


class Resolving:
    """Finds the servers of names."""

    def __init__(self, servers: Sequence[tuple[str, int]], *, six: bool) -> None:
        """`servers` are the name servers, none: the system's; `six` asks for IPv6 addresses."""
        self._servers, self._six = list(servers), six
        self._resolver: Any = None

    def find(self, wanted: Wanted, spoken: Sequence[str]) -> "Deferred[tuple[list[Address], int]]":
        """Return the places of a name, and for how many seconds they hold; none if unknown."""
        found: Deferred[tuple[list[Address], int]] = self._find(wanted, spoken)
        return found

    @inlineCallbacks
    def _find(self, wanted: Wanted, spoken: Sequence[str]) -> Any:
        search, ttl = locate(wanted, spoken, lambda most: secrets.randbelow(most + 1)), 3600
        try:
            questions = next(search)
            while True:
                outcomes = yield DeferredList([self._ask(one) for one in questions])
                answers: Answers = {}
                for question, (known, answer) in zip(questions, outcomes, strict=True):
                    answers[question] = answer[0] if known else []
                    ttl = min(ttl, answer[1] if known else ttl)
                questions = search.send(answers)
        except StopIteration as found:
            addresses: list[Address] = found.value
            return addresses, ttl if addresses else FAILED_TTL

    def _ask(self, question: Question) -> "Deferred[tuple[list[Record], int]]":
        resolver = self._resolver or client.createResolver(servers=self._servers or None)
        self._resolver = resolver
        lookup: Callable[..., Deferred[Any]] = {
            "NAPTR": resolver.lookupNamingAuthorityPointer,
            "SRV": resolver.lookupService,
            "ADDRESS": resolver.lookupIPV6Address if self._six else resolver.lookupAddress,
        }[question.kind]
        answer: Deferred[Any] = lookup(question.name, timeout=TIMEOUTS)
        return answer.addCallbacks(_read, _nothing)


def _nothing(failure: Any) -> tuple[list[Record], int]:
    """A name that is not there, or nobody who knows: there are other ways to ask."""
    return [], FAILED_TTL


def _read(answer: Any) -> tuple[list[Record], int]:
    records, ttl = [], 3600
    for header in answer[0]:
        record = _record(header.payload)
        if record is not None:
            records.append(record)
            ttl = min(ttl, header.ttl)
    return records, ttl


def _record(payload: Any) -> Record | None:
    match payload:
        case dns.Record_NAPTR():
            return Naptr(
                payload.order,
                payload.preference,
                payload.flags.string.decode("ascii", "replace"),
                payload.service.string.decode("ascii", "replace"),
                _name(payload.replacement),
            )
        case dns.Record_SRV():
            target = _name(payload.target)
            return Srv(payload.priority, payload.weight, payload.port, target)
        case dns.Record_A():
            return str(payload.dottedQuad())
        case dns.Record_AAAA():
            return inet_ntop(AF_INET6, payload.address)
        case _:
            return None  # a CNAME on the way; what it leads to stands beside it


def _name(name: Any) -> str:
    return str(name.name.decode("ascii", "replace")).rstrip(".")
