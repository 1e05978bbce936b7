"""The hosts of one trunk: where they are, and which of them are there (OPTIONS, RFC 3261 §11)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sip.chore import Chore
from sip.flow import Address, transport_of
from sip.headers import Headers
from sip.message import Request, Response
from sip.port import Port
from sip.requests import MAX_FORWARDS, SUPPORTED
from sip.transactions import ClientTransaction

SILENCE = 4.0
"""Seconds without an answer until a host counts as gone; a late answer brings it back."""
_GONE = (408, 503)


@dataclass(slots=True)
class Host:
    """One place where a trunk takes calls."""

    address: Address
    up: bool | None = None
    """None until it has been asked."""
    seconds: float | None = None
    """That its last answer took."""
    asked: ClientTransaction | None = None
    """The question that waits for its answer."""
    asked_at: float = 0.0

    def hear(self, status: int, now: float) -> None:
        """Take an answer: whatever it says, somebody is there; unless it is that nobody is."""
        self.up = status not in _GONE
        self.seconds, self.asked = now - self.asked_at, None

    def lose(self) -> None:
        """Take it that nobody answered."""
        self.up, self.seconds, self.asked = False, None, None

    def __str__(self) -> str:
        host = f"[{self.address[0]}]" if ":" in self.address[0] else self.address[0]
        return f"{host}:{self.address[1]}/{transport_of(self.address).lower()}"


class Upstream(Chore):
    """Asks each host of a trunk whether it is there, and sorts out those that are not."""

    def __init__(self, domain: str, every: float | None) -> None:
        """`every` is the time between two questions in seconds; None asks nobody."""
        self.domain = domain
        self.hosts: list[Host] = []
        """In the order in which the settings and DNS have them."""
        self.every = every
        self._port: Port | None = None
        self._due: float | None = None

    def same_as(self, other: "Upstream") -> bool:
        """Tell whether both ask after the same trunk, as often."""
        return (self.domain, self.every) == (other.domain, other.every)

    def located(self, addresses: Sequence[Address], now: float) -> None:
        """Take where the hosts are; what is known of those that stay is kept."""
        known = {host.address: host for host in self.hosts}
        fresh = dict.fromkeys(addresses)
        self.hosts = [known.get(address) or Host(address) for address in fresh]
        if self.every is not None and (self._due is None or not fresh.keys() <= known.keys()):
            self._due = now

    def targets(self) -> list[Address]:
        """Return where to send, best first: hosts that are gone come last, but do come."""
        by_hope = sorted(self.hosts, key=lambda host: host.up is False)
        return [host.address for host in by_hope]

    def gone(self, address: Address) -> bool:
        """Tell whether a host is known not to be there, or is not the trunk's any more."""
        found = next((host for host in self.hosts if host.address == address), None)
        return found is None or found.up is False

    # -- as a chore -----------------------------------------------------------

    def begin(self, port: Port, now: float) -> None:
        """Take the stack's common ground."""
        self._port = port

    def next_deadline(self) -> float | None:
        """Return when `tick` is wanted; None if never."""
        waiting = [h.asked_at + SILENCE for h in self.hosts if h.asked and h.up is not False]
        return min((at for at in (self._due, *waiting) if at is not None), default=None)

    def tick(self, now: float) -> None:
        """Ask who is there, and note who did not answer."""
        for host in self.hosts:
            if host.asked is not None and host.asked_at + SILENCE <= now:
                host.up = False
        if self._due is None or now < self._due or self.every is None:
            return
        self._due = now + self.every
        for host in self.hosts:
            if host.asked is None:
                self._ask(host, now)

    def _ask(self, host: Host, now: float) -> None:
        assert self._port is not None, "asked before the stack took it"
        request = options(self._port, f"sip:{self.domain}", host.address)
        host.asked_at = now
        host.asked = self._port.transactions.send(request, host.address, now, self)

    def _host_asked(self, transaction: ClientTransaction) -> Host | None:
        return next((host for host in self.hosts if host.asked is transaction), None)

    def answered(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        """Take an answer: whatever it says, somebody is there; unless it is that nobody is."""
        host = self._host_asked(transaction)
        if host is None or response.status < 200:
            return
        host.hear(response.status, now)

    def unanswered(self, transaction: ClientTransaction, now: float, status: int = 408) -> None:
        """Take it that a host is not there."""
        host = self._host_asked(transaction)
        if host is not None:
            host.lose()


def options(port: Port, uri: str, to: Address) -> Request:
    """Return a request that asks whether somebody is there (RFC 3261 §11.1)."""
    contact = port.settings.contact(to)
    fields = [
        ("Via", port.via(to)),
        MAX_FORWARDS,
        ("From", f"<{contact.strip('<>').partition(';')[0]}>;tag={port.tokens()}"),
        ("To", f"<{uri}>"),
        ("Call-ID", port.tokens()),
        ("CSeq", "1 OPTIONS"),
        ("Contact", contact),
        ("Accept", "application/sdp"),
        SUPPORTED,
        ("User-Agent", port.settings.user_agent),
    ]
    return Request("OPTIONS", uri, Headers(fields))
