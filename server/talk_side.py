"""Talks as things happen to them: who joins, who leaves, and that nobody is left in silence."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from agents.agent import Step
from agents.roster import Roster
from calls.deadlines import Deadlines
from calls.events import AgentLeft, Queued
from calls.ids import AgentId, CallId, LaneId, LegId
from calls.reasons import Reason
from calls.talk_events import (
    Briefed,
    GuestLeft,
    Joined,
    NotReached,
    Reached,
    Returned,
    Supervised,
    SupervisionEnded,
    Transferred,
)
from media.commands import CloseLeg
from server.agent_leg import AgentLeg, CalledLeg
from server.agent_side import STEP, AgentSide
from server.asked import How
from server.citizen_call import CitizenCall
from server.expert_calls import ExpertCalls
from server.house import House
from server.outputs import Output
from server.parties import Aside, Sound, orders
from server.second_line import SecondLines
from server.session_side import SessionSide, connected_leg
from server.talk import Errand, Finish, GuestLeg, Outcome, Talk
from server.trunks_side import TrunkSide
from sip.sdp import SessionDescription
from sip.stack import Stack

NEWS = {"busy": 486, "rejected": 603, "no_answer": 408, "unreachable": 480, "cancelled": 487}
"""What the phone that referred us is told of a failure (RFC 3515 §2.4.5)."""
ANSWERS = {"busy": "busy", "rejected": "busy", "no_answer": "no_answer"}
"""What the flow is told of a failure; any other is `failed`."""


@dataclass(slots=True)
class TalkSide(ExpertCalls):
    """All talks, and all legs in them but the citizen's and the agent's."""

    house: House
    stack: Stack
    sessions: SessionSide
    roster: Roster
    agents: AgentSide
    outputs: list[Output]
    deadlines: Deadlines[tuple[str, str]]
    lines: SecondLines
    trunks: TrunkSide
    """The only way out to a telephone number."""
    talks: dict[CallId, Talk] = field(default_factory=dict)
    by_sip: dict[LegId, GuestLeg] = field(default_factory=dict)
    by_media: dict[LegId, GuestLeg] = field(default_factory=dict)
    count: int = 0

    # --- the agent ----------------------------------------------------------------------

    def begin(self, call: CitizenCall, leg: AgentLeg, now: float) -> None:
        """Agent and caller hear each other; if the lane says so, the agent is told of it first."""
        rules = call.house.lanes[leg.lane]
        music = Aside((call.house.music,) if call.house.music else ())
        talk = Talk(call.id, call.leg, leg, leg.lane, music)
        self.talks[call.id] = talk
        if rules.recording == "never":
            self.pause_recording(talk, call, "lane", on=True, now=now)
        files = rules.briefing_files(waited(call, now))
        if files:
            talk.briefing, talk.brief_until = Aside(files, loop=False), now + self._limit(call)
            talk.brief_playback = talk.playback + 1
        self.shape(talk)

    def _limit(self, call: CitizenCall) -> float:
        return call.house.in_call.brief_limit

    def briefed(self, talk: Talk, call: CitizenCall, now: float, *, cut: bool) -> None:
        """The announcement is over: the two hear each other at once."""
        if talk.briefing is not None and talk.agent is not None:
            talk.briefing = None
            call.note(Briefed(call.id, now, talk.agent.agent, cut))
            self.shape(talk)

    def phone_held(self, leg: CalledLeg, *, on_hold: bool) -> None:
        """A phone in a talk put us on hold, or came back."""
        talk = self.talks.get(leg.call)
        leg.on_hold = on_hold
        if talk is not None:
            self.shape(talk)

    def agent_gone(self, call: CitizenCall, now: float, *, by_peer: bool, lost: bool) -> Outcome:
        """The agent is out of the talk: those who were reached talk on, or are rung on.

        A caller whose agent's phone vanished takes a place in the lane again.
        """
        talk = self.talks[call.id]
        assert talk.agent is not None, "gone twice"
        by = talk.agent.agent
        self._release_agent(talk, call, hang_up=not by_peer, now=now)
        errand = talk.errand
        if errand is not None:
            self.lines.drop(errand.line, now)
            errand.referral = errand.line = None
            if errand.guest.answered:
                self._hand_over(talk, call, errand, now)
            else:
                errand.how = How.TRANSFER
                self.shape(talk)
            return None
        if talk.guests:
            call.note(Transferred(call.id, now, by, talk.guests[0].target))
            self.shape(talk)
            return None
        if lost:
            return self.back_to_lane(talk, call, "agent_lost", now)
        return (
            self._goes_on(talk, call, by, now) if call.walk.goes_on_after_agent else _over("agent")
        )

    def _goes_on(self, talk: Talk, call: CitizenCall, by: AgentId, now: float) -> Outcome:
        """The agent has hung up, and the flow has more for the caller: a mark, perhaps."""
        call.note(AgentLeft(call.id, now, by))
        self.leave_to_flow(talk, call, now)
        return call.walk.agent_left(now)

    def _release_agent(
        self, talk: Talk, call: CitizenCall, *, hang_up: bool, now: float
    ) -> AgentId | None:
        """Let the agent go, into wrap-up."""
        leg, talk.agent, talk.briefing = talk.agent, None, None
        talk.held = talk.muted = False
        if leg is None:
            return None
        self.agents.part(call, hang_up=hang_up, now=now)
        self.outputs.append(CloseLeg(leg.media))
        return leg.agent

    # --- reaching for somebody ------------------------------------------------------------

    def answered(
        self, call: CitizenCall, guest: GuestLeg, answer: SessionDescription | None, now: float
    ) -> Outcome:
        """They answered: what follows was said when they were called."""
        agreed = guest.agreed = self.sessions.agreed_with(guest, answer)
        if agreed is None:
            return self.failed(call, guest, "phone_fault", now)
        self.outputs.append(connected_leg(guest, agreed))
        if guest.turn is None:
            return self.accepted(call, guest, now)
        self.ask_for_key(guest, now)
        return None

    def accepted(self, call: CitizenCall, guest: GuestLeg, now: float) -> Outcome:
        """They are there for the call, not a machine in their place."""
        talk, guest.answered_at = self.talks[call.id], now
        if guest.reserved and guest.agent is not None:
            self.roster.take(guest.agent, Step.ANSWER, now)
        if guest.how is not None and guest.agent is not None:
            call.note(Supervised(call.id, now, guest.agent, guest.how.value))
        elif talk.errand is not None:
            call.note(Reached(call.id, now, guest.target))
            return self._errand_answered(talk, call, talk.errand, now)
        self.shape(talk)
        return None

    def _errand_answered(
        self, talk: Talk, call: CitizenCall, errand: Errand, now: float
    ) -> Outcome:
        match errand.how:
            case _ if errand.by is None:
                self._leave_flow_for(talk, call, errand.guest, now)
                return []  # the flow is over, and its instants with it
            case How.TRANSFER:
                self._hand_over(talk, call, errand, now)
            case How.JOIN:
                self.join(talk, call, now)
            case How.CONSULT:
                if errand.line is not None:
                    self.lines.answer(errand.line, now)
                self.shape(talk)
        return None

    def _end_errand(self, talk: Talk, now: float) -> Errand:
        """Nobody is reached for any more."""
        errand, talk.errand = talk.errand, None
        assert errand is not None, "ended twice"
        self.lines.drop(errand.line, now)
        return errand

    def join(self, talk: Talk, call: CitizenCall, now: float) -> None:
        """Let all hear each other."""
        assert talk.errand is not None and talk.errand.guest.answered
        guest, talk.held = self._end_errand(talk, now).guest, False
        talk.guests.append(guest)
        call.note(Joined(call.id, now, guest.target))
        self.shape(talk)

    def complete(self, talk: Talk, call: CitizenCall, now: float) -> None:
        """Leave the caller with the one consulted."""
        assert talk.errand is not None and talk.errand.guest.answered
        self._hand_over(talk, call, talk.errand, now)

    def _hand_over(self, talk: Talk, call: CitizenCall, errand: Errand, now: float) -> None:
        """The agent leaves the caller to the guest; a guest of our own is the agent from now on."""
        if errand.referral is not None:
            self.stack.tell_referral(errand.referral, 200, "OK", now)
        self._release_agent(talk, call, hang_up=True, now=now)
        guest = self._end_errand(talk, now).guest
        assert errand.by is not None, "the flow's are handed over otherwise"
        call.note(Transferred(call.id, now, errand.by, guest.target))
        if self._stays_as_agent(talk, guest):
            self.outputs += call.hearing.begin(guest.media, "agent", call.walk.language)
        self.shape(talk)

    def _stays_as_agent(self, talk: Talk, guest: GuestLeg) -> bool:
        """Leave the talk to a guest; tell whether that one is an agent of ours, and now its."""
        if guest.agent is None or not guest.reserved:
            talk.guests.append(guest)
            return False
        talk.agent = self._promoted(talk, guest, guest.agent)
        return True

    def _promoted(self, talk: Talk, guest: GuestLeg, agent: AgentId) -> AgentLeg:
        """Make a guest the talk's agent."""
        leg = guest.as_agent(agent, talk.lane)
        self.by_media.pop(guest.media, None)
        self.by_sip.pop(guest.sip or LegId(""), None)
        self.agents.adopt(leg)
        return leg

    # --- those who do not come, and those who leave -------------------------------------------

    def failed(self, call: CitizenCall, guest: GuestLeg, why: str, now: float) -> Outcome:
        """They do not come: agent and caller are together again, unless another is rung."""
        if self.next_expert(call, guest, why, now):
            return None
        talk = self.talks[call.id]
        self._drop(call, guest, why, now)
        errand = talk.errand
        if guest in talk.supervisors:
            talk.supervisors.remove(guest)
            assert guest.agent is not None
            call.note(SupervisionEnded(call.id, now, guest.agent, why))
            return None
        assert errand is not None and errand.guest is guest
        self._end_errand(talk, now)
        if errand.referral is not None:
            self.stack.tell_referral(errand.referral, NEWS.get(why, 500), "Not reached", now)
        call.note(NotReached(call.id, now, guest.target, why))
        if errand.by is None:
            return self._back_in_node(call, why, now)
        return self._rest(talk, call, now)

    # --- whom the flow sends the caller to ----------------------------------------------------

    def send_on(self, call: CitizenCall, guest: GuestLeg, now: float) -> None:
        """Call somebody for a caller who hears the flow until they answer."""
        music = Aside((call.house.music,) if call.house.music else ())
        talk = Talk(call.id, call.leg, None, call.home_lane, music)
        guest.bound(call.walk.next_deadline())
        talk.errand = Errand(guest, How.TRANSFER, None)
        self.talks[call.id] = talk
        self.call_guest(call, guest, now)
        self.set_timer(call.id)

    def _leave_flow_for(self, talk: Talk, call: CitizenCall, guest: GuestLeg, now: float) -> None:
        """They answered: what the caller heard stops, and the two talk."""
        call.walk.agent_answered(now)
        call.stop_playing()
        self._end_errand(talk, now)
        ours = self._stays_as_agent(talk, guest)
        call.joined(guest.agent if ours else None, guest.media, now)
        self.shape(talk)

    def _back_in_node(self, call: CitizenCall, why: str, now: float) -> Outcome:
        """They did not come: the flow goes on by what the node says."""
        del self.talks[call.id]
        self.set_timer(call.id)
        return call.walk.answered(ANSWERS.get(why, "failed"), {}, now)

    def late(self, call: CitizenCall, now: float) -> Outcome:
        """The flow's time is over; None if it waits for nobody who is called."""
        talk = self.talks.get(call.id)
        if talk is None or talk.errand is None:
            return None
        return self.failed(call, talk.errand.guest, "no_answer", now)

    def dismiss(self, call: CitizenCall, guest: GuestLeg, why: str, now: float) -> Outcome:
        """Let one who answered go, or take it that they went: `hung_up`, `lost`, `dismissed`."""
        talk = self.talks[call.id]
        self._drop(call, guest, why, now)
        if guest in talk.supervisors:
            talk.supervisors.remove(guest)
            assert guest.agent is not None
            call.note(SupervisionEnded(call.id, now, guest.agent, why))
            self.shape(talk)
            return None
        if guest in talk.guests:
            talk.guests.remove(guest)
        else:
            self._end_errand(talk, now)
        call.note(GuestLeft(call.id, now, guest.target, why))
        if talk.agent is None and not talk.guests and talk.errand is None and why == "hung_up":
            return _over("guest")
        return self._rest(talk, call, now)

    def _rest(self, talk: Talk, call: CitizenCall, now: float) -> Outcome:
        """Go on with who is left; a caller left alone goes back to the lane."""
        if talk.agent is None and not talk.guests and talk.errand is None:
            return self.back_to_lane(talk, call, "not_reached", now)
        self.shape(talk)
        return None

    def _drop(self, call: CitizenCall, guest: GuestLeg, why: str, now: float) -> None:
        """Forget a guest's leg; one of our own is free again."""
        if guest.sip is not None:
            self.by_sip.pop(guest.sip, None)
            if why != "hung_up":
                self.stack.hang_up(guest.sip, now)
        self.outputs.append(CloseLeg(guest.media))
        if not guest.reserved or guest.agent is None:
            return
        guest.reserved = False
        if guest.answered:
            rest = 0.0 if guest.how is not None else call.house.lanes[self._lane(call)].wrap_up
            self.roster.take(guest.agent, Step.HANG_UP, now, lasts=rest)
        else:
            self.roster.take(guest.agent, STEP.get(why, Step.WITHDRAW), now)

    def _lane(self, call: CitizenCall) -> LaneId:
        return self.talks[call.id].lane

    def back_to_lane(self, talk: Talk, call: CitizenCall, why: str, now: float) -> Outcome:
        """Give a caller whom nobody talks with a place in the lane again, before others."""
        self._release_agent(talk, call, hang_up=True, now=now)
        commands = call.walk.sent_to(talk.lane, now)
        if commands is None:
            lost = why == "agent_lost"
            return Finish("us", Reason.AGENT_LOST if lost else Reason.NOT_REACHED)
        call.note(Returned(call.id, now, talk.lane, why))
        self.leave_to_flow(talk, call, now)
        return commands

    def leave_to_flow(self, talk: Talk, call: CitizenCall, now: float) -> None:
        """The talk is over, and the caller goes on in the flow."""
        self._release_agent(talk, call, hang_up=True, now=now)
        self.over(call, now)
        self.outputs += orders(call.id, talk.sound, Sound(), 0)
        call.back_in_flow()

    def over(self, call: CitizenCall, now: float) -> None:
        """The call ends, or leaves its agent: whoever was called or reached is let go."""
        talk = self.talks.get(call.id)
        if talk is None:
            return
        if talk.errand is not None:
            self.lines.drop(talk.errand.line, now)
        for guest in talk.legs():
            self._drop(call, guest, "call_over", now)
            if guest.how is not None and guest.agent is not None:
                call.note(SupervisionEnded(call.id, now, guest.agent, "call_over"))
            elif guest.answered:
                call.note(GuestLeft(call.id, now, guest.target, "call_over"))
            else:
                call.note(NotReached(call.id, now, guest.target, "call_over"))
        del self.talks[call.id]
        self.set_timer(call.id)

    # --- time ---

    def due(self, call: CitizenCall, now: float) -> Iterable[Outcome]:
        """Give up guests who rang for too long; cut an announcement that is too long."""
        talk = self.talks.get(call.id)
        if talk is None:
            return
        if talk.briefing is not None and talk.brief_until <= now:
            self.briefed(talk, call, now, cut=True)
        for guest in talk.legs():
            if call.id in self.talks and not guest.answered and guest.ring_until <= now:
                yield self.failed(call, guest, "no_answer", now)
        self.set_timer(call.id)


def waited(call: CitizenCall, now: float) -> float:
    """Return for how many seconds the caller waited in the lane."""
    since = next((fact.at for fact in reversed(call.facts) if isinstance(fact, Queued)), now)
    return now - since


def _over(by: str) -> Finish:
    return Finish(by, Reason.COMPLETED)
