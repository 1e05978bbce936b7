"""What the stack tells: a closed set of frozen values, in the order they happened."""

from dataclasses import dataclass

from calls.ids import LegId
from sip.address import NameAddr
from sip.flow import Address
from sip.referral import Referral
from sip.registrar import RegistrarEvent
from sip.sdp import SessionDescription
from sip.told import NOTHING_TOLD, Told


@dataclass(frozen=True, slots=True)
class CallOffered:
    """A caller's INVITE came in. It is yours to say more; unanswered, 100 Trying goes out next."""

    leg: LegId
    caller: NameAddr
    """From; or P-Asserted-Identity, where the settings trust it."""
    dialled: str
    """The user of the Request-URI; empty when it has none."""
    offer: SessionDescription | None
    """None when the caller wants our offer: it goes with `answer`, theirs with `CallConfirmed`."""
    source: Address
    sip_call_id: str
    user: str | None
    """The phone that proved itself by digest; None if the INVITE brought no credentials."""
    told: Told = NOTHING_TOLD
    replaces: LegId | None = None
    """The call whose place it wants to take (RFC 3891); None for a call of its own."""


@dataclass(frozen=True, slots=True)
class OfferUnreadable:
    """An INVITE came whose session description cannot be used; it was refused, no leg was made."""

    caller: NameAddr
    dialled: str
    source: Address
    sip_call_id: str
    status: int
    """What we answered: 400, 415 or 488."""
    what: str


@dataclass(frozen=True, slots=True)
class CallCancelled:
    """The caller gave up before we answered; the 487 was sent and the leg is gone."""

    leg: LegId
    reason: str | None = None
    """What the caller's side says of it: Reason (RFC 3326), as it came."""


@dataclass(frozen=True, slots=True)
class CallConfirmed:
    """The ACK came to our 200; again after a re-INVITE that asked for our offer.

    Also when the answer to a re-INVITE of ours, a refresh, says something new.
    """

    leg: LegId
    sdp: bytes | None
    """The answer, if the offer was ours."""


@dataclass(frozen=True, slots=True)
class LegRinging:
    """The phone that we call said something: 180 Ringing, 183 Session Progress …"""

    leg: LegId
    status: int


@dataclass(frozen=True, slots=True)
class LegAnswered:
    """The phone that we call answered, and the ACK was sent."""

    leg: LegId
    answer: SessionDescription | None
    """None when the 200 brought no session description."""
    user_to_user: str | None = None
    """RFC 7433"""


@dataclass(frozen=True, slots=True)
class LegRefused:
    """The phone that we call did not take it; the leg is gone."""

    leg: LegId
    status: int
    """Its own; 408 when it never answered, or rang too long."""
    reason: str


@dataclass(frozen=True, slots=True)
class LegReoffered:
    """A re-INVITE or UPDATE wants the session changed: hold, resume, another address.

    To be answered with `answer` or `reject`.
    """

    leg: LegId
    offer: SessionDescription | None
    """None when the peer wants our offer; its answer then comes with `CallConfirmed`."""


@dataclass(frozen=True, slots=True)
class LegEnded:
    """A call that was up, or answered, is over, and not because you hung up."""

    leg: LegId
    by_peer: bool
    why: str
    """`bye`; `no_ack`: our 200 was never acknowledged; `unanswered`: `ring_limit` passed;

    `no_prack`: our 180 never was; `expired`: the session timer ran out, `no_refresh`: ours failed.
    """
    reason: str | None = None
    """What the peer's BYE says of it: Reason (RFC 3326), as it came."""
    user_to_user: str | None = None
    """RFC 7433"""


@dataclass(frozen=True, slots=True)
class LegReferred:
    """The peer asks us to call somebody: to be answered with `accept_referral` or its refusal."""

    leg: LegId
    referral: Referral


@dataclass(frozen=True, slots=True)
class LegKey:
    """A key came by INFO."""

    leg: LegId
    key: str


SipEvent = (
    CallOffered
    | OfferUnreadable
    | CallCancelled
    | CallConfirmed
    | LegRinging
    | LegAnswered
    | LegRefused
    | LegReoffered
    | LegEnded
    | LegReferred
    | LegKey
    | RegistrarEvent
)
