"""All legs of one port: datagram → message → transaction → leg → event.

Pure: bytes and `now` go in, datagrams and events are fetched. A datagram may be anything from
anybody; it never raises and gets at most one answer.
"""

from collections.abc import Callable

from calls.ids import LegId
from sip.address import NameAddr
from sip.chore import Chore
from sip.events import CallOffered, OfferUnreadable, SipEvent
from sip.flow import Address
from sip.framing import Unframed
from sip.guard import Banned, Guard
from sip.incoming import IncomingLeg
from sip.leg import Leg
from sip.legs import Legs, named_in
from sip.message import Malformed, Message, Request, Response, note_source, parse
from sip.orders import Orders
from sip.outgoing import Invitation
from sip.port import Port
from sip.registrar import Registrar
from sip.screening import Fields, Refused, described, early_only, replaced, screen
from sip.sdp import CONTENT_TYPE
from sip.settings import StackSettings
from sip.told import told as told_by
from sip.transactions import (
    ClientTransaction,
    ServerTransaction,
    cancelled_keys,
    reply_address,
    server_key,
)

__all__ = ["Invitation", "Stack"]

KEEP_ALIVE = b"\r\n\x00"
"""What a datagram consists of that only keeps a NAT open (RFC 5626 §4.4, and older customs)."""


class Stack(Orders):
    """SIP over one UDP port.

    `tokens` gives fresh random text for tags, branches and Call-IDs: at least 64 bits (§19.3).
    """

    def __init__(
        self,
        settings: StackSettings,
        registrar: Registrar | None,
        tokens: Callable[[], str],
        guard: Guard | None = None,
    ) -> None:
        self.draining = False
        """True makes OPTIONS say 503, so that proxies send new calls elsewhere."""
        self._settings = settings
        self._registrar = registrar
        self._guard = guard
        self._port = Port(settings, tokens)
        if registrar is None:
            self._port.methods = tuple(m for m in settings.allow if m != "REGISTER")
        self._transactions = self._port.transactions
        self._legs = Legs()
        self._chores: list[Chore] = []

    # -- figures ------------------------------------------------------------

    @property
    def counters(self) -> dict[str, int]:
        """What was counted since the start, by the names in `port.COUNTERS`."""
        return self._port.counters

    def legs(self) -> int:
        """Return how many legs there are, those included that are being closed."""
        return len(self._legs)

    def transactions(self) -> int:
        """Return how many transactions there are, those included that only absorb repeats."""
        return len(self._transactions)

    def strangers(self) -> int:
        """Return how many strangers are remembered, the banned included."""
        return 0 if self._guard is None else len(self._guard)

    # -- what the edge does -------------------------------------------------

    def receive(self, datagram: bytes, source: Address, now: float) -> bool:
        """Take a datagram, or one message of a stream; False if it changes nothing for anybody."""
        self._port.count("received")
        if self._guard is not None and not self._guard.admits(datagram, source[0], now):
            self._port.count("dropped")
            return False
        if not datagram.strip(KEEP_ALIVE):
            self._port.count("keep_alives")
            return False
        self._take(datagram, source, now)
        return True

    def banned(self) -> list[Banned]:
        """Return the sources that are not listened to since this was last asked."""
        return self._guard.take_news() if self._guard is not None else []

    def _take(self, datagram: bytes, source: Address, now: float) -> None:
        try:
            message = parse(datagram)
        except Malformed as malformed:
            self._port.count("malformed")
            if malformed.request is not None:
                self._answer_stateless(malformed.request, source, malformed.status)
            return
        if isinstance(message, Request):
            self._receive_request(message, source, now)
        else:
            self._receive_response(message, now)

    def refuse_unframed(self, broken: Unframed, source: Address) -> None:
        """Answer what broke a stream, as far as it can be read (§18.3)."""
        self._port.count("malformed")
        try:
            message: Message | None = parse(broken.head)
        except Malformed as malformed:
            message = malformed.request
        if isinstance(message, Request):
            self._answer_stateless(message, source, broken.status)

    def undeliverable(self, peer: Address, now: float) -> None:
        """Take it that no connection to a peer could be opened, or that it could not be used."""
        for transaction in self._transactions.undeliverable(peer, now):
            leg = transaction.leg
            self._transactions.forget(transaction)
            self._unanswered(leg, transaction, now, 503)

    def disconnected(self, connection: int) -> None:
        """Take it that a connection was closed: phones that it alone led to are gone."""
        if self._registrar is not None:
            self._port.events.extend(self._registrar.disconnected(connection))

    def tick(self, now: float) -> None:
        """Fire every timer that is due."""
        for transaction, leg in self._transactions.tick(now):
            self._unanswered(leg, transaction, now, 408)
        for chore in self._chores:
            chore.tick(now)
        while (due := self._legs.take_due(now)) is not None:
            due.tick(now)
            self._settle(due)
        if self._registrar is not None:
            self._port.events.extend(self._registrar.tick(now))

    @property
    def idle(self) -> bool:
        """True when there is neither an event to take nor a datagram to send."""
        return not (self._port.events or self._transactions.outbox)

    def next_deadline(self) -> float | None:
        """Return when `tick` is wanted; None if never."""
        dues = [self._transactions.next_deadline(), self._legs.next_deadline()]
        if self._registrar is not None:
            dues.append(self._registrar.next_deadline())
        dues += [chore.next_deadline() for chore in self._chores]
        return min([due for due in dues if due is not None], default=None)

    def to_send(self) -> list[tuple[bytes, Address]]:
        """Take the datagrams that wait to be sent, in order."""
        waiting = self._transactions.outbox[:]
        self._transactions.outbox.clear()
        return waiting

    def next_event(self) -> SipEvent | None:
        """Take the oldest event; None if there is none."""
        return self._port.events.popleft() if self._port.events else None

    def _settle(self, leg: Leg | Chore) -> None:
        """Bring the tables up to what a leg has become; a chore stands in none."""
        if isinstance(leg, Leg):
            self._legs.settle(leg)

    # -- answers ------------------------------------------------------------

    def _receive_response(self, response: Response, now: float) -> None:
        if len(response.headers.all("via")) > 1:  # it lost its way (§8.1.3.3)
            self._port.count("stray_answers")
            return
        transaction, news = self._transactions.answered(response, now)
        if transaction is None:
            self._port.count("stray_answers")
        elif news and isinstance(transaction.leg, Leg | Chore):
            transaction.leg.answered(transaction, response, now)
            self._settle(transaction.leg)

    def _unanswered(
        self, asker: object, transaction: ClientTransaction, now: float, status: int
    ) -> None:
        if isinstance(asker, Leg | Chore):
            asker.unanswered(transaction, now, status)
            self._settle(asker)

    # -- requests -----------------------------------------------------------

    def _receive_request(self, request: Request, source: Address, now: float) -> None:
        key = server_key(request)
        known = self._transactions.known(key)
        if known is not None:
            self._port.count("repeated")
            if self._transactions.repeated(known, request.method, now):
                self._acknowledged(request, now, known)
        elif request.method == "ACK":
            self._acknowledged(request, now)
        elif self._strange(request, source):
            self._port.count("strangers")
            self._answer_stateless(request, source, 403)
        elif self._transactions.full:
            self._port.count("full")
            self._answer_stateless(request, source, 503, self._settings.come_back())
        else:
            note_source(request, source)
            self._answer(self._transactions.open(key, request, source, now), now)

    def _strange(self, request: Request, source: Address) -> bool:
        """Tell a call from where none may come: it is refused before it costs anything.

        OPTIONS is told what an INVITE would be (§11.2); who is in a call with us may go on.
        """
        callers = self._settings.callers
        calls = request.method in ("INVITE", "OPTIONS")
        if callers is None or not calls or source[0] in callers:
            return False
        if self._registrar is not None and self._registrar.reaches(source[0]):
            return False
        return self._legs.named(request) is None

    def _answer(self, transaction: ServerTransaction, now: float) -> None:
        """Serve a new request, or say what is wrong with it."""
        try:
            self._serve(transaction, now)
        except Malformed as malformed:
            self._port.count("malformed")
            self._port.respond(transaction, malformed.status, now)
        except Refused as refused:
            self._port.respond(transaction, refused.status, now, headers=refused.headers)

    def _serve(self, transaction: ServerTransaction, now: float) -> None:
        request = transaction.request
        if request.method == "CANCEL":
            self._cancel(transaction, now)
            return
        screen(request, self._settings, self._port.methods)
        if request.method == "REGISTER":
            self._register(transaction, now)
        elif request.headers.to.tag is not None:
            self._serve_within(transaction, now)
        elif self._transactions.merged(transaction):
            self._port.count("merged")
            raise Refused(482)
        elif request.method == "INVITE":
            self._offer(transaction, now)
        elif request.method == "OPTIONS":
            self._tell_capabilities(transaction, now)
        elif request.method == "REFER":
            raise Refused(603)  # only who is in a call with us may refer us
        else:
            raise self._no_dialog()

    def _serve_within(self, transaction: ServerTransaction, now: float) -> None:
        """Pass a request to the leg whose dialog it names (§12.2.2)."""
        leg = self._legs.named(transaction.request)
        if leg is None:
            raise self._no_dialog()
        if transaction.request.method == "OPTIONS":
            self._tell_capabilities(transaction, now)
            return
        try:
            leg.receive(transaction, now)
        finally:
            self._settle(leg)

    def _offer(self, transaction: ServerTransaction, now: float) -> None:
        """Make a leg of an INVITE, and tell of it."""
        request = transaction.request
        taken = self._taken_over(request)
        if len(self._legs) >= self._settings.max_legs:
            self._port.count("full")
            raise Refused(503, self._settings.come_back())
        call_id, source = request.headers.call_id, transaction.source
        caller = self._caller(request, source)
        dialled = request.target.user.partition(";")[0]
        leg = IncomingLeg(
            LegId(self._port.tokens()), self._port, transaction, self._port.tokens(), now
        )
        try:
            offer = described(request)
        except Refused as refused:
            told = OfferUnreadable(caller, dialled, source, call_id, refused.status, refused.what)
            self._port.tell(told)
            raise
        transaction.leg = leg
        # Even if we answer at once: pyVoIP, for one, never hears a 200 that comes first.
        self._port.respond(transaction, 100, now)
        self._settle(leg)
        user = self._proven_user(request, now)
        said = told_by(request.headers)
        self._port.tell(
            CallOffered(leg.id, caller, dialled, offer, source, call_id, user, said, taken)
        )

    def _taken_over(self, request: Request) -> LegId | None:
        """Return whose place a call wants to take (RFC 3891 §3); none of a phone that rings yet."""
        wanted = replaced(request.headers)
        if wanted is None:
            return None
        leg = self._legs.holding(wanted)
        if leg is None or leg.offered:
            raise Refused(481)
        if not leg.up:
            raise Refused(603)
        if early_only(request.headers):
            raise Refused(486)
        return leg.id

    def _caller(self, request: Request, source: Address) -> NameAddr:
        asserted = request.headers.get("p-asserted-identity")
        if asserted is not None and source[0] in self._settings.trusted:
            return NameAddr.parse(asserted)
        return request.headers.from_

    def _proven_user(self, request: Request, now: float) -> str | None:
        if self._registrar is None or "authorization" not in request.headers:
            return None
        user = self._registrar.authenticate(request, now)
        return None if isinstance(user, Response) else user

    def _cancel(self, transaction: ServerTransaction, now: float) -> None:
        """Take a CANCEL (§9.2); of what is answered, or is no INVITE, it changes nothing."""
        about = cancelled_keys(transaction.key, self._port.methods)
        invite = next(filter(None, map(self._transactions.known, about)), None)
        if invite is None:
            raise self._no_dialog()
        leg = invite.leg
        self._port.respond(transaction, 200, now, leg.tag if isinstance(leg, IncomingLeg) else None)
        if isinstance(leg, Leg) and not invite.decided:
            leg.cancelled(invite, transaction.request, now)
            self._settle(leg)

    def _acknowledged(
        self, ack: Request, now: float, invite: ServerTransaction | None = None
    ) -> None:
        """Take the ACK of a 2xx by its dialog; or by the branch of its INVITE.

        RFC 3261 §13.2.2.4 gives it a branch of its own and our To tag. pyVoIP sends the
        INVITE's branch under a To tag of its own making; nobody else knows that branch.
        """
        leg = self._legs.in_dialog(named_in(ack))
        if leg is None and invite is not None and isinstance(invite.leg, Leg):
            leg = invite.leg
        if leg is None or not leg.acknowledged(ack, now):
            self._port.count("stray_acks")
            return
        self._settle(leg)

    def _tell_capabilities(self, transaction: ServerTransaction, now: float) -> None:
        """Answer OPTIONS as an INVITE would be answered now (§11.2)."""
        if self.draining or len(self._legs) >= self._settings.max_legs:
            raise Refused(503, self._settings.come_back())
        source = transaction.source
        fields = [
            *self._port.session_headers(source, secure=transaction.request.secure),
            ("Accept", CONTENT_TYPE),
            ("Accept-Encoding", "identity"),
            ("Accept-Language", "zh, en"),
            ("Supported", ", ".join(self._settings.supported)),
        ]
        self._port.respond(transaction, 200, now, headers=fields)

    def _register(self, transaction: ServerTransaction, now: float) -> None:
        assert self._registrar is not None, "without a registrar the method is not allowed"
        wrong = self._registrar.counters["wrong"]
        response, events = self._registrar.receive(transaction.request, transaction.source, now)
        if self._guard is not None and self._registrar.counters["wrong"] > wrong:
            self._guard.wrong_password(transaction.source[0], now)
        self._transactions.respond(transaction, response, now)
        self._port.events.extend(events)

    def _answer_stateless(
        self, request: Request, source: Address, status: int, headers: Fields = ()
    ) -> None:
        """Answer without remembering it; an ACK is never answered."""
        if request.method == "ACK" or "via" not in request.headers:
            return
        try:
            note_source(request, source)
            to = reply_address(request, source)
        except Malformed:
            to = source
        response = self._port.answer(request, status, None, headers)
        self._transactions.outbox.append((bytes(response), to))

    def _no_dialog(self) -> Refused:
        self._port.count("no_dialog")
        return Refused(481)
