"""A leg that we begin: the UAC side of INVITE (RFC 3261 §13.2, §9.1)."""

from dataclasses import dataclass, field

from calls.ids import LegId
from sip import sdp
from sip.address import NameAddr
from sip.dialog import Dialog, DialogId
from sip.events import LegAnswered, LegRefused, LegRinging
from sip.flow import Address
from sip.grammar import quote
from sip.headers import Headers
from sip.leg import Leg
from sip.leg_rules import Act, Stage, Step
from sip.message import REASONS, Malformed, Request, Response
from sip.port import Port
from sip.provisional import sequence
from sip.requests import MAX_FORWARDS, SUPPORTED, cancellation, proven_as
from sip.screening import Fields, content_type, described
from sip.sdp import SessionDescription
from sip.session_timer import least, wished
from sip.told import user_to_user
from sip.transactions import ClientTransaction, ServerTransaction
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


@dataclass(slots=True)
class EarlyDialog:
    """One phone that rings for a call of ours (RFC 3261 §12.1.2)."""

    dialog: Dialog
    number: int | None = None
    """RSeq of its last reliable 1xx; None before the first."""
    session: SessionDescription | None = None
    """Its side of the session, as far as it told."""
    answered: bool = False
    """True once our offer has been answered reliably: only then may it make offers of its own."""
    asked: SessionDescription | None = None
    """What its UPDATE wants."""
    changed: bool = False
    """True once an UPDATE has changed the session: the 200 then only repeats what was before."""


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
        self._early_dialogs: dict[str, EarlyDialog] = {}
        """By their To tag."""
        self.early = request.headers.call_id, request.headers.from_.tag or ""

    def answered(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        """Take an answer to a request of ours."""
        if transaction is not self._invite:
            super().answered(transaction, response, now)
            return
        self._news = response
        if response.status < 200:
            if self._note_early(response, now):
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
            self._theirs = response.body
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
            dialog.local_seq = early.dialog.local_seq
            dialog.remote_seq = early.dialog.remote_seq
        return dialog

    def _note_early(self, response: Response, now: float) -> bool:
        """Keep what a 1xx says; a reliable one gets its PRACK (RFC 3262 §4).

        A reliable one that comes again or out of order is as good as none: False.
        """
        tag = response.headers.to.tag
        if tag is None or response.status == 100 or self._life.state not in _UNDECIDED:
            return True
        early = self._early_dialogs.get(tag)
        if early is None:
            if len(self._early_dialogs) >= FORKS_LIMIT:
                return True
            early = self._early_dialogs[tag] = EarlyDialog(self._dialog_with(response))
        number = sequence(response.headers)
        if number is not None:
            if early.number is not None and number != early.number + 1:
                return False
            early.number, early.dialog = number, self._dialog_with(response)
            self._acknowledge_early(early, response, now)
        said = _described(response)
        if said is not None and not early.changed:
            early.session, early.answered = said, early.answered or number is not None
        return True

    def _acknowledge_early(self, early: EarlyDialog, response: Response, now: float) -> None:
        """Send the PRACK of a reliable 1xx."""
        hop = self._port.hop(early.dialog)
        prack = early.dialog.request("PRACK", self._port.via(hop))
        cseq = response.headers.cseq.number
        prack.headers.add("RAck", f"{early.number} {cseq} INVITE")
        self._port.transactions.send(prack, hop, now, self)

    # -- what a phone asks for before it has answered --------------------------

    def has(self, dialog: DialogId) -> bool:
        """Tell whether a dialog is this leg's: the one that answered, or any that rings."""
        if self._life.state in _WANTED:
            return dialog[2] in self._early_dialogs
        return super().has(dialog)

    def receive(self, transaction: ServerTransaction, now: float) -> None:
        """Take a request within a dialog; raise Refused or Malformed."""
        request = transaction.request
        early = self._early_of(request)
        if self.dialog is not None or early is None:
            super().receive(transaction, now)
        elif not early.dialog.admits(request):
            self._port.count("out_of_order")
            self._port.respond(transaction, 500, now)
        elif request.method == "UPDATE":
            self._updated(early, transaction, now)
        else:  # no INVITE while ours is under way (§14.2), no BYE before the answer (§15)
            self._port.respond(transaction, 491 if request.method == "INVITE" else 481, now)

    def _dialog_of(self, request: Request) -> Dialog | None:
        early = self._early_of(request)
        return early.dialog if early is not None and self.dialog is None else self.dialog

    def _early_of(self, request: Request) -> EarlyDialog | None:
        return self._early_dialogs.get(request.headers.from_.tag or "")

    def _updated(self, early: EarlyDialog, transaction: ServerTransaction, now: float) -> None:
        """Take an UPDATE of a phone that rings (RFC 3311 §5.2)."""
        request = transaction.request
        offer = described(request)
        if offer is not None and not early.answered:
            self._port.respond(transaction, 491, now)
        elif offer is not None and self._pending is not None:
            self._port.respond(transaction, 500, now, headers=self._port.retry_after(request))
        elif offer is not None:
            early.asked = offer
            self._ask(transaction, offer)
        else:
            early.dialog.refresh(request, transaction.source)
            ours = self._port.ours(early.dialog, transaction.source)
            self._port.respond(transaction, 200, now, headers=ours)

    def answer(self, sdp: bytes, now: float) -> None:
        """Accept what the peer wants changed; one that rings too."""
        pending = self._pending
        early = None if pending is None else self._early_of(pending.request)
        if pending is not None and early is not None and self.dialog is None:
            early.dialog.refresh(pending.request, pending.source)
            early.session, early.changed = early.asked, True
        super().answer(sdp, now)

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
        invite, hop = self._invite.request, self._port.hop(dialog)
        request = dialog.request("ACK", self._port.via(hop), invite.headers.cseq.number)
        ack = bytes(proven_as(invite, request)), hop
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
        early = self._early_dialogs.get(self._news.headers.to.tag or "")
        before = None if early is None else early.session
        try:
            answer = _strictly_described(self._news) or before
            if early is not None and early.changed:
                answer = before
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


def secured(invitation: Invitation) -> bool:
    """Tell whether a call is to go by TLS all the way (§8.1.1.8)."""
    routes = [NameAddr.parse(value).uri for name, value in invitation.headers if name == "Route"]
    return any(uri.secure for uri in (Uri.parse(invitation.to_uri), *routes[:1]))


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
        *port.session_headers(invitation.destination, secure=secured(invitation)),
        SUPPORTED,
        *wished(port.settings.session_expires, None),
        ("User-Agent", port.settings.user_agent),
        *invitation.headers,
        ("Content-Type", sdp.CONTENT_TYPE),
    ]
    return Request("INVITE", invitation.to_uri, Headers(fields), invitation.sdp)


def _strictly_described(response: Response) -> SessionDescription | None:
    if not response.body or content_type(response.headers) not in ("", sdp.CONTENT_TYPE):
        return None
    return sdp.parse(response.body)


def _described(response: Response) -> SessionDescription | None:
    """Return what a 1xx says of the session, for a 200 that says nothing."""
    try:
        return _strictly_described(response)
    except Malformed:
        return None
