"""One INVITE from offer to BYE: what both directions have in common (RFC 3261 §12 to §15)."""

from calls.ids import LegId
from calls.transitions import IllegalTransition
from sip.acceptance import Acceptance, Outcome
from sip.dialog import Dialog
from sip.events import CallConfirmed, LegEnded, LegKey, LegReoffered
from sip.leg_rules import Act, Life, Stage, Step
from sip.message import Request, Response
from sip.port import Port
from sip.screening import Fields, described, key_told
from sip.transactions import ClientTransaction, ServerTransaction

UNACKNOWLEDGED_LIMIT = 4
"""2xx of one leg that may wait for their ACKs at a time."""


class Leg:
    """One party's call. Whatever the peer does and when, no timer and no request is left over."""

    def __init__(self, leg_id: LegId, port: Port, begin: Stage, now: float) -> None:
        self.id = leg_id
        self.dialog: Dialog | None = None
        self._port = port
        self._life = Life(begin, port.timing, now)
        self._acceptances: dict[int, Acceptance] = {}
        """By the CSeq number of their INVITE."""
        self._first_accepted: int | None = None
        self._pending: ServerTransaction | None = None
        """A re-INVITE or UPDATE that waits for `answer` or `reject`."""
        self._confirmation: bytes | None = None
        self._reason: str | None = None

    @property
    def over(self) -> bool:
        """True once nothing more can become of it."""
        return self._life.state is Stage.OVER

    # -- commands -----------------------------------------------------------

    def answer(self, sdp: bytes, now: float) -> None:
        """Accept what the peer offered: the call, or a change of it."""
        pending = self._pending
        if pending is None:
            self._decide(Step.ANSWER, now)
            return
        self._pending = None
        self._accept(pending, sdp, now)

    def reject(self, status: int, now: float, headers: Fields, reason: str | None) -> None:
        """Refuse what the peer offered."""
        pending = self._pending
        if pending is None:
            self._decide(Step.REJECT, now)
            return
        self._pending = None
        response = self._port.answer(pending.request, status, None, headers)
        response.reason = reason or response.reason
        self._port.transactions.respond(pending, response, now)

    def hang_up(self, now: float, reason: str | None) -> None:
        """End it, whatever stage it is in; `reason` is a Reason value (RFC 3326)."""
        self._reason = self._reason or reason
        self._take(Step.HANG_UP, now)

    def _decide(self, step: Step, now: float) -> None:
        """Take a step of ours. With the call up it answers a change that the peer took back."""
        if self._life.state is Stage.UP:
            self._port.count("late_commands")
            return
        self._take(step, now)

    # -- what the peer does -------------------------------------------------

    def receive(self, transaction: ServerTransaction, now: float) -> None:
        """Take a request within the dialog; raise Refused or Malformed."""
        assert self.dialog is not None, "requests find a leg by its dialog"
        request = transaction.request
        if not self.dialog.admits(request):
            self._port.count("out_of_order")
            self._port.respond(transaction, 500, now)
            return
        match request.method:
            case "BYE":
                self._bye(transaction, now)
            case "INVITE" | "UPDATE":
                self._reoffered(transaction, now)
            case "INFO":
                key = key_told(request)
                self._port.respond(transaction, 200, now)
                if key is not None and self._life.state is Stage.UP:
                    self._port.tell(LegKey(self.id, key))
            case _:
                self._port.respond(
                    transaction,
                    405,
                    now,
                    headers=self._port.session_headers(transaction.source)[1:],
                )

    def acknowledged(self, ack: Request, now: float) -> bool:
        """Take the ACK of a 2xx; False if it belongs to none that waits."""
        number = ack.headers.cseq.number
        acceptance = self._acceptances.pop(number, None)
        if acceptance is None:
            return False
        acceptance.acknowledge(now)
        self._confirmation = ack.body or None if acceptance.offers else None
        if number == self._first_accepted:
            self._take(Step.ACKNOWLEDGED, now)
        elif acceptance.offers:
            self._carry_out(Act.TELL_CONFIRMED, now)
        return True

    def cancelled(self, transaction: ServerTransaction, now: float) -> None:
        """Take the CANCEL of an INVITE that waits for our word."""
        if transaction is self._pending:
            self._terminate_pending(now)
        else:
            self._take(Step.CANCEL, now)

    def answered(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        """Take an answer to a request of ours."""
        if transaction.request.method == "BYE" and response.status >= 200:
            self._take(Step.BYE_DONE, now)

    def unanswered(self, transaction: ClientTransaction, now: float, status: int = 408) -> None:
        """Take it that a request of ours was never answered: 408; or never got there: 503."""
        if transaction.request.method == "BYE":
            self._take(Step.BYE_DONE, now)

    def _bye(self, transaction: ServerTransaction, now: float) -> None:
        self._port.respond(transaction, 200, now)
        self._take(Step.BYE, now)

    def _reoffered(self, transaction: ServerTransaction, now: float) -> None:
        """Take a re-INVITE or UPDATE (§14.2, RFC 3311 §5.2); glare as RFC 5407 §3.1 has it."""
        request = transaction.request
        assert self.dialog is not None
        if self._life.state not in (Stage.UP, Stage.ANSWERED, Stage.OFFERED):
            self._port.respond(transaction, 481, now)
            return
        if any(acceptance.offers for acceptance in self._acceptances.values()):
            self._port.respond(transaction, 491, now)
            return
        if self._undecided():
            self._port.respond(transaction, 500, now, headers=self._port.retry_after(request))
            return
        offer = described(request)
        self.dialog.refresh(request, transaction.source)
        if request.method == "UPDATE" and offer is None:
            ours = self._port.session_headers(transaction.source)
            self._port.respond(transaction, 200, now, headers=ours)
            return
        if request.method == "INVITE":
            self._port.respond(transaction, 100, now)
        transaction.leg = self
        self._pending = transaction
        self._port.tell(LegReoffered(self.id, offer))

    def _undecided(self) -> bool:
        """Tell whether another offer of the peer's still waits."""
        return (
            self._pending is not None
            or self._life.state is Stage.OFFERED
            or len(self._acceptances) >= UNACKNOWLEDGED_LIMIT
        )

    # -- time ---------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """Return when `tick` is wanted; None if never."""
        due = self._life.next_deadline()
        for acceptance in self._acceptances.values():
            other = acceptance.next_deadline()
            if due is None or (other is not None and other < due):
                due = other
        return due

    def tick(self, now: float) -> None:
        """Fire every timer that is due."""
        for act in self._life.tick(now):
            self._carry_out(act, now)
        for number in list(self._acceptances):
            self._tick_acceptance(number, now)

    def _tick_acceptance(self, number: int, now: float) -> None:
        """Repeat a 2xx, or give it up; another's end may have taken it away."""
        acceptance = self._acceptances.get(number)
        for outcome in acceptance.tick(now) if acceptance else ():
            if outcome is Outcome.REPEAT:
                assert acceptance is not None
                self._port.transactions.outbox.append((acceptance.datagram, acceptance.peer))
                self._port.count("resent")
            else:
                self._acceptances.pop(number, None)
                self._port.count("no_ack")
                self._take(Step.NO_ACK, now)

    # -- acts ---------------------------------------------------------------

    def _take(self, step: Step, now: float) -> None:
        for act in self._life.take(step, now):
            self._carry_out(act, now)
        if self._life.state in (Stage.CLOSING, Stage.OVER):
            self._acceptances.clear()
            self._terminate_pending(now)

    def _carry_out(self, act: Act, now: float) -> None:
        match act:
            case Act.SEND_BYE:
                self._send_bye(now)
            case Act.TELL_CONFIRMED:
                self._port.tell(CallConfirmed(self.id, self._confirmation))
            case Act.TELL_ENDED:
                self._port.tell(LegEnded(self.id, by_peer=True, why="bye"))
            case Act.TELL_NO_ACK:
                self._port.tell(LegEnded(self.id, by_peer=False, why="no_ack"))
            case _:
                raise IllegalTransition(f"{act.name} by {type(self).__name__}")

    def _send_bye(self, now: float) -> None:
        assert self.dialog is not None, "only an answered call gets a BYE"
        hop = self._port.hop(self.dialog)
        bye = self.dialog.request("BYE", self._port.via(hop))
        if self._reason is not None:
            bye.headers.add("Reason", self._reason)
        self._port.transactions.send(bye, hop, now, self)

    def _accept(self, transaction: ServerTransaction, sdp: bytes, now: float) -> None:
        """Answer with 200, and see to its ACK if it is to an INVITE."""
        assert self.dialog is not None
        request = transaction.request
        datagram = self._port.accept(transaction, sdp, now, self.dialog.local_tag)
        if request.method != "INVITE":
            return
        self._acceptances[request.headers.cseq.number] = Acceptance(
            datagram, transaction.peer, offers=not request.body, timing=self._port.timing, now=now
        )

    def _terminate_pending(self, now: float) -> None:
        """Answer 487 to what still waits (§15.1.2, §9.2)."""
        pending, self._pending = self._pending, None
        if pending is not None:
            self._port.respond(pending, 487, now)
