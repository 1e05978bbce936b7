"""Keeping one call's session alive, and noticing when the peer no longer does (RFC 4028)."""

from zlib import crc32

from sip.dialog import Dialog
from sip.headers import Headers
from sip.message import Request, Response
from sip.port import Port
from sip.sdp import CONTENT_TYPE
from sip.session_timer import (
    MIN_SE,
    Due,
    SessionTimer,
    agreed_as_client,
    agreed_as_server,
    least,
    supported,
    told,
    wished,
)
from sip.transactions import ClientTransaction

_GONE = (408, 481)
"""Answers to a refresh that mean the call is no more (RFC 4028 §10, RFC 5057)."""


class Upkeep:
    """The session timer of one leg, and the refreshes that we send for it."""

    def __init__(self, port: Port, *, ours: bool) -> None:
        self.timer = SessionTimer()
        self._ours = ours
        """True where the Call-ID is ours: which of two waits longer after a 491 (§14.1)."""
        self.sdp = b""
        """Our side of the session as it was told last: a re-INVITE tells it again."""
        self._port = port
        self._refresh: ClientTransaction | None = None
        self._takes_update = False
        self._minimum: int | None = None
        """The largest Min-SE that this dialog has seen (RFC 4028 §7.4); None before the first."""

    @property
    def offering(self) -> bool:
        """True while a re-INVITE of ours waits for its answer."""
        return self._refresh is not None and self._refresh.request.method == "INVITE"

    def owes(self, transaction: ClientTransaction) -> bool:
        """Tell whether this is the refresh that still waits for its answer."""
        return transaction is self._refresh

    def owns(self, transaction: ClientTransaction) -> bool:
        """Tell whether a request of ours is a refresh."""
        return transaction.request.method in ("UPDATE", "INVITE") and (
            transaction is self._refresh or bool(transaction.acks)
        )

    def asked(self, request: Request, now: float) -> list[tuple[str, str]]:
        """Start the timer anew with a 2xx of ours; return the fields that it is to carry."""
        self._note_peer(request.headers)
        if "Min-SE" in request.headers:
            self._note_minimum(request.headers)
        interval = agreed_as_server(request.headers, self._port.settings.session_expires)
        self.timer.agree(interval, now)
        return told(interval, able=supported(request.headers))

    def settled(self, answer: Headers, now: float) -> None:
        """Start the timer anew with a 2xx of the peer's."""
        self._note_peer(answer)
        self.timer.agree(agreed_as_client(answer), now)

    def stop(self) -> None:
        """The call is over."""
        self.timer.stop()
        self._refresh = None

    def due(self, now: float) -> Due | None:
        """Say what is due."""
        return self.timer.due(now)

    def refresh(self, dialog: Dialog, leg: object, now: float) -> None:
        """Send UPDATE; or to a peer that does not take it a re-INVITE that changes nothing."""
        interval = self.timer.interval
        assert interval is not None, "refreshed without a timer"
        method = "UPDATE" if self._takes_update else "INVITE"
        hop = self._port.hop(dialog)
        request = dialog.request(method, self._port.via(hop))
        seconds = max(interval.seconds, self._minimum or MIN_SE)
        fields = self._port.ours(dialog, hop)
        for name, value in fields + wished(seconds, self._minimum, "uac"):
            request.headers.add(name, value)
        if method == "INVITE":
            request.headers.add("Content-Type", CONTENT_TYPE)
            request.body = self.sdp
        self._refresh = self._port.transactions.send(request, hop, now, leg)

    def answered(
        self, transaction: ClientTransaction, response: Response, dialog: Dialog, now: float
    ) -> bool:
        """Take an answer to a refresh; False if it means that the call is gone."""
        if response.status < 200:
            return True
        if response.status < 300 and transaction.request.method == "INVITE":
            self._acknowledge(transaction, dialog)
        if transaction is not self._refresh:
            return True
        self._refresh = None
        if response.status < 300:
            dialog.retarget(response)
            self.settled(response.headers, now)
        elif response.status == 491:
            self.timer.postpone(now + _back_off(self._ours, self._port.tokens()))
        elif response.status == 422:
            self._note_minimum(response.headers)
            self.refresh(dialog, transaction.leg, now)
        else:
            self.timer.retry(now)
        return response.status not in _GONE

    def _acknowledge(self, invite: ClientTransaction, dialog: Dialog) -> None:
        """Send the ACK of a 2xx; its repeat gets the same again."""
        if not invite.acks:
            hop, number = self._port.hop(dialog), invite.request.headers.cseq.number
            ack = dialog.request("ACK", self._port.via(hop), number)
            invite.acks[""] = bytes(ack), hop
        self._port.transactions.outbox.append(invite.acks[""])

    def _note_minimum(self, headers: Headers) -> None:
        self._minimum = max(self._minimum or MIN_SE, least(headers))

    def _note_peer(self, headers: Headers) -> None:
        methods = headers.all("allow")
        if methods:
            self._takes_update = "UPDATE" in methods


def _back_off(ours: bool, chance: str) -> float:
    """Return a wait after 491, in steps of 10 ms: 2.1 to 4 s if the Call-ID is ours, else 0 to 2 s.

    The two sides never wait alike, so that the second attempts do not meet (RFC 3261 §14.1).
    """
    if ours:
        return 2.1 + crc32(chance.encode()) % 191 / 100
    return crc32(chance.encode()) % 201 / 100
