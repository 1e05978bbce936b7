"""One INVITE from offer to BYE: what both directions have in common (RFC 3261 §12 to §15)."""

from calls.ids import LegId
from calls.transitions import IllegalTransition
from sip import referral
from sip.acceptance import Acceptance, Outcome
from sip.dialog import Dialog, DialogId
from sip.events import CallConfirmed, LegEnded, LegKey, LegReferred, LegReoffered
from sip.headers import Headers
from sip.leg_rules import Act, Life, Stage, Step
from sip.message import Request, Response
from sip.port import Port
from sip.presses import Presses
from sip.referral import Referral
from sip.screening import Fields, described, key_told
from sip.sdp import SessionDescription
from sip.session_timer import Due
from sip.told import user_to_user
from sip.transactions import ClientTransaction, ServerTransaction
from sip.upkeep import Upkeep

UNACKNOWLEDGED_LIMIT = 4
"""2xx of one leg that may wait for their ACKs at a time."""
BUSY_WAIT = 2.0
"""Seconds that a refresh of ours waits while a change of the peer's is under way."""


class Leg:
    """One party's call. Whatever the peer does and when, no timer and no request is left over."""

    early: tuple[str, str] | None = None
    """Call-ID and our tag of a call of ours: its early dialogs are told apart by the leg itself."""

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
        self._theirs = b""
        """The peer's side of the session as it was told last."""
        self._reason: str | None = None
        self._upkeep = Upkeep(port, ours=begin is Stage.CALLING)
        self._lost = ""
        """Why the call was given up, as `LegEnded` says it."""
        self._ended: Headers | None = None
        """What the peer's BYE or CANCEL said."""
        self._referral: tuple[ServerTransaction, Referral] | None = None
        """A REFER that waits for our word."""
        self._presses: Presses | None = None

    @property
    def over(self) -> bool:
        """True once nothing more can become of it."""
        return self._life.state is Stage.OVER

    @property
    def offered(self) -> bool:
        """True while a call of the peer's waits for our word."""
        return self._life.state is Stage.OFFERED

    @property
    def up(self) -> bool:
        """True while both sides have said yes and neither has hung up."""
        return self._life.state in (Stage.ANSWERED, Stage.UP)

    def has(self, dialog: DialogId) -> bool:
        """Tell whether a dialog is this leg's."""
        return self.dialog is not None and self.dialog.id == dialog

    # -- commands -----------------------------------------------------------

    def answer(self, sdp: bytes, now: float) -> None:
        """Accept what the peer offered: the call, or a change of it."""
        pending = self._pending
        if pending is None:
            self._decide(Step.ANSWER, now)
            return
        self._pending = None
        if self.dialog is not None:  # not before: a refused request moves nobody (§8.2)
            self.dialog.refresh(pending.request, pending.source)
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
            case "REFER":
                self._referred(transaction, now)
            case "PRACK":
                self._port.respond(transaction, 481, now)
            case _:
                allow = self._port.session_headers(transaction.source)[1:]
                self._port.respond(transaction, 405, now, headers=allow)

    def acknowledged(self, ack: Request, now: float) -> bool:
        """Take the ACK of a 2xx; False if it belongs to none that waits."""
        number = ack.headers.cseq.number
        acceptance = self._acceptances.pop(number, None)
        if acceptance is None:
            return False
        acceptance.acknowledge(now)
        self._confirmation = ack.body or None if acceptance.offers else None
        self._theirs = self._confirmation or self._theirs
        if number == self._first_accepted:
            self._take(Step.ACKNOWLEDGED, now)
        elif acceptance.offers:
            self._carry_out(Act.TELL_CONFIRMED, now)
        return True

    def cancelled(self, transaction: ServerTransaction, cancel: Request, now: float) -> None:
        """Take the CANCEL of an INVITE that waits for our word."""
        self._ended = cancel.headers
        if transaction is self._pending:
            self._terminate_pending(now)
        else:
            self._take(Step.CANCEL, now)

    def answered(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        """Take an answer to a request of ours."""
        if self._upkeep.owns(transaction) and self.dialog is not None:
            news = self._upkeep.owes(transaction) and 200 <= response.status < 300
            if not self._upkeep.answered(transaction, response, self.dialog, now):
                self._lose("no_refresh", now)
            elif news and response.body and response.body != self._theirs:
                self._theirs = response.body  # §14.1: an answer may change the session too
                self._port.tell(CallConfirmed(self.id, response.body))
        elif transaction.request.method == "BYE" and response.status >= 200:
            self._take(Step.BYE_DONE, now)
        elif response.status >= 200:
            self._done(transaction, response.status < 300, now)

    def unanswered(self, transaction: ClientTransaction, now: float, status: int = 408) -> None:
        """Take it that a request of ours was never answered: 408; or never got there: 503."""
        if self._upkeep.owns(transaction):
            self._lose("no_refresh", now)
        elif transaction.request.method == "BYE":
            self._take(Step.BYE_DONE, now)
        else:
            self._done(transaction, False, now)

    def press(self, keys: str, now: float) -> None:
        """Press keys by INFO; nobody is there to take them before the call is up."""
        if self.dialog is not None and self._life.state is Stage.UP:
            self._presses = self._presses or Presses(self._port)
            self._presses.press(keys, self.dialog, self, now)

    def _done(self, transaction: ClientTransaction, taken: bool, now: float) -> None:
        """Take it that a key, or the news of a referral, were taken or not."""
        presses = self._presses
        if presses is not None and self.dialog is not None and presses.owns(transaction):
            presses.done(taken and self._life.state is Stage.UP, self.dialog, self, now)
        elif self._referral is not None and not taken:
            waiting, asked = self._referral
            self._referral = waiting, referral.unheard(asked, transaction.request)

    def _lose(self, why: str, now: float) -> None:
        self._lost = why
        self._take(Step.LOST, now)

    def _bye(self, transaction: ServerTransaction, now: float) -> None:
        self._ended = transaction.request.headers
        self._port.respond(transaction, 200, now)
        self._take(Step.BYE, now)

    def _reoffered(self, transaction: ServerTransaction, now: float) -> None:
        """Take a re-INVITE or UPDATE (§14.2, RFC 3311 §5.2); glare as RFC 5407 §3.1 has it."""
        request = transaction.request
        assert self.dialog is not None
        if self._life.state not in (Stage.UP, Stage.ANSWERED, Stage.OFFERED):
            self._port.respond(transaction, 481, now)
            return
        offer = described(request)
        if request.method == "UPDATE" and offer is None:
            self.dialog.refresh(request, transaction.source)
            fields = self._port.ours(self.dialog, transaction.source)
            fields += self._upkeep.asked(request, now)
            self._port.respond(transaction, 200, now, headers=fields)
            return
        unanswered = any(acceptance.offers for acceptance in self._acceptances.values())
        if unanswered or self._upkeep.offering:
            self._port.respond(transaction, 491, now)
            return
        if self._undecided():
            self._port.respond(transaction, 500, now, headers=self._port.retry_after(request))
            return
        if request.method == "INVITE":
            self._port.promise(transaction, now)
        self._ask(transaction, offer)

    def _ask(self, transaction: ServerTransaction, offer: SessionDescription | None) -> None:
        """Let whoever owns the leg decide on a change of the session."""
        transaction.leg = self
        self._pending = transaction
        self._theirs = transaction.request.body
        self._port.tell(LegReoffered(self.id, offer))

    def _undecided(self) -> bool:
        """Tell whether another offer of the peer's still waits."""
        return (
            self._pending is not None
            or self._life.state is Stage.OFFERED
            or len(self._acceptances) >= UNACKNOWLEDGED_LIMIT
        )

    # -- a peer that refers us to somebody -------------------------------------

    def _referred(self, transaction: ServerTransaction, now: float) -> None:
        """Take a REFER (RFC 3515); one at a time, with the call up."""
        asked = referral.read(transaction.request)
        early = self._life.state in (Stage.OFFERED, Stage.ANSWERED)
        if self._life.state is not Stage.UP or self._referral is not None:
            self._port.respond(transaction, 491 if early or self._referral else 481, now)
            return
        self._referral = transaction, asked
        self._port.tell(LegReferred(self.id, asked))

    def accept_referral(self, now: float) -> None:
        """Promise to try: 202, and the first NOTIFY unless none is wanted."""
        if self._referral is None:
            self._port.count("late_commands")
            return
        transaction, asked = self._referral
        news = [] if asked.wants_news else [("Refer-Sub", "false")]
        contact = self._port.ours(self.dialog, transaction.source)[:1]
        self._port.respond(transaction, 202, now, headers=[*contact, *news])
        self.tell_referral(100, "Trying", now)

    def refuse_referral(self, status: int, now: float) -> None:
        """Refuse to call anybody."""
        waiting, self._referral = self._referral, None
        if waiting is None or waiting[0].decided:
            self._port.count("late_commands")
            return
        self._port.respond(waiting[0], status, now)

    def tell_referral(self, status: int, reason: str, now: float) -> None:
        """Tell how far it is; a final status ends the matter (RFC 3515 §2.4.5)."""
        if self._referral is None or self.dialog is None or self._life.state is not Stage.UP:
            self._port.count("late_commands")
            return
        asked = self._referral[1]
        if status >= 200:
            self._referral = None
        if not asked.wants_news:
            return
        hop = self._port.hop(self.dialog)
        notify = self.dialog.request("NOTIFY", self._port.via(hop))
        fields, notify.body = referral.news(asked, status, reason)
        for name, value in [*self._port.ours(self.dialog, hop)[:1], *fields]:
            notify.headers.add(name, value)
        self._port.transactions.send(notify, hop, now, self)

    # -- time ---------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """Return when `tick` is wanted; None if never."""
        due = self._life.next_deadline()
        others = [acceptance.next_deadline() for acceptance in self._acceptances.values()]
        for other in (self._upkeep.timer.next_deadline(), *others):
            if due is None or (other is not None and other < due):
                due = other
        return due

    def tick(self, now: float) -> None:
        """Fire every timer that is due."""
        for act in self._life.tick(now):
            self._carry_out(act, now)
        self._keep_up(now)
        for number in list(self._acceptances):
            self._tick_acceptance(number, now)

    def _keep_up(self, now: float) -> None:
        """Refresh the session, or give up one that the peer did not refresh (RFC 4028 §10)."""
        match self._upkeep.due(now):
            case Due.REFRESH if self._pending is not None or self._acceptances:
                self._upkeep.timer.postpone(now + BUSY_WAIT)  # §14.1: theirs comes first
            case Due.REFRESH if self.dialog is not None and self._life.state is Stage.UP:
                self._upkeep.refresh(self.dialog, self, now)
            case Due.EXPIRED:
                self._lose("expired", now)

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
            self._upkeep.stop()
            self._terminate_pending(now)

    def _carry_out(self, act: Act, now: float) -> None:
        match act:
            case Act.SEND_BYE:
                self._send_bye(now)
            case Act.TELL_CONFIRMED:
                self._port.tell(CallConfirmed(self.id, self._confirmation))
            case Act.TELL_ENDED:
                told = self._ended or Headers()
                ended = LegEnded(self.id, True, "bye", told.get("reason"), user_to_user(told))
                self._port.tell(ended)
            case Act.TELL_LOST:
                self._port.tell(LegEnded(self.id, by_peer=False, why=self._lost))
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

    def _accept(
        self, transaction: ServerTransaction, sdp: bytes, now: float, headers: Fields = ()
    ) -> None:
        """Answer with 200, and see to its ACK if it is to an INVITE."""
        request = transaction.request
        self._upkeep.sdp = sdp
        ours = self._port.ours(self._dialog_of(request), transaction.source)
        fields = [*ours, *self._upkeep.asked(request, now), *headers]
        tag = None if self.dialog is None else self.dialog.local_tag  # early: the request has it
        datagram = self._port.accept(transaction, sdp, now, tag, fields)
        if request.method != "INVITE":
            return
        self._acceptances[request.headers.cseq.number] = Acceptance(
            datagram, transaction.peer, offers=not request.body, timing=self._port.timing, now=now
        )

    def _dialog_of(self, _: Request) -> Dialog | None:
        return self.dialog

    def _terminate_pending(self, now: float) -> None:
        """Answer 487 to what still waits (§15.1.2, §9.2)."""
        if self._referral is not None and not self._referral[0].decided:
            self.refuse_referral(487, now)
        pending, self._pending = self._pending, None
        if pending is not None:
            self._port.respond(pending, 487, now)
