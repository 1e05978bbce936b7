"""All transactions of one port: which message belongs to which, and their timers.

RFC 3261 §17.1.3 matches answers to our requests, §17.2.3 requests to those of
the peer's; §18.2.2 and RFC 3581 say where an answer goes.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

from sip.agenda import Agenda
from sip.flow import DEFAULT_PORTS, STREAMS, TCP, UDP, Address, Flow, reliable
from sip.invite_client import InviteClient
from sip.invite_server import InviteServer
from sip.message import Request, Response
from sip.non_invite_client import NonInviteClient
from sip.non_invite_server import NonInviteServer
from sip.outputs import Output
from sip.requests import acknowledgement
from sip.settings import StackSettings

WITHOUT_TCP_LIMIT = 1000
TOGETHER = 0.5
"""Seconds: transactions that only linger are forgotten at multiples of it, so that a quiet
port wakes twice a second for them and not five times a call."""
Outbox = list[tuple[bytes, Address]]
ServerKey = tuple[str | int, ...]
"""Branch, sent-by and method; for peers of RFC 2543 everything that tells requests apart."""
ClientKey = tuple[str, str]
"""Branch, and the method of CSeq."""
MergeKey = tuple[str, str, int, str]


@dataclass(slots=True, eq=False)
class ServerTransaction:
    """One request of a peer's, and the last answer that it got."""

    key: ServerKey
    request: Request
    source: Address
    peer: Address
    """Where answers go; not always where the request came from (§18.2.2)."""
    machine: InviteServer | NonInviteServer
    merge: MergeKey | None
    leg: object = None
    """Whoever decides on it; None when the stack itself does."""
    datagram: bytes = b""
    """The last answer; empty before the first."""

    @property
    def decided(self) -> bool:
        """True once a final answer was given."""
        return self.machine.decided


@dataclass(slots=True, eq=False)
class ClientTransaction:
    """One request of ours; `leg` is whoever wants to hear of its answers."""

    key: ClientKey
    request: Request
    peer: Address
    datagram: bytes
    machine: InviteClient | NonInviteClient
    leg: object = None
    acks: dict[str, tuple[bytes, Address]] = field(default_factory=dict)
    """What acknowledged each 2xx, by its To tag: a repeat gets the same again (§13.2.2.4)."""
    instead: Address | None = None
    """Where to try by datagram, of a request that goes by TCP only because it is large."""


Transaction = ServerTransaction | ClientTransaction


def server_key(request: Request) -> ServerKey:
    """Return what a request's transaction is known by; ACK and CANCEL belong to an INVITE.

    To be asked before `received` is noted in the Via.
    """
    headers, via = request.headers, request.headers.via
    method = "INVITE" if request.method == "ACK" else request.method
    if via.unique:
        host, port = via.sent_by
        return via.branch or "", host, port, method
    sender = headers.from_.tag or ""
    return str(via), headers.call_id, sender, headers.cseq.number, request.uri, method


def cancelled_keys(cancel: ServerKey, methods: Sequence[str]) -> Iterator[ServerKey]:
    """Return the keys of what a CANCEL of this key may be about, an INVITE first (§9.2)."""
    others = (method for method in methods if method not in ("INVITE", "ACK", "CANCEL"))
    return ((*cancel[:-1], method) for method in ("INVITE", *others))


def merge_key(request: Request) -> MergeKey | None:
    """Return what two copies of one request share that came by two ways (§8.2.2.2)."""
    headers = request.headers
    if headers.to.tag is not None:
        return None
    return headers.call_id, headers.from_.tag or "", headers.cseq.number, request.method


def reply_address(request: Request, source: Address) -> Address:
    """Say where answers go (§18.2.2): by the same connection, or the one that Via leads to."""
    via = request.headers.via
    if isinstance(source, Flow) and source.transport in STREAMS:
        return source._replace(port=via.port or DEFAULT_PORTS[source.transport])
    host, port = via.reply_address()
    return Flow(host, port, local=source.local) if isinstance(source, Flow) else (host, port)


class Transactions:
    """Every transaction of one port, both sides; bounded, and empty when all timers have passed."""

    def __init__(self, settings: StackSettings, counters: Counter[str]) -> None:
        self.outbox: Outbox = []
        self._timings = {kind: settings.timing(reliable=kind) for kind in (False, True)}
        self._limit = settings.max_transactions
        self._large = settings.large if settings.local_for(TCP) is not None else None
        self._first, self._stream = settings.listening()[0], settings.seen_by(Flow("", 0, TCP))
        self._counters = counters
        self._server: dict[ServerKey, ServerTransaction] = {}
        self._client: dict[ClientKey, ClientTransaction] = {}
        self._merge: dict[MergeKey, ServerTransaction] = {}
        self._agenda: Agenda[Transaction] = Agenda()
        self._without_tcp: dict[Address, None] = {}
        """Peers that refused a connection; the oldest makes way."""

    def __len__(self) -> int:
        return len(self._server) + len(self._client)

    @property
    def full(self) -> bool:
        """True when no more requests of peers can be remembered."""
        return len(self._server) >= self._limit

    # -- requests of peers --------------------------------------------------

    def known(self, key: ServerKey) -> ServerTransaction | None:
        """Return the transaction that a request belongs to."""
        return self._server.get(key)

    def merged(self, transaction: ServerTransaction) -> bool:
        """Tell whether another transaction has the same request, come by another way."""
        key = transaction.merge
        return key is not None and self._merge.get(key) is not transaction

    def open(
        self, key: ServerKey, request: Request, source: Address, now: float
    ) -> ServerTransaction:
        """Begin the transaction of a new request."""
        machine = (InviteServer if request.method == "INVITE" else NonInviteServer)(
            timing=self._timings[reliable(source)], now=now
        )
        merge, peer = merge_key(request), reply_address(request, source)
        transaction = ServerTransaction(key, request, source, peer, machine, merge)
        self._server[key] = transaction
        if merge is not None:
            self._merge.setdefault(merge, transaction)
        return transaction

    def repeated(self, transaction: ServerTransaction, method: str, now: float) -> bool:
        """Take a request that came before, or its ACK; True if the ACK is for the leg."""
        outputs = transaction.machine.receive(method, now)
        self._carry_out(transaction, outputs)
        return Output.PASS_ACK in outputs

    def respond(self, transaction: ServerTransaction, response: Response, now: float) -> bytes:
        """Send our answer; return it as sent."""
        outputs = transaction.machine.respond(response.status, now)
        transaction.datagram = bytes(response)
        self._carry_out(transaction, outputs)
        return transaction.datagram

    # -- requests of ours ---------------------------------------------------

    def send(
        self, request: Request, peer: Address, now: float, leg: object = None
    ) -> ClientTransaction:
        """Send a request and see it through."""
        datagram, instead = bytes(request), None
        large = self._large is not None and len(datagram) > self._large
        if large and type(peer) is tuple and peer not in self._without_tcp:
            instead, peer = peer, Flow(peer[0], peer[1], TCP)
            datagram = self._over(request, TCP, self._stream.address, self._stream.port)
        key = request.headers.via.branch or "", request.method
        machine = self._client_machine(request, peer, now)
        transaction = ClientTransaction(key, request, peer, datagram, machine, leg)
        transaction.instead = instead
        self._client[key] = transaction
        self.outbox.append((datagram, peer))
        self._agenda.set(transaction, machine.next_deadline())
        return transaction

    def _client_machine(
        self, request: Request, peer: Address, now: float
    ) -> InviteClient | NonInviteClient:
        kind = InviteClient if request.method == "INVITE" else NonInviteClient
        return kind(timing=self._timings[reliable(peer)], now=now)

    def _over(self, request: Request, transport: str, host: str, port: int) -> bytes:
        """Write a request anew for another transport: the Via says which (§18.1.1)."""
        via = replace(request.headers.via, transport=transport, host=host, port=port)
        request.headers.replace_first("Via", str(via))
        return bytes(request)

    def undeliverable(self, peer: Address, now: float) -> list[ClientTransaction]:
        """Take it that no connection leads to a peer; return our requests that fail by it.

        What went by TCP only for its size goes by UDP after all (§18.1.1).
        """
        failed = []
        waiting = [t for t in self._client.values() if t.peer == peer and t.machine.unheard]
        for transaction in waiting:
            self._counters["undeliverable"] += 1
            if transaction.instead is None:
                failed.append(transaction)
            else:
                self._send_instead(transaction, transaction.instead, now)
        return failed

    def _send_instead(self, transaction: ClientTransaction, peer: Address, now: float) -> None:
        if len(self._without_tcp) >= WITHOUT_TCP_LIMIT:
            del self._without_tcp[next(iter(self._without_tcp))]
        self._without_tcp[peer] = None
        transaction.peer, transaction.instead = peer, None
        ours = self._first
        transaction.datagram = self._over(transaction.request, UDP, ours.address, ours.port)
        transaction.machine = self._client_machine(transaction.request, peer, now)
        self.outbox.append((transaction.datagram, peer))
        self._agenda.set(transaction, transaction.machine.next_deadline())

    def forget(self, transaction: ClientTransaction) -> None:
        """Wait for its answer no longer."""
        self._drop(transaction)
        self._agenda.set(transaction, None)

    def answered(self, response: Response, now: float) -> tuple[ClientTransaction | None, bool]:
        """Take an answer; return whose it is, and whether it is news to whoever asked."""
        headers = response.headers
        transaction = self._client.get((headers.via.branch or "", headers.cseq.method))
        if transaction is None:
            return None, False
        outputs = transaction.machine.receive(response.status, now)
        if Output.ACKNOWLEDGE in outputs:
            ack = acknowledgement(transaction.request, response)
            self.outbox.append((bytes(ack), transaction.peer))
        self._carry_out(transaction, outputs)
        return transaction, Output.PASS in outputs

    # -- time ---------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """Return when `tick` is wanted; None if never."""
        return self._agenda.next_deadline()

    def tick(self, now: float) -> list[tuple[ClientTransaction, object]]:
        """Fire every timer that is due; return our requests that nobody answered, and whose."""
        unanswered = []
        while (transaction := self._agenda.take_due(now)) is not None:
            leg, outputs = transaction.leg, transaction.machine.tick(now)
            self._carry_out(transaction, outputs)
            if Output.TIMED_OUT in outputs and isinstance(transaction, ClientTransaction):
                unanswered.append((transaction, leg))
        return unanswered

    def _carry_out(self, transaction: Transaction, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case Output.SEND:
                    self.outbox.append((transaction.datagram, transaction.peer))
                case Output.REPEAT if transaction.datagram:
                    self.outbox.append((transaction.datagram, transaction.peer))
                    self._counters["resent"] += 1
                case Output.NO_ACK:
                    self._counters["no_ack"] += 1
                case Output.TIMED_OUT:
                    self._counters["timed_out"] += 1
                case Output.OVER:
                    self._drop(transaction)
                case _:
                    pass  # told to the caller
        self._agenda.set(transaction, self._due(transaction))

    def _due(self, transaction: Transaction) -> float | None:
        """Return when it is to be ticked: what only lingers a little later, with many others."""
        due = transaction.machine.next_deadline()
        if due is None or not transaction.machine.lingers or reliable(transaction.peer):
            return due  # by TCP nothing lingers but what must
        return ceil(due / TOGETHER) * TOGETHER

    def _drop(self, transaction: Transaction) -> None:
        """Forget a transaction whose last timer has passed."""
        transaction.leg = None  # the two know each other; this leaves nothing to the collector
        if isinstance(transaction, ClientTransaction):
            self._client.pop(transaction.key, None)
            return
        self._server.pop(transaction.key, None)
        if transaction.merge and self._merge.get(transaction.merge) is transaction:
            del self._merge[transaction.merge]
