"""What all legs of one port share: transactions, events, names, and how we answer."""

from collections import Counter, deque
from collections.abc import Callable
from zlib import crc32

from sip.dialog import Dialog
from sip.events import SipEvent
from sip.flow import Address, Flow
from sip.message import Request, Response, respond
from sip.screening import Fields
from sip.sdp import CONTENT_TYPE
from sip.settings import Listening, StackSettings
from sip.transactions import ServerTransaction, Transactions
from sip.via import MAGIC_COOKIE

COUNTERS = (
    "received",
    "malformed",
    "repeated",  # requests of peers that had come before
    "resent",  # messages of ours that had gone before
    "stray_acks",
    "stray_answers",
    "merged",
    "out_of_order",
    "no_dialog",
    "undeliverable",  # requests of ours that no connection could take
    "keep_alives",
    "dropped",  # of strangers who send too much, or scan
    "strangers",  # callers from where no call may come, refused without being remembered
    "full",  # refused because a table was
    "no_ack",
    "timed_out",
    "late_commands",  # orders for a leg that was gone already
    "forks",  # second phones that answered one INVITE
)
"""What is counted from the start; the names of the metrics."""


class Port:
    """The common ground of a stack and its legs. It decides nothing."""

    def __init__(self, settings: StackSettings, tokens: Callable[[], str]) -> None:
        self.settings = settings
        self.timing = settings.timing()
        self.tokens = tokens
        self.counters: Counter[str] = Counter(dict.fromkeys(COUNTERS, 0))
        self.transactions = Transactions(settings, self.counters)
        self.events: deque[SipEvent] = deque()
        self._promised: list[tuple[ServerTransaction, float]] = []
        self.methods = settings.allow
        self._session_headers: dict[tuple[str, int, bool] | bool, list[tuple[str, str]]] = {}
        self._first = settings.listening()[0]

    def tell(self, event: SipEvent) -> None:
        """Queue an event for whoever asks."""
        self.events.append(event)

    def count(self, what: str) -> None:
        """Count one more of a thing."""
        self.counters[what] += 1

    def via(self, peer: Address) -> str:
        """Return a Via of ours with a new branch (RFC 3261 §8.1.1.7, RFC 3581 §3)."""
        ours = self._seen_by(peer)
        branch = f"{MAGIC_COOKIE}{self.tokens()}"
        return f"SIP/2.0/{ours.transport} {ours.sent_by};branch={branch};rport"

    def _seen_by(self, peer: Address) -> Listening:
        return self.settings.seen_by(peer) if isinstance(peer, Flow) else self._first

    def hop(self, dialog: Dialog) -> Address:
        """Say where a dialog's next request goes; by UDP if we do not speak what is asked for."""
        hop = dialog.next_hop()
        if isinstance(hop, Flow) and self.settings.local_for(hop.transport) is None:
            return hop.host, hop.port
        return hop

    def answer(
        self, request: Request, status: int, tag: str | None, headers: Fields = ()
    ) -> Response:
        """Make an answer of ours. Without a tag of the caller's it has one made of the request,

        so that a repeat of the request would get the same (§8.2.7). Whose call is taken may
        know what takes it; strangers, who get no such answer, are told of no software.
        """
        if tag is None and status > 100:
            tag = f"{crc32(repr(request.headers.get('via')).encode()):08x}"
        response = respond(request, status, to_tag=tag)
        if request.method == "INVITE" and 100 < status < 300:
            response.headers.add("Server", self.settings.user_agent)
        for name, value in headers:
            response.headers.add(name, value)
        return response

    def respond(
        self,
        transaction: ServerTransaction,
        status: int,
        now: float,
        tag: str | None = None,
        headers: Fields = (),
    ) -> None:
        """Answer a request without a body."""
        response = self.answer(transaction.request, status, tag, headers)
        self.transactions.respond(transaction, response, now)

    def promise(self, transaction: ServerTransaction, now: float) -> None:
        """Answer an INVITE 100 with what is sent next, unless it has another answer by then.

        A call that is answered within the turn in which it came needs none (RFC 3261 §17.2.1).
        """
        self._promised.append((transaction, now))

    def keep_promises(self) -> None:
        """Say 100 to whoever has had no answer."""
        for transaction, now in self._promised:
            if not transaction.datagram:
                self.respond(transaction, 100, now)
        self._promised.clear()

    def accept(
        self,
        transaction: ServerTransaction,
        sdp: bytes,
        now: float,
        tag: str | None,
        fields: Fields = (),
    ) -> bytes:
        """Answer an INVITE or UPDATE with 200 and a session description; return it as sent.

        `fields` are all that it is to say, Contact and Allow too.
        """
        response = self.answer(transaction.request, 200, tag, fields)
        if sdp:
            response.headers.add("Content-Type", CONTENT_TYPE)
            response.body = sdp
        return self.transactions.respond(transaction, response, now)

    def ours(self, dialog: Dialog | None, peer: Address) -> list[tuple[str, str]]:
        """Return what the messages of a dialog say of us; None is one that is not there yet."""
        return self.session_headers(peer, secure=dialog is not None and dialog.secure)

    def session_headers(self, peer: Address, *, secure: bool = False) -> list[tuple[str, str]]:
        """Return what a dialog's messages say of us: where we are, and what we take."""
        place = (peer.transport, peer.local, secure) if isinstance(peer, Flow) else secure
        ours = self._session_headers.get(place)
        if ours is None:
            allow = ", ".join(self.methods)
            ours = [("Contact", self.settings.contact(peer, secure=secure)), ("Allow", allow)]
            self._session_headers[place] = ours
        return ours[:]

    def retry_after(self, request: Request) -> list[tuple[str, str]]:
        """Return a wait of 0 to 10 s, different for different calls (§14.2)."""
        return [("Retry-After", str(crc32(request.headers.call_id.encode()) % 11))]
