"""The second line of an agent's phone: it calls somebody itself, to hand the caller over (REFER).

The phone holds its first line, calls a target of the settings on a second, and ends by a REFER
with Replaces (RFC 3891, RFC 5589 §7) or by hanging the second line up. To us it is a
consultation like any other, but that the agent speaks on another leg.
"""

from dataclasses import dataclass, field

from calls.ids import AgentId, CallId, LegId
from media.commands import CloseLeg, OpenLeg
from server.agent_leg import CalledLeg
from server.citizen_call import CitizenCall
from server.house import House
from server.outputs import Output
from server.session_side import connected, session_number
from sip import sdp
from sip.events import CallOffered
from sip.sdp import Agreed, SessionDescription
from sip.stack import Stack


@dataclass(slots=True, kw_only=True)
class SecondLine(CalledLeg):
    """The phone called us; `sip` is set from the beginning."""

    agent: AgentId
    sip_call_id: str
    """What a Replaces names it by."""
    offer: SessionDescription
    agreed: Agreed


@dataclass(slots=True)
class SecondLines:
    """All second lines."""

    house: House
    stack: Stack
    outputs: list[Output]
    by_sip: dict[LegId, SecondLine] = field(default_factory=dict)
    by_media: dict[LegId, SecondLine] = field(default_factory=dict)

    def line_of(
        self, call: CallId, agent: AgentId, event: CallOffered, name: LegId
    ) -> SecondLine | None:
        """Read what the phone offers; None if we cannot speak to it."""
        if event.offer is None:
            return None
        try:
            agreed = sdp.agree(event.offer, self.house.codecs)
        except sdp.NotAcceptable:
            return None
        return SecondLine(
            call=call,
            media=name,
            uri="",
            destination=event.source,
            ring_until=0.0,
            sip=event.leg,
            agent=agent,
            sip_call_id=event.sip_call_id,
            offer=event.offer,
            agreed=agreed,
        )

    def open(self, call: CitizenCall, line: SecondLine, now: float) -> None:
        """Let it ring until whom it calls has answered."""
        assert line.sip is not None
        self.by_sip[line.sip] = self.by_media[line.media] = line
        call.open_legs.add(line.media)
        self.stack.ring(line.sip, now)
        self.outputs.append(OpenLeg(line.media, self.house.media_address, beside=call.leg))

    def answer(self, line: SecondLine, now: float) -> None:
        """Whom it calls has answered: so do we."""
        if line.answered or line.port is None or line.sip is None:
            return
        line.answered_at = now
        place, session = self.house.media_address, session_number(line.call)
        body = sdp.answer(line.offer, line.agreed, place, line.port, session, line.version)
        self.stack.answer(line.sip, body, now)
        self.outputs.append(connected(line.media, line.agreed, line.destination[0]))

    def drop(self, line: SecondLine | None, now: float) -> None:
        """It is not wanted any more, or gone."""
        if line is None or self.by_sip.pop(line.sip or LegId(""), None) is None:
            return
        assert line.sip is not None
        if line.answered:
            self.stack.hang_up(line.sip, now)
        else:
            self.stack.reject(line.sip, 480, now)
        self.outputs.append(CloseLeg(line.media))
