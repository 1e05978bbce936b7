"""Which calls are let in, and what the others are told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agents.roster import Roster
from calls.ids import AgentId
from calls.reasons import Reason
from ivr.flow import Flow
from server.house import House
from server.srtp_rules import new_key
from server.trunk_rules import NO_RULES, Gate, TrunkRules, Unproven
from sip import sdp
from sip.events import CallOffered
from sip.sdp import Agreed


@dataclass(frozen=True, slots=True)
class Refusal:
    """A final answer other than 200, and whether the call is worth a record."""

    status: int
    reason: Reason
    headers: tuple[tuple[str, str], ...] = ()
    recorded: bool = True
    asks_phone: bool = False
    """Ask for the credentials of an agent's phone."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The call comes in, on this flow, with this codec; None until the caller answers our offer."""

    flow: Flow
    agreed: Agreed | None
    trunk: TrunkRules


@dataclass(frozen=True, slots=True)
class Numbers:
    """Who calls whom, in our form."""

    caller: str
    called: str


@dataclass(frozen=True, slots=True)
class Doors:
    """What stands at the doors when a call comes."""

    house: House
    gate: Gate
    roster: Roster
    phone_at: Callable[[str], bool]
    """Tells whether an agent's phone is registered from a host."""
    up: int
    """Calls that are up."""
    by_trunk: Mapping[str, int] = field(default_factory=dict)
    draining: bool = False


def numbers_of(event: CallOffered, house: House) -> Numbers:
    """Return a call's numbers, as its trunk's rules have them."""
    trunk = house.trunk_at(event.source[0]) or NO_RULES
    caller = event.caller.uri.user or event.caller.uri.host
    return Numbers(trunk.caller(caller), trunk.number(event.dialled))


def admit(event: CallOffered, numbers: Numbers, doors: Doors, now: float) -> Admission | Refusal:
    """Decide on a call. A stranger is refused first and costs nothing, not even a record."""
    house = doors.house
    trunk = house.trunk_at(event.source[0])
    refusal = _unknown(event, doors) if trunk is None else _unproven(event, trunk, doors, now)
    if refusal is not None:
        return refusal
    trunk = trunk or NO_RULES
    if event.replaces is not None:  # nobody is authorised to take another's place (RFC 3891 §3)
        return Refusal(403, Reason.FORBIDDEN, recorded=False)
    flow = house.flow_for(numbers.called)
    if flow is None:
        return Refusal(404, Reason.UNKNOWN_NUMBER)
    if trunk.bars(numbers.caller, numbers.called):
        return Refusal(403, Reason.BARRED)
    return _no_room(trunk, doors, now) or _agree(event, doors.house, flow, trunk)


def _unknown(event: CallOffered, doors: Doors) -> Refusal | None:
    """Let in an agent's phone that proved itself, and nobody else who belongs to no trunk."""
    if not doors.phone_at(event.source[0]):
        return Refusal(403, Reason.FORBIDDEN, recorded=False)
    if event.user is None:
        return Refusal(401, Reason.FORBIDDEN, recorded=False, asks_phone=True)
    if AgentId(event.user) not in doors.roster:
        return Refusal(403, Reason.FORBIDDEN, recorded=False)
    return None


def _unproven(event: CallOffered, trunk: TrunkRules, doors: Doors, now: float) -> Refusal | None:
    try:
        doors.gate.check(trunk, event.told.credentials, now)
    except Unproven as unproven:
        status = 401 if unproven.headers else 403
        return Refusal(status, Reason.FORBIDDEN, unproven.headers, recorded=False)
    return None


def _no_room(trunk: TrunkRules, doors: Doors, now: float) -> Refusal | None:
    limits = doors.house.limits
    retry = (("Retry-After", str(limits.retry_after)),)
    if doors.draining:
        return Refusal(503, Reason.DRAINING, retry)
    if doors.up >= limits.max_calls:
        return Refusal(503, Reason.FULL, retry)
    reason = doors.gate.over_capacity(trunk, doors.by_trunk, now)
    return None if reason is None else Refusal(503, reason, retry)


def _agree(event: CallOffered, house: House, flow: Flow, trunk: TrunkRules) -> Admission | Refusal:
    if event.offer is None:
        return Admission(flow, None, trunk)
    security = sdp.Security(trunk.srtp, new_key())
    try:
        agreed = sdp.agree(event.offer, trunk.codecs or house.codecs, security)
    except sdp.NotAcceptable as unacceptable:
        warning = ("Warning", unacceptable.warning(house.media_address))
        none = unacceptable.code == 304
        return Refusal(488, Reason.BAD_OFFER if none else Reason.NO_COMMON_CODEC, (warning,))
    return Admission(flow, agreed, trunk)
