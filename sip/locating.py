"""Where a name's servers are (RFC 3263 §4): decisions only, whoever runs it asks DNS.

`locate` is a generator: it yields the questions that it has, is sent what was
answered, and returns the places in the order in which they are to be tried.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import NamedTuple

from sip.flow import DEFAULT_PORTS, STREAMS, TCP, TLS, UDP, Address, Flow

PLACES_LIMIT = 16
"""Servers of one name; each may cost a caller a wait."""
_SERVICES = {"SIP+D2U": UDP, "SIP+D2T": TCP, "SIPS+D2T": TLS}
_PREFIXES = {UDP: "_sip._udp.", TCP: "_sip._tcp.", TLS: "_sips._tcp."}


class Question(NamedTuple):
    """What DNS is asked."""

    kind: str
    """`NAPTR`, `SRV`, or `ADDRESS` for both A and AAAA."""
    name: str


@dataclass(frozen=True, slots=True)
class Naptr:
    """One NAPTR record (RFC 3403)."""

    order: int
    preference: int
    flags: str
    service: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Srv:
    """One SRV record (RFC 2782)."""

    priority: int
    weight: int
    port: int
    target: str


Record = Naptr | Srv | str
"""An address is text."""
Answers = dict[Question, list[Record]]
"""A question that nobody could answer has no records."""
Search = Generator[list[Question], Answers, list[Address]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to find, as the settings name them."""

    host: str
    port: int | None = None
    transport: str | None = None
    """None: whatever DNS says."""


def locate(wanted: Wanted, spoken: Sequence[str], chance: Callable[[int], int]) -> Search:
    """Find the servers of a name.

    `spoken` are the transports that we speak; `chance(n)` gives a whole number
    from 0 to n, n included, for weights (RFC 2782).
    """
    transport = wanted.transport or UDP
    if _numeric(wanted.host):
        return [_place(wanted.host, wanted.port or DEFAULT_PORTS[transport], transport)]
    if wanted.port is None:
        found = yield from _by_service(wanted, spoken, chance)
        if found:
            return found[:PLACES_LIMIT]
    answers = yield [Question("ADDRESS", wanted.host)]
    port = wanted.port or DEFAULT_PORTS[transport]
    return [_place(host, port, transport) for host in _addresses(answers)][:PLACES_LIMIT]


def _by_service(wanted: Wanted, spoken: Sequence[str], chance: Callable[[int], int]) -> Search:
    """Go by NAPTR, then by SRV (§4.1, §4.2)."""
    services: list[tuple[str, str]] = []
    if wanted.transport is None:
        answers = yield [Question("NAPTR", wanted.host)]
        services = _services(answers, spoken)
    if not services:
        kinds = [wanted.transport] if wanted.transport else [k for k in _PREFIXES if k in spoken]
        services = [(kind, _PREFIXES[kind] + wanted.host) for kind in kinds]
    answers = yield [Question("SRV", name) for _, name in services]
    servers = [
        (transport, srv)
        for transport, name in services
        for srv in _drawn(answers.get(Question("SRV", name), ()), chance)
    ]
    if not servers:
        return []
    targets = dict.fromkeys(srv.target for _, srv in servers if not _numeric(srv.target))
    answers = yield [Question("ADDRESS", target) for target in targets]
    return [
        _place(host, srv.port, transport)
        for transport, srv in servers
        for host in _hosts(srv.target, answers)
    ]


def _services(answers: Answers, spoken: Sequence[str]) -> list[tuple[str, str]]:
    """Return transport and SRV name of the records that we can follow, best first."""
    records = [r for found in answers.values() for r in found if isinstance(r, Naptr)]
    usable = [
        r
        for r in sorted(records, key=lambda r: (r.order, r.preference))
        if r.flags.lower() == "s" and _SERVICES.get(r.service.upper()) in spoken and r.replacement
    ]
    return [(_SERVICES[r.service.upper()], r.replacement) for r in usable]


def _drawn(records: Iterable[Record], chance: Callable[[int], int]) -> list[Srv]:
    """Return servers by priority, and by lot among equals (RFC 2782); `.` means no service."""
    left = [r for r in records if isinstance(r, Srv) and r.target not in ("", ".")]
    left.sort(key=lambda r: (r.priority, r.weight))
    order = []
    while left:
        equals = [r for r in left if r.priority == left[0].priority]
        lot = chance(sum(r.weight for r in equals))
        for drawn in equals:  # those without weight stand first, and have their small chance
            lot -= drawn.weight
            if lot <= 0:
                break
        order.append(drawn)
        left.remove(drawn)
    return order


def _hosts(target: str, answers: Answers) -> list[str]:
    return [target] if _numeric(target) else _addresses(answers, target)


def _addresses(answers: Answers, name: str | None = None) -> list[str]:
    """Return the addresses of a name, or of all; what is none is passed over."""
    found = [
        record
        for question, records in answers.items()
        for record in records
        if isinstance(record, str) and name in (None, question.name)
    ]
    return [host for host in found if _numeric(host)]


def _numeric(host: str) -> bool:
    try:
        return not ip_address(host).is_unspecified
    except ValueError:
        return False


def _place(host: str, port: int, transport: str) -> Address:
    return Flow(host, port, transport) if transport in STREAMS else (host, port)
