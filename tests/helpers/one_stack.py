"""One stack under test, and the peers who talk to it, on virtual time."""

from itertools import count

from sip.events import CallOffered, SipEvent
from sip.message import Address, Message, parse
from sip.outgoing import Invitation
from sip.registrar import Registrar
from sip.settings import StackSettings
from sip.stack import Stack
from tests.helpers.sip_messages import ANSWER, OFFER, PEER, first_line, request


class OneStack:
    """A stack with its outbox read after each step. `now` is whatever the test last said."""

    def __init__(self, registrar: Registrar | None = None, **settings: object) -> None:
        names = (f"t{number}" for number in count())
        self.stack = Stack(
            StackSettings("192.0.2.1", **settings),  # type: ignore[arg-type]
            registrar,
            lambda: next(names),
        )
        self.now = 0.0
        self.sent: list[tuple[bytes, Address]] = []

    def receive(
        self, datagram: bytes, source: Address = PEER, at: float | None = None
    ) -> list[str]:
        """Give the stack a datagram; return the first lines of what it sent."""
        self.now = self.now if at is None else at
        self.stack.receive(datagram, source, self.now)
        return self.flush()

    def flush(self) -> list[str]:
        """Return the first lines of what waits to be sent, and keep it in `sent`."""
        self.sent = self.stack.to_send()
        return [first_line(datagram) for datagram, _ in self.sent]

    def last(self) -> Message:
        """Return what was sent last."""
        return parse(self.sent[-1][0])

    def events(self) -> list[SipEvent]:
        """Return the events that wait."""
        events = []
        while (event := self.stack.next_event()) is not None:
            events.append(event)
        return events

    def run(self, end: float) -> list[tuple[float, str]]:
        """Fire each deadline up to `end` at its instant; return what was sent and when."""
        fired = []
        while (due := self.stack.next_deadline()) is not None and due <= end:
            self.stack.tick(due)
            fired += [(due, line) for line in self.flush()]
        self.now = end
        return fired

    def offered(self, **how: object) -> CallOffered:
        """Let a call come in; return the event."""
        self.receive(request("INVITE", **{"body": OFFER, **how}))  # type: ignore[arg-type]
        (event,) = self.events()
        assert isinstance(event, CallOffered)
        return event

    def up(self, **how: object) -> tuple[CallOffered, str]:
        """Let a call come in, answer it, let the ACK come; return the event and our tag."""
        event = self.offered(**how)
        self.stack.answer(event.leg, ANSWER, self.now)
        self.flush()
        tag = self.last().headers.to.tag or ""
        ids = {k: v for k, v in how.items() if k in ("call_id", "from_tag", "cseq")}
        self.receive(request("ACK", to_tag=tag, **ids))  # type: ignore[arg-type]
        self.events()
        return event, tag

    def empty(self) -> bool:
        """Tell whether nothing is left in any table."""
        inner = self.stack._transactions
        left = any(len(table) for table in (inner, inner._merge, inner._agenda))
        return self.stack._legs.idle and not left


def invitation(**how: object) -> Invitation:
    """Return an invitation to a phone at PEER."""
    values = {
        "to_uri": "sip:1001@192.0.2.10",
        "destination": PEER,
        "from_uri": "sip:13800138000@192.0.2.1",
        "sdp": ANSWER,
        "display": "市民",
    }
    return Invitation(**{**values, **how})  # type: ignore[arg-type]
