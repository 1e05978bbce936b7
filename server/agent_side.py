"""Reaching agents: an offer rings a phone, the phone answers or not, the talk ends."""

from dataclasses import dataclass, field

from agents.agent import Doing, Step
from agents.roster import Roster
from calls.events import Offered, OfferFailed
from calls.ids import AgentId, CallId, LegId
from media.commands import CloseLeg, OpenLeg
from queueing.acd import Pair
from queueing.waiting import WaitingRoom
from server.agent_leg import AgentLeg, destination_of
from server.citizen_call import CitizenCall
from server.house import House
from server.outputs import Output
from server.session_side import SessionSide, connected_leg
from sip.message import Address
from sip.registrar import Registrar
from sip.sdp import Agreed
from sip.stack import Invitation, Stack

BUSY = {486: "busy", 600: "busy", 603: "rejected", 480: "rejected", 487: "rejected"}
"""Why an offer failed, by the phone's answer; any other status is a fault of the phone."""
COOL_DOWN = "cool_down"
"""Reason of the pause after an abusive call; it ends by itself, or when the agent says so."""
STEP = {
    "no_answer": Step.RING_NO_ANSWER,
    "busy": Step.REJECT,
    "rejected": Step.REJECT,
    "unreachable": Step.UNREACHABLE,
    "phone_fault": Step.UNREACHABLE,
}


@dataclass(slots=True)
class AgentSide:
    """All legs to agents' phones."""

    house: House
    stack: Stack
    registrar: Registrar
    sessions: SessionSide
    roster: Roster
    waiting: WaitingRoom
    outputs: list[Output]
    by_call: dict[CallId, AgentLeg] = field(default_factory=dict)
    by_sip: dict[LegId, AgentLeg] = field(default_factory=dict)
    by_media: dict[LegId, AgentLeg] = field(default_factory=dict)
    offers: int = 0
    _static: tuple[object, frozenset[str]] = (None, frozenset())
    """Contacts of the settings, and who of them has an address."""

    # --- an offer -------------------------------------------------------------------

    def ring(self, call: CitizenCall, pair: Pair, now: float) -> None:
        """Offer a call to an agent: reserve the agent, and open a port for the phone."""
        agent, lane = pair.agent, pair.ticket.lane
        self.roster.offer(agent, call.id, now)
        call.note(Offered(call.id, now, lane, agent, pair.why))
        reached = self.reach(agent, now)
        if reached is None:
            self._give_back(call, agent, "unreachable", now)
            return
        uri, destination = reached
        self.offers += 1
        leg = AgentLeg(
            call=call.id,
            agent=agent,
            lane=lane,
            media=LegId(f"{call.id}.{self.offers}"),
            uri=uri,
            destination=destination,
            ring_until=now + call.house.lanes[lane].ring_time,
        )
        self.by_call[call.id] = self.by_media[leg.media] = leg
        call.open_legs.add(leg.media)
        self.outputs.append(OpenLeg(leg.media, self.house.media_address, beside=call.leg))

    def reach(self, agent: AgentId, now: float) -> tuple[str, Address] | None:
        """Say where the agent's phone is: as registered, else as configured."""
        contacts = self.registrar.contacts(agent, now)
        if contacts:
            return str(contacts[0].uri), contacts[0].source
        static = self.house.contacts.get(agent)
        destination = destination_of(static) if static else None
        return (static, destination) if static and destination else None

    def reachable(self, now: float) -> set[str]:
        """Return everybody who has a phone, as `reach` would say one by one."""
        contacts = self.house.contacts
        if self._static[0] is not contacts:
            named = (agent for agent, uri in contacts.items() if destination_of(uri) is not None)
            self._static = contacts, frozenset(named)
        return self.registrar.reachable(now) | self._static[1]

    def opened(self, leg: AgentLeg, call: CitizenCall, port: int, now: float) -> None:
        """The port for the phone is there: ring it."""
        leg.port = port
        lane = call.house.lanes[leg.lane]
        leg.sip = self.stack.invite(
            Invitation(
                to_uri=leg.uri,
                destination=leg.destination,
                from_uri=self.house.sip_uri,
                display=f"{lane.name} {call.walk.language}",
                sdp=self.sessions.offer_to(call, leg),
                headers=(*self.registrar.routes(leg.agent, leg.uri, now), *self._answers(leg)),
            ),
            now,
        )
        self.by_sip[leg.sip] = leg

    def _answers(self, leg: AgentLeg) -> tuple[tuple[str, str], ...]:
        """Ask a phone with a headset to answer by itself, in the two ways that phones read."""
        if leg.agent not in self.house.auto_answer:
            return ()
        return (
            ("Call-Info", f"<{self.house.sip_uri}>;answer-after=0"),
            ("Alert-Info", f"<{self.house.sip_uri}>;info=alert-autoanswer;delay=0"),
        )

    def failed(self, leg: AgentLeg, call: CitizenCall, why: str, now: float) -> None:
        """The agent did not take the call; the caller keeps the place."""
        self.forget(leg)
        self.outputs.append(CloseLeg(leg.media))
        self._give_back(call, leg.agent, why, now)

    def refused(self, leg: AgentLeg, call: CitizenCall, status: int, now: float) -> None:
        """The phone said no, or nothing at all (408)."""
        why = "unreachable" if status == 408 else BUSY.get(status, "phone_fault")
        self.failed(leg, call, why, now)

    def ring_time_over(self, leg: AgentLeg, call: CitizenCall, now: float) -> None:
        """The phone rang for as long as the lane allows."""
        if leg.sip is not None:
            self.stack.hang_up(leg.sip, now)
        self.failed(leg, call, "no_answer", now)

    def _give_back(self, call: CitizenCall, agent: AgentId, why: str, now: float) -> None:
        call.note(OfferFailed(call.id, now, agent, why))
        self.roster.take(agent, STEP[why], now)
        self.waiting.offer_failed(call.id, agent, now)

    # --- the talk -------------------------------------------------------------------

    def answered(self, leg: AgentLeg, call: CitizenCall, agreed: Agreed, now: float) -> None:
        """The agent answered; the talk begins."""
        leg.answered_at, leg.agreed = now, agreed
        self.roster.take(leg.agent, Step.ANSWER, now)
        self.waiting.leave(call.id, now)
        self.outputs.append(connected_leg(leg, agreed))
        call.joined(leg.agent, leg.media, now)

    def adopt(self, leg: AgentLeg) -> None:
        """Take a leg that was called otherwise: its agent has the call now."""
        self.by_call[leg.call] = self.by_media[leg.media] = leg
        if leg.sip is not None:
            self.by_sip[leg.sip] = leg

    def part(self, call: CitizenCall, *, hang_up: bool, now: float) -> None:
        """The call is over: let the agent go, into wrap-up if they talked."""
        leg = self.by_call.get(call.id)
        if leg is None:
            return
        self.forget(leg)
        if hang_up and leg.sip is not None:
            self.stack.hang_up(leg.sip, now)
        if leg.answered_at is not None:
            rest = call.house.lanes[leg.lane].wrap_up
            self.roster.take(leg.agent, Step.HANG_UP, now, lasts=rest)
            if leg.agent in call.abused:
                self.cool_down(leg.agent, rest, now)
            self.waiting.handled(leg.lane, now - leg.answered_at + rest)
        elif self.roster[leg.agent].doing is Doing.RESERVED:
            self.roster.take(leg.agent, Step.WITHDRAW, now)

    def cool_down(self, agent: AgentId, rest: float, now: float) -> None:
        """Let an agent be after an abusive call, for longer than wrap-up if need be."""
        lasts = max(rest, self.house.in_call.cool_down)
        if self.roster[agent].doing is Doing.WRAP_UP and self.house.in_call.cool_down:
            self.roster.take(agent, Step.PAUSE, now, lasts=lasts, reason=COOL_DOWN)

    def forget(self, leg: AgentLeg) -> None:
        """Take a leg out of the tables; who is on it is another matter."""
        self.by_call.pop(leg.call, None)
        if leg.sip is not None:
            self.by_sip.pop(leg.sip, None)

    def media_closed(self, leg: LegId) -> None:
        """The media worker has let the port go."""
        self.by_media.pop(leg, None)
