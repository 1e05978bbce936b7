"""A leg that a peer began: the UAS side of INVITE (RFC 3261 §13.3)."""

from calls.ids import LegId
from sip.dialog import Dialog
from sip.events import CallCancelled, LegEnded
from sip.leg import Leg
from sip.leg_rules import Act, Stage, Step
from sip.message import Request, Response
from sip.port import Port
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

    def answer(self, sdp: bytes, now: float) -> None:
        """Accept the call, or a change of it."""
        if self._life.state is Stage.OFFERED:
            self._sdp = sdp
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
                contact = self._port.session_headers(self._invite.source)[:1]
                self._port.respond(self._invite, 180, now, self.tag, contact)
            case Act.SEND_ANSWER:
                self._first_accepted = self._invite.request.headers.cseq.number
                self._accept(self._invite, self._sdp, now)
            case Act.SEND_REFUSAL:
                self._refuse(now)
            case Act.SEND_TERMINATED:
                self._port.respond(self._invite, 487, now, self.tag)
            case Act.TELL_CANCELLED:
                self._port.tell(CallCancelled(self.id))
            case Act.TELL_UNANSWERED:
                self._port.tell(LegEnded(self.id, by_peer=False, why="unanswered"))
            case _:
                super()._carry_out(act, now)

    def _refuse(self, now: float) -> None:
        status, headers, reason = self._refusal
        response = self._made
        if response is None:
            response = self._port.answer(self._invite.request, status, self.tag, headers)
            response.reason = reason or response.reason
        if self._reason is not None:
            response.headers.add("Reason", self._reason)
        self._port.transactions.respond(self._invite, response, now)
