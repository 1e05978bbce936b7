"""A leg that we begin: the UAC side of INVITE (RFC 3261 §13.2, §9.1)."""

from dataclasses import dataclass, field

from calls.ids import LegId
from sip import sdp
from sip.dialog import Dialog
from sip.events import LegAnswered, LegRefused, LegRinging
from sip.flow import Address
from sip.grammar import quote
from sip.headers import Headers
from sip.leg import Leg
from sip.leg_rules import Act, Stage, Step
from sip.message import REASONS, Malformed, Request, Response
from sip.port import Port
from sip.provisional import sequence
from sip.requests import MAX_FORWARDS, cancellation
from sip.screening import Fields, content_type
from sip.sdp import SessionDescription
from sip.session_timer import MIN_SE, least, wished
from sip.told import user_to_user
from sip.transactions import ClientTransaction
from sip.uri import Uri

FORKS_LIMIT = 16
"""Phones that may answer one INVITE; each gets an ACK and, but for the first, a BYE."""

_WANTED = (Stage.CALLING, Stage.RINGING)
_UNDECIDED = (Stage.CALLING, Stage.GIVING_UP, Stage.RINGING, Stage.CANCELLING)


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom to call, and as whom."""

    to_uri: str
    destination: Address
    """Where the INVITE is sent: a phone where it registered from, or a trunk."""
    from_uri: str
    sdp: bytes
    """Our offer."""
    display: str = ""
    headers: Fields = field(default=())
    """More fields for the INVITE: Alert-Info, P-Asserted-Identity …"""


class OutgoingLeg(Leg):
    """A phone that we call, from our INVITE on."""

    def __init__(self, leg_id: LegId, port: Port, invitation: Invitation, now: float) -> None:
        super().__init__(leg_id, port, Stage.CALLING, now)
        request = _invite(invitation, port)
        self._invite = port.transactions.send(request, invitation.destination, now, self)
        self._news: Response | None = None
        """The answer that is being taken; None when none came."""
        self._no_answer = 408
        self._asked_again = False
        self._upkeep.sdp = invitation.sdp
        self._early_dialogs: dict[str, tuple[Dialog, int]] = {}
        """By their To tag, with the RSeq of the last reliable 1xx."""
        self._early: SessionDescription | None = None

    def answered(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        """Take an answer to a request of ours."""
        if transaction is not self._invite:
            super().answered(transaction, response, now)
            return
        self._news = response
        if response.status < 200:
            self._early = _described(response, self._early)
            self._acknowledge_early(response, now)
            self._take(Step.PROVISIONAL, now)
        elif response.status < 300:
            self._accepted(response, now)
        elif response.status == 422 and self._life.state in _WANTED and not self._asked_again:
            self._ask_again(least(response.headers), now)
        else:
            self._take(Step.REFUSAL, now)

    def unanswered(self, transaction: ClientTransaction, now: float, status: int = 408) -> None:
        """Take it that a request of ours was never answered; `status` says why (§8.1.3.1)."""
        if transaction is not self._invite:
            super().unanswered(transaction, now, status)
            return
        self._news, self._no_answer = None, status
        self._take(Step.REFUSAL, now)

    def _accepted(self, response: Response, now: float) -> None:
        """Acknowledge a 2xx: the first, its repeats, and those of other phones (§13.2.2.4)."""
        tag = response.headers.to.tag or ""
        known = self._invite.acks.get(tag)
        if known is not None:
            self._port.transactions.outbox.append(known)
        elif self._life.state in _UNDECIDED:
            self.dialog = self._dialog_with(response)
            self._upkeep.settled(response.headers, now)
            self._take(Step.SUCCESS, now)
        elif len(self._invite.acks) < FORKS_LIMIT:
            self._port.count("forks")
            fork = self._dialog_with(response)
            self._acknowledge(fork)
            hop = self._port.hop(fork)
            bye = fork.request("BYE", self._port.via(hop))
            self._port.transactions.send(bye, hop, now)

    def _dialog_with(self, response: Response) -> Dialog:
        """Return the dialog of an answer; one that was early counts its requests on (§13.2.2.4)."""
        dialog = Dialog.of_answer(self._invite.request, response, self._invite.peer)
        early = self._early_dialogs.get(dialog.remote_tag)
        if early is not None:
            dialog.local_seq = early[0].local_seq
        return dialog

    def _acknowledge_early(self, response: Response, now: float) -> None:
        """Send the PRACK of a reliable 1xx; one out of order waits for its repeat (RFC 3262 §4)."""
        number, tag = sequence(response.headers), response.headers.to.tag
        if number is None or tag is None or self._life.state not in _UNDECIDED:
            return
        known = self._early_dialogs.get(tag)
        if known is not None and number != known[1] + 1:
            return
        if known is None and len(self._early_dialogs) >= FORKS_LIMIT:
            return
        dialog = self._dialog_with(response)
        self._early_dialogs[tag] = dialog, number
        hop = self._port.hop(dialog)
        prack = dialog.request("PRACK", self._port.via(hop))
        cseq = response.headers.cseq.number
        prack.headers.add("RAck", f"{number} {cseq} INVITE")
        self._port.transactions.send(prack, hop, now, self)

    def _ask_again(self, minimum: int, now: float) -> None:
        """Call once more with the session interval that the other side asks for (RFC 4028 §7.3)."""
        self._asked_again = True
        before, peer = self._invite.request, self._invite.peer
        request = Request("INVITE", before.uri, before.headers.copy(), before.body)
        request.headers.replace("Via", self._port.via(peer))
        request.headers.replace("CSeq", f"{before.headers.cseq.number + 1} INVITE")
        for name, value in wished(self._port.settings.session_expires, minimum):
            request.headers.replace(name, value)
        self._invite = self._port.transactions.send(request, peer, now, self)

    def _acknowledge(self, dialog: Dialog) -> None:
        number = self._invite.request.headers.cseq.number
        hop = self._port.hop(dialog)
        ack = bytes(dialog.request("ACK", self._port.via(hop), number)), hop
        self._invite.acks[dialog.remote_tag] = ack
        self._port.transactions.outbox.append(ack)

    def _carry_out(self, act: Act, now: float) -> None:
        match act:
            case Act.SEND_ACK:
                assert self.dialog is not None
                self._acknowledge(self.dialog)
            case Act.SEND_CANCEL:
                cancel = cancellation(self._invite.request, self._reason)
                self._port.transactions.send(cancel, self._invite.peer, now, self)
            case Act.FORGET_INVITE:
                self._port.transactions.forget(self._invite)
            case Act.TELL_RINGING:
                assert self._news is not None
                if self._news.status > 100:
                    self._port.tell(LegRinging(self.id, self._news.status))
            case Act.TELL_ANSWERED:
                self._tell_answered(now)
            case Act.TELL_REFUSED | Act.TELL_RANG_TOO_LONG:
                self._tell_refused(act)
            case _:
                super()._carry_out(act, now)

    def _tell_answered(self, now: float) -> None:
        """Tell of the 2xx; one that cannot be understood is hung up again."""
        assert self._news is not None
        try:
            answer = _strictly_described(self._news) or self._early
        except Malformed as malformed:
            self._port.tell(LegRefused(self.id, 488, f"unreadable answer: {malformed.what}"))
            self._take(Step.HANG_UP, now)
        else:
            self._port.tell(LegAnswered(self.id, answer, user_to_user(self._news.headers)))

    def _tell_refused(self, act: Act) -> None:
        if self._news is None or act is Act.TELL_RANG_TOO_LONG:
            self._port.tell(LegRefused(self.id, self._no_answer, REASONS[self._no_answer]))
        else:
            self._port.tell(LegRefused(self.id, self._news.status, self._news.reason))


def _invite(invitation: Invitation, port: Port) -> Request:
    """Make the INVITE (§8.1.1, §13.2.1); raise Malformed if an address of ours is none."""
    for uri in (invitation.to_uri, invitation.from_uri):
        Uri.parse(uri)
    display = f"{quote(invitation.display)} " if invitation.display else ""
    fields = [
        ("Via", port.via(invitation.destination)),
        MAX_FORWARDS,
        ("From", f"{display}<{invitation.from_uri}>;tag={port.tokens()}"),
        ("To", f"<{invitation.to_uri}>"),
        ("Call-ID", port.tokens()),
        ("CSeq", "1 INVITE"),
        *port.session_headers(invitation.destination),
        ("Supported", "100rel, timer"),
        *wished(port.settings.session_expires, MIN_SE),
        ("User-Agent", port.settings.user_agent),
        *invitation.headers,
        ("Content-Type", sdp.CONTENT_TYPE),
    ]
    return Request("INVITE", invitation.to_uri, Headers(fields), invitation.sdp)


def _strictly_described(response: Response) -> SessionDescription | None:
    if not response.body or content_type(response.headers) not in ("", sdp.CONTENT_TYPE):
        return None
    return sdp.parse(response.body)


def _described(response: Response, before: SessionDescription | None) -> SessionDescription | None:
    """Return what a 1xx says of the session, for a 200 that says nothing."""
    try:
        return _strictly_described(response) or before
    except Malformed:
        return before
