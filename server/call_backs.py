"""Calling back those who asked for it: they keep their place, and nobody is on the line.

A call-back waits in the waiting room like a caller. When it is its turn an agent's phone
rings; when the agent answers, the citizen is dialled through a trunk, and the two are
bridged at the citizen's answer. One who does not answer is tried again later, a few times.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from agents.agent import Doing, Step
from calls.events import Arrived, FlowChosen, Queued
from calls.ids import AgentId, CallId, LaneId, Language, LegId
from calls.lane_events import (
    CALLED_BACK,
    CallBackEnded,
    CallBackTried,
    OrderCalled,
    OrderCallEnded,
)
from calls.reasons import Reason
from ivr.flow import Flow
from media.commands import OpenLeg, Play, StopPlaying
from queueing.acd import Pair
from queueing.ticket import Favour, Ticket
from server.agent_leg import AgentLeg
from server.asked import Refused
from server.citizen_call import CitizenCall, Turn
from server.outbound import DIAL, Outbound
from server.session_side import connected, connected_caller
from sip.sdp import Agreed, SessionDescription
from storage.call_backs import OpenWish

BACK = "call-back"
"""Kind of deadlines: a call-back is to be tried, by the call it was asked in."""
WELL = "talked"
FREE = (Doing.READY, Doing.WRAP_UP, Doing.PAUSED)
"""In which an agent may call from an order."""


@dataclass(frozen=True, slots=True)
class CallBack:
    """Somebody who is to be called back."""

    asked_in: CallId
    number: str
    """Personal data."""
    lane: LaneId
    since: float
    """Since when the place is held."""
    flow: Flow
    language: Language
    attempt: int = 0
    by: AgentId | None = None
    """Who calls from an order; None: the citizen asked to be called back."""


@dataclass(slots=True)
class CallBacks(Outbound):
    """All call-backs."""

    waiting: dict[CallId, CallBack] = field(default_factory=dict)
    """By the call it was asked in: those whose time has not come."""
    by_call: dict[CallId, CallBack] = field(default_factory=dict)
    """By our call: those who wait for an agent, or are dialled, or talk."""

    # --- wishes ----------------------------------------------------------------------------

    def asked(self, call: CitizenCall, number: str, lane: LaneId, now: float) -> None:
        """Take a wish; the place is that of the lane the caller waited in, if in this one."""
        places = [f.at for f in call.facts if isinstance(f, Queued) and f.lane == lane]
        since = min(places, default=now)
        wish = CallBack(call.id, number, lane, since, call.flow, call.walk.language)
        self.plan(wish, now, now)

    def restore(self, wish: OpenWish, now: float) -> None:
        """Go on with a wish of an earlier start of the engine, if there still is such a lane."""
        flow = self.house.flow_for(wish.dialled)
        if flow is not None and wish.lane in self.house.lanes:
            back = CallBack(
                wish.asked_in, wish.number, wish.lane, wish.since, flow, flow.language, wish.attempt
            )
            self.plan(back, wish.at, now)

    def rest(self) -> list[CallId]:
        """Begin nothing more; return the calls that have no agent yet."""
        self.waiting.clear()
        return [call for call in self.by_call if call in self.flow.waiting]

    def plan(self, wish: CallBack, at: float, now: float) -> None:
        """Try at a time, or when the window opens next after it."""
        self.waiting[wish.asked_in] = wish
        rules = self.house.call_backs
        moment = max(at, now)
        while not self._open(moment) and moment < at + rules.look_ahead:
            moment += rules.look_every
        self.deadlines.set((BACK, wish.asked_in), moment)

    def _open(self, at: float) -> bool:
        hours = self.house.call_backs.hours
        return hours is None or hours.is_open(datetime.fromtimestamp(at, UTC))[0]

    def due(self, asked_in: CallId, now: float) -> None:
        """Let a call-back take its place in the lane."""
        wish = self.waiting.pop(asked_in, None)
        if wish is None:
            return
        if not self._open(now):
            self.plan(wish, now, now)
            return
        wish = replace(wish, attempt=wish.attempt + 1)
        call = self._begun(wish, now)
        call.note(Queued(call.id, now, wish.lane))
        call.note(CallBackTried(wish.asked_in, now, wish.attempt, call.id))
        call.lane = wish.lane
        staff = self.flow.roster.staff()
        favour = Favour(since=wish.since, patient=True)
        self.flow.waiting.admit(call.id, wish.lane, now, staff, favour)
        self.flow.match(now)

    def _begun(self, wish: CallBack, now: float) -> CitizenCall:
        """Begin a call of ours; nobody is dialled yet."""
        call = CitizenCall(
            self.new_call(), LegId(""), wish.flow, None, "", self.house, self.outputs,
            caller=wish.number, outgoing=True,
        )  # fmt: skip
        call.leg = LegId(f"{call.id}.citizen")
        call.walk.language = wish.language
        call.note(Arrived(call.id, now, wish.number, CALLED_BACK, "", wish.asked_in))
        call.note(FlowChosen(call.id, now, wish.flow.name, self.house.version))
        self.by_call[call.id] = wish
        self.enter(call)
        return call

    def from_order(self, wish: CallBack, now: float) -> Refused | None:
        """Ring the agent who wants to call the citizen of an order; or say why not."""
        assert wish.by is not None, "an agent wants it"
        roster = self.flow.roster
        refusal = self._refusal(wish, wish.by, now)
        if refusal is not None:
            return refusal
        if roster[wish.by].doing is not Doing.READY:
            rests = roster[wish.by].doing is Doing.PAUSED
            roster.take(wish.by, Step.RESUME if rests else Step.FINISH_WRAP_UP, now)
        call = self._begun(wish, now)
        call.note(OrderCalled(wish.asked_in, now, wish.by, call.id))
        ticket = Ticket(call.id, wish.lane, frozenset(), now)
        pair = Pair(ticket, wish.by, "本人从工单回拨", "calls from the order")
        self.flow.agents.ring(call, pair, now)
        self.flow.set_timers(call)
        return None

    def _refusal(self, wish: CallBack, by: AgentId, now: float) -> Refused | None:
        if by not in self.flow.roster:
            return Refused("unknown", f"没有坐席 {by}", f"there is no agent {by}")
        if self.flow.roster[by].doing not in FREE:
            return Refused("not_now", "您现在不空闲，不能外呼", "you are not free to call out now")
        if self.flow.agents.reach(by, now) is None:
            return Refused("no_way", "找不到您的话机", "your phone is not registered")
        if any(one.asked_in == wish.asked_in for one in self.by_call.values()):
            return Refused("not_now", "已经在给这位市民回电", "this citizen is being called")
        if not self.trunks.place(wish.number):
            zh, en = "没有能拨出这个号码的线路", "no trunk dials out to this number"
            return Refused("no_way", zh, en)
        return None

    def is_of_one_agent(self, call: CitizenCall) -> bool:
        """Tell whether only the agent who wanted a call may have it."""
        wish = self.by_call.get(call.id)
        return wish is not None and wish.by is not None

    # --- the call ------------------------------------------------------------------------------

    def agent_answered(self, call: CitizenCall, leg: AgentLeg, agreed: Agreed, now: float) -> bool:
        """The agent is there, and hears music until the citizen is: dial. False: no way out."""
        leg.answered_at = now
        self.flow.roster.take(leg.agent, Step.ANSWER, now)
        self.flow.waiting.leave(call.id, now)
        call.lane = None
        self.outputs.append(connected(leg.media, agreed, leg.destination[0]))
        if self.house.music:
            self.outputs.append(Play(leg.media, 1, (self.house.music,), True))
        if not self.trunks.place(self.by_call[call.id].number):
            return False
        call.open_legs.add(call.leg)
        self.outputs.append(OpenLeg(call.leg, self.house.media_address))
        return True

    def citizen_answered(
        self, call: CitizenCall, leg: AgentLeg, answer: SessionDescription | None, now: float
    ) -> bool:
        """Bridge the two; False if the citizen's side speaks nothing that we do."""
        agreed = self.sessions.agreed_with_citizen(call, answer)
        if agreed is None:
            return False
        self.deadlines.set((DIAL, call.id), None)
        call.agreed = agreed
        self.outputs += [StopPlaying(leg.media), connected_caller(call, agreed)]
        call.picked_up(now)
        call.take(Turn.CONFIRM)
        call.walk.begin(now)  # its commands are for callers: this one was told in the first call
        call.walk.sent_to(self.by_call[call.id].lane, now)
        call.walk.agent_answered(now)
        call.joined(leg.agent, leg.media, now)
        return True

    def over(self, call: CitizenCall, reason: Reason, now: float) -> None:
        """A call of ours is over: was it a talk, or is it tried again?"""
        wish = self.by_call.pop(call.id, None)
        self.placements.pop(call.id, None)
        self.deadlines.set((DIAL, call.id), None)
        if wish is None:
            return
        rules = self.house.call_backs
        outcome = WELL if call.agent is not None else call.dial_outcome or "agent_lost"
        if wish.by is not None:
            call.note(OrderCallEnded(wish.asked_in, now, call.id, outcome))
            return
        again = None
        if outcome != WELL and wish.attempt < rules.attempts:
            # An attempt that failed on our side costs the citizen no attempt of theirs.
            again = now + (rules.retry_after if outcome != "agent_lost" else rules.step)
        call.note(CallBackEnded(wish.asked_in, now, wish.attempt, outcome, again))
        if again is not None:
            self.plan(wish, again, now)

    def number_of(self, call: CitizenCall) -> str:
        """Return whom a call is for."""
        return self.by_call[call.id].number

    def rings_for(self) -> float:
        """Return for how many seconds a citizen's phone rings."""
        return self.house.call_backs.ring

    def named(self, call: CitizenCall) -> None:
        """The call has another leg at the stack."""
        self.name_leg(call.sip, call)
