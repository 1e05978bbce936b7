"""Which calls are let in, and what the others are told."""

from dataclasses import dataclass

from calls.reasons import Reason
from ivr.flow import Flow
from server.house import House
from server.srtp_rules import new_key
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


@dataclass(frozen=True, slots=True)
class Admission:
    """The call comes in, on this flow, with this codec; None until the caller answers our offer."""

    flow: Flow
    agreed: Agreed | None


def admit(event: CallOffered, house: House, up: int, *, draining: bool) -> Admission | Refusal:
    """Decide on a call. A stranger is refused first and costs nothing, not even a record."""
    if not house.admits(event.source[0]):
        return Refusal(403, Reason.FORBIDDEN, recorded=False)
    if event.replaces is not None:  # nobody's place in a call is given to another yet
        return Refusal(501, Reason.FORBIDDEN, recorded=False)
    flow = house.flow_for(event.dialled)
    if flow is None:
        return Refusal(404, Reason.UNKNOWN_NUMBER)
    retry = (("Retry-After", str(house.limits.retry_after)),)
    if draining:
        return Refusal(503, Reason.DRAINING, retry)
    if up >= house.limits.max_calls:
        return Refusal(503, Reason.FULL, retry)
    return _agree(event, house, flow)


def _agree(event: CallOffered, house: House, flow: Flow) -> Admission | Refusal:
    if event.offer is None:
        return Admission(flow, None)
    security = sdp.Security(house.srtp.of_trunk(event.source[0]), new_key())
    try:
        return Admission(flow, sdp.agree(event.offer, house.codecs, security))
    except sdp.NotAcceptable as unacceptable:
        warning = ("Warning", unacceptable.warning(house.media_address))
        none = unacceptable.code == 304
        return Refusal(488, Reason.BAD_OFFER if none else Reason.NO_COMMON_CODEC, (warning,))
