"""A call of ours through a trunk: proof where it is asked for, the next host when one fails."""

from dataclasses import dataclass

from calls.ids import LegId
from sip.attempts import FAILOVER, Attempts
from sip.dialog import Dialog
from sip.digest import Login
from sip.flow import Address
from sip.leg_rules import Stage, Step
from sip.message import Response
from sip.outgoing import Invitation, OutgoingLeg
from sip.port import Port
from sip.requests import cancellation, proven_as
from sip.transactions import ClientTransaction

PATIENCE = 4.0
"""Seconds without any answer until the next host is tried; the last one has 64*T1."""
_WANTED = (Stage.CALLING, Stage.RINGING)


@dataclass(frozen=True, slots=True)
class TrunkInvitation(Invitation):
    """Whom to call through a trunk; `destination` is its first host."""

    others: tuple[Address, ...] = ()
    """Hosts to try after the first, in this order."""
    login: Login | None = None
    patience: float = PATIENCE


class TrunkLeg(OutgoingLeg):
    """A call that goes on to the next host by itself, and tells of the last one's answer only.

    A host that was given up and answers after all is told so: CANCEL, or ACK and BYE.
    """

    def __init__(self, leg_id: LegId, port: Port, invitation: TrunkInvitation, now: float) -> None:
        super().__init__(leg_id, port, invitation, now)
        self._attempts = Attempts((invitation.destination, *invitation.others), invitation.login)
        self._patience = invitation.patience
        self._given_up: dict[int, ClientTransaction] = {}
        """By id, since transactions compare by it."""
        self._until = self._limit(now)

    def _limit(self, now: float) -> float | None:
        return None if self._attempts.last else now + self._patience

    def answered(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        """Take an answer to a request of ours."""
        if id(transaction) in self._given_up:
            self._answered_late(transaction, response, now)
            return
        if transaction is self._invite:
            self._until = None
            if response.status >= 300 and self._goes_on(response, now):
                return
        super().answered(transaction, response, now)

    def unanswered(self, transaction: ClientTransaction, now: float, status: int = 408) -> None:
        """Take it that a request of ours was never answered, or never got there."""
        if self._given_up.pop(id(transaction), None) is not None:
            return
        wanted = transaction is self._invite and self._life.state in _WANTED
        if not (wanted and self._attempts.move()):
            super().unanswered(transaction, now, status)
            return
        self._call_again(now)

    def _ask_again(self, minimum: int, now: float) -> None:
        """Call once more with another session interval; what was proved is to be proved anew."""
        self._attempts.renew()
        for field in ("Authorization", "Proxy-Authorization"):
            self._invite.request.headers.remove(field)
        super()._ask_again(minimum, now)

    def _goes_on(self, refusal: Response, now: float) -> bool:
        """Call again with the proof asked for, or call the next host; False if neither helps."""
        if self._life.state not in _WANTED:
            return False
        if self._attempts.met(refusal) or (refusal.status in FAILOVER and self._attempts.move()):
            self._call_again(now)
            return True
        return False

    def _call_again(self, now: float) -> None:
        self._take(Step.AGAIN, now)
        request = self._attempts.again(self._invite.request, self._port)
        target = self._attempts.target
        request.headers.replace("Contact", self._port.settings.contact(target))
        self._invite = self._port.transactions.send(request, target, now, self)
        self._until = self._limit(now)

    # -- a host that was given up ---------------------------------------------

    def next_deadline(self) -> float | None:
        """Return when `tick` is wanted; None if never."""
        due = super().next_deadline()
        return min((at for at in (due, self._until) if at is not None), default=None)

    def tick(self, now: float) -> None:
        """Fire every timer that is due."""
        super().tick(now)
        if self._until is None or now < self._until:
            return
        self._until = None
        if self._life.state is Stage.CALLING and self._attempts.move():
            self._given_up[id(self._invite)] = self._invite
            self._call_again(now)

    def _answered_late(
        self, transaction: ClientTransaction, response: Response, now: float
    ) -> None:
        """Let a host go that was given up: it must not ring, or talk, for nobody."""
        if response.status < 200:
            if not transaction.acks:
                transaction.acks[""] = b"", transaction.peer  # so that one CANCEL is sent
                cancel = cancellation(transaction.request)
                self._port.transactions.send(cancel, transaction.peer, now)
            return
        if response.status >= 300:
            self._given_up.pop(id(transaction), None)
            return
        tag = response.headers.to.tag or "-"
        if tag not in transaction.acks:
            dialog = Dialog.of_answer(transaction.request, response, transaction.peer)
            hop, number = self._port.hop(dialog), transaction.request.headers.cseq.number
            request = dialog.request("ACK", self._port.via(hop), number)
            ack = bytes(proven_as(transaction.request, request)), hop
            transaction.acks[tag] = ack
            bye = dialog.request("BYE", self._port.via(hop))
            self._port.transactions.outbox.append(ack)
            self._port.transactions.send(bye, hop, now)
            return
        self._port.transactions.outbox.append(transaction.acks[tag])
