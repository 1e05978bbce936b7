"""Our own keep-alives: OPTIONS to each registered phone, which keeps its way through a NAT open.

RFC 5626 §4.4 leaves keep-alives to phones; many send none. The time that an
answer takes says how good the way is.
"""

from sip.binding import Contact
from sip.chore import Chore
from sip.message import Response
from sip.port import Port
from sip.registrar import Registrar
from sip.transactions import ClientTransaction
from sip.upstream import Host, options

Key = tuple[str, str]
"""User and Contact."""


class PhoneWatch(Chore):
    """Asks every registered phone, one after the other, spread over the time between two rounds."""

    def __init__(self, registrar: Registrar, every: float) -> None:
        """`every` is the time in seconds between two questions to one phone."""
        self.phones: dict[Key, Host] = {}
        self._registrar, self._every = registrar, every
        self._port: Port | None = None
        self._due: float | None = None
        self._left: list[Contact] = []
        """Who is still to be asked in this round."""

    def begin(self, port: Port, now: float) -> None:
        """Take the stack's common ground."""
        self._port, self._due = port, now + self._every

    def next_deadline(self) -> float | None:
        """Return when `tick` is wanted; None if never."""
        return self._due

    def tick(self, now: float) -> None:
        """Ask the next phone; begin another round after the last."""
        while self._due is not None and self._due <= now:
            if not self._left:
                self._left = self._registrar.everybody()
                known = {_key(contact) for contact in self._left}
                self.phones = {key: host for key, host in self.phones.items() if key in known}
            self._due += self._every / max(1, len(self._registrar.everybody()))
            if self._left:
                self._ask(self._left.pop(), now)

    def phones_heard(self) -> dict[str, object]:
        """Return how many phones answer and how many do not, and the longest time in ms."""
        phones = self.phones.values()
        slowest = max((one.seconds for one in phones if one.seconds is not None), default=None)
        return {
            "up": sum(phone.up is True for phone in phones),
            "silent": sum(phone.up is False for phone in phones),
            "slowest_ms": None if slowest is None else slowest * 1000,
        }

    def _ask(self, contact: Contact, now: float) -> None:
        assert self._port is not None, "asked before the stack took it"
        phone = self.phones.setdefault(_key(contact), Host(contact.source))
        if phone.asked is not None:
            return
        phone.address, phone.asked_at = contact.source, now
        request = options(self._port, str(contact.uri), contact.source)
        for hop in contact.path:
            request.headers.add("Route", hop)
        phone.asked = self._port.transactions.send(request, contact.source, now, self)

    def _asked(self, transaction: ClientTransaction) -> Host | None:
        return next((one for one in self.phones.values() if one.asked is transaction), None)

    def answered(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        """Take an answer; any will do, but that nobody is there."""
        phone = self._asked(transaction)
        if phone is not None and response.status >= 200:
            phone.hear(response.status, now)

    def unanswered(self, transaction: ClientTransaction, now: float, status: int = 408) -> None:
        """Take it that a phone is not there; it stays registered, for it may be back."""
        phone = self._asked(transaction)
        if phone is not None:
            phone.lose()


def _key(contact: Contact) -> Key:
    return contact.user, str(contact.uri)
