"""Calling those who are reached for: a port, then the phone, or the first of the trunks."""

from agents.roster import Roster
from calls.ids import CallId, LegId
from media.commands import OpenLeg
from server.agent_side import AgentSide
from server.citizen_call import CitizenCall
from server.house import House
from server.session_side import SessionSide
from server.talk import GuestLeg
from server.talk_sound import TalkSound
from server.trunks_side import TrunkSide
from sip.attempts import FAILOVER
from sip.stack import Invitation, Stack


class GuestCalls(TalkSound):
    """All legs in talks but the citizen's and the agent's, until they answer."""

    house: House
    stack: Stack
    sessions: SessionSide
    roster: Roster
    agents: AgentSide
    trunks: TrunkSide
    by_sip: dict[LegId, GuestLeg]
    by_media: dict[LegId, GuestLeg]
    count: int

    def call_guest(self, call: CitizenCall, guest: GuestLeg, now: float) -> None:
        """Open a port for one who is to be called; one of our own is taken for it."""
        self.by_media[guest.media] = guest
        call.open_legs.add(guest.media)
        if guest.reserved and guest.agent is not None:
            self.roster.offer(guest.agent, call.id, now)
        self.outputs.append(OpenLeg(guest.media, self.house.media_address, beside=call.leg))

    def leg_name(self, call: CallId) -> LegId:
        """Return a fresh name."""
        self.count += 1
        return LegId(f"{call}.g{self.count}")

    def opened(self, call: CitizenCall, guest: GuestLeg, port: int, now: float) -> None:
        """The port is there: ring the phone, or dial by the first trunk."""
        guest.port = port
        guest.sip = self.stack.invite(self._invitation(call, guest, now), now)
        self.by_sip[guest.sip] = guest
        if guest.placements:
            self.trunks.placed(guest.sip, guest.placements[0])

    def _invitation(self, call: CitizenCall, guest: GuestLeg, now: float) -> Invitation:
        display = call.house.lanes[self.talks[call.id].lane].name
        offer, headers = self.sessions.offer_to(call, guest), guest.headers
        if guest.placements:
            return guest.placements[0].invitation(offer, display=display, headers=headers)
        if guest.agent is not None:
            routes = self.agents.registrar.routes(guest.agent, guest.uri, now)
            headers = (*routes, *headers)
        return Invitation(
            to_uri=guest.uri,
            destination=guest.destination,
            from_uri=self.house.sip_uri,
            display=display,
            sdp=offer,
            headers=headers,
        )

    def rings(self, guest: GuestLeg, now: float) -> None:
        """Their phone rings: whoever referred us is told."""
        talk = self.talks.get(guest.call)
        errand = talk.errand if talk is not None else None
        if errand is not None and errand.guest is guest and errand.referral is not None:
            self.stack.tell_referral(errand.referral, 180, "Ringing", now)

    def goes_on(self, call: CitizenCall, guest: GuestLeg, status: int, now: float) -> bool:
        """Dial by the next trunk after a refusal that is the trunk's own; False if none is left."""
        if status not in FAILOVER or not guest.next_trunk():
            return False
        assert guest.port is not None and guest.sip is not None, "refused before it was invited"
        self.by_sip.pop(guest.sip, None)
        self.opened(call, guest, guest.port, now)
        return True
