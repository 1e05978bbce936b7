"""A leg that a peer began: the UAS side of INVITE (RFC 3261 §13.3)."""

from zlib import crc32

from calls.ids import LegId
from sip.dialog import Dialog
from sip.events import CallCancelled, LegEnded
from sip.leg import Leg
from sip.leg_rules import Act, Stage, Step
from sip.message import Request, Response
from sip.port import Port
from sip.provisional import OPTION, Outcome, Provisional, acknowledged, required
from sip.screening import Fields
from sip.transactions import ServerTransaction

UNANSWERED = 480
"""What a call gets that nobody decided on, or that we hang up before answering."""


class IncomingLeg(Leg):
    """A caller, from their INVITE on."""

    def __init__(
        self, leg_id: LegId, port: Port, invite: ServerTransaction, tag: str, now: float
    ) -> None:
        super().__init__(leg_id, port, Stage.OFFERED, now)
        self.dialog: Dialog = Dialog.of_offer(invite.request, tag, invite.source)
        self._invite = invite
        self._refusal: tuple[int, Fields, str | None] = (UNANSWERED, (), None)
        self._made: Response | None = None
        self._sdp = b""
        self._fields: Fields = ()
        self._provisional: Provisional | None = None
        self._last_number = 0
        self._unacknowledged: int | None = None
        """The RSeq that waits for its PRACK, which may come after our final answer too."""
        self._theirs = invite.request.body

    @property
    def invite(self) -> Request:
        """The INVITE that began it."""
        return self._invite.request

    @property
    def tag(self) -> str:
        """Our tag, which every answer to their INVITE carries."""
        return self.dialog.local_tag

    def ring(self, now: float) -> None:
        """Say that somebody is being called."""
        self._take(Step.RING, now)

    def answer(self, sdp: bytes, now: float, headers: Fields = ()) -> None:
        """Accept the call, or a change of it; `headers` go with the call's 200."""
        if self._life.state is Stage.OFFERED:
            self._sdp, self._fields = sdp, headers
        super().answer(sdp, now)

    def reject(self, status: int, now: float, headers: Fields, reason: str | None) -> None:
        """Refuse the call, or a change of it."""
        if self._life.state is Stage.OFFERED:
            self._refusal = status, headers, reason
        super().reject(status, now, headers, reason)

    def refuse(self, response: Response, now: float) -> None:
        """Refuse the call with an answer made elsewhere: a challenge."""
        self._made = response
        self._take(Step.REJECT, now)

    def _carry_out(self, act: Act, now: float) -> None:
        match act:
            case Act.SEND_RINGING:
                self._say_ringing(now)
            case Act.SEND_ANSWER:
                self._first_accepted = self._invite.request.headers.cseq.number
                self._accept(self._invite, self._sdp, now, self._fields)
            case Act.SEND_REFUSAL:
                self._refuse(now)
            case Act.SEND_TERMINATED:
                self._port.respond(self._invite, 487, now, self.tag)
            case Act.TELL_CANCELLED:
                reason = None if self._ended is None else self._ended.get("reason")
                self._port.tell(CallCancelled(self.id, reason))
            case Act.TELL_UNANSWERED:
                self._port.tell(LegEnded(self.id, by_peer=False, why="unanswered"))
            case _:
                super()._carry_out(act, now)

    def _say_ringing(self, now: float) -> None:
        """Send 180; reliably to a caller who takes no other (RFC 3262 §3).

        To one who wants our offer nothing is said: a reliable 1xx would have to bring it.
        """
        fields = self._port.ours(self.dialog, self._invite.source)[:1]
        if required(self.invite.headers):
            if self._provisional is not None or not self.invite.body:
                return
            number = self._next_number()
            self._provisional = Provisional(number, self._port.timing, now)
            fields = [*fields, ("Require", OPTION), ("RSeq", str(number))]
        self._port.respond(self._invite, 180, now, self.tag, fields)

    def _next_number(self) -> int:
        """Return the RSeq of a reliable answer: each one more than the last (RFC 3262 §3)."""
        self._last_number = 1 + (self._last_number or crc32(self.tag.encode()) % 2**30)
        self._unacknowledged = self._last_number
        return self._last_number

    def receive(self, transaction: ServerTransaction, now: float) -> None:
        """Take a request within the dialog; raise Refused or Malformed."""
        if transaction.request.method != "PRACK":
            super().receive(transaction, now)
        elif not self.dialog.admits(transaction.request):
            self._port.respond(transaction, 500, now)
        elif self._acknowledges(transaction.request):
            self._provisional = self._unacknowledged = None
            self._port.respond(transaction, 200, now)
        else:
            self._port.respond(transaction, 481, now)

    def _acknowledges(self, prack: Request) -> bool:
        """Tell whether a PRACK is about the 1xx that waits for one.

        No 1xx of ours brings an offer or an answer, so none may be in a PRACK either; one
        that is there all the same is passed over, as the PRACK counts whatever it holds (§3).
        """
        number, cseq, method = acknowledged(prack.headers)
        ours = self.invite.headers.cseq.number, "INVITE"
        return number == self._unacknowledged and (cseq, method) == ours

    def next_deadline(self) -> float | None:
        """Return when `tick` is wanted; None if never."""
        due = super().next_deadline()
        other = self._provisional.next_deadline() if self._provisional is not None else None
        return min((at for at in (due, other) if at is not None), default=None)

    def tick(self, now: float) -> None:
        """Fire every timer that is due."""
        if self._provisional is not None:
            for outcome in self._provisional.tick(now):
                self._tick_provisional(outcome, now)
        super().tick(now)

    def _tick_provisional(self, outcome: Outcome, now: float) -> None:
        if self._life.state is not Stage.OFFERED:
            self._provisional = None
        elif outcome is Outcome.REPEAT:
            invite = self._invite
            self._port.transactions.outbox.append((invite.datagram, invite.peer))
            self._port.count("resent")
        else:
            self._provisional, self._lost, self._refusal = None, "no_prack", (504, (), None)
            self._take(Step.NO_PRACK, now)

    def _refuse(self, now: float) -> None:
        status, headers, reason = self._refusal
        response = self._made
        if response is None:
            response = self._port.answer(self._invite.request, status, self.tag, headers)
            response.reason = reason or response.reason
        if self._reason is not None:
            response.headers.add("Reason", self._reason)
        self._port.transactions.respond(self._invite, response, now)
