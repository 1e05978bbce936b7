"""What agents and supervisors ask for, done or refused in words; the same for page, keys, REFER."""

from dataclasses import dataclass, replace

from agents.agent import Doing, Step
from agents.roster import Roster
from calls.ids import AgentId, CallId, LaneId, LegId
from calls.talk_events import (
    AbuseReported,
    Held,
    HelpAsked,
    HelpEnded,
    Muted,
    ReachedFor,
    Resumed,
    Supervised,
    Transferred,
)
from queueing.waiting import WaitingRoom
from server import asked
from server.asked import How, Reach, Refused, ToLane, label
from server.citizen_call import CitizenCall
from server.key_sending import send_keys
from server.reaching import Found, Ways, case_of, find
from server.talk import Errand, GuestLeg, Outcome, Talk
from server.talk_side import TalkSide

NO_TALK = Refused("not_now", "您现在没有在通话", "you are in no call now")
BUSY = Refused(
    "not_now", "已经在呼叫或咨询另一方，请先完成或取消", "somebody is reached for already"
)
NOBODY = Refused("not_now", "现在没有咨询中的对方", "nobody is consulted now")
RINGS = Refused("not_now", "对方还没有接听", "they have not answered yet")


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants what of which talk."""

    talk: Talk
    call: CitizenCall
    by: AgentId
    referral: LegId | None = None
    """The leg, at the stack, whose REFER it is."""


@dataclass(slots=True)
class Asking:
    """Carries out actions; what the call does next is returned, for the call's life to do."""

    talks: TalkSide
    roster: Roster
    waiting: WaitingRoom

    # --- in a talk ------------------------------------------------------------------------

    def in_talk(self, wish: Wish, action: asked.InTalk, now: float) -> Outcome | Refused:
        """Do what the agent of a talk asks for."""
        talk, call = wish.talk, wish.call
        if talk.briefing is not None:
            self.talks.briefed(talk, call, now, cut=True)
        match action:
            case Reach():
                return self._reach(wish, action, now)
            case asked.Complete() | asked.Cancel() | asked.ThreeWay():
                return self._settle(wish, action, now)
            case asked.HangUp():
                return self.talks.agent_gone(call, now, by_peer=False, lost=False)
            case asked.PauseRecordingNow() | asked.SendKeys():
                return self._for_the_line(wish, action, now)
            case asked.AskHelp() | asked.EndHelp() | asked.ReportAbuse():
                self._help(wish, action, now)
                return None
            case asked.Hold() | asked.Resume() | asked.Mute():
                return self._step_aside(wish, action, now)

    def _step_aside(
        self, wish: Wish, action: asked.Hold | asked.Resume | asked.Mute, now: float
    ) -> Refused | None:
        talk, call = wish.talk, wish.call
        match action:
            case asked.Mute(on=on):
                talk.muted = on
                call.note(Muted(call.id, now, wish.by, on))
            case _ if talk.errand is not None and talk.errand.how is not How.JOIN:
                return BUSY
            case asked.Hold() if not talk.held:
                talk.held = True
                call.note(Held(call.id, now, wish.by))
            case asked.Resume() if talk.held:
                talk.held = False
                call.note(Resumed(call.id, now, wish.by))
        self.talks.shape(talk)
        return None

    def _for_the_line(
        self, wish: Wish, action: asked.PauseRecordingNow | asked.SendKeys, now: float
    ) -> Refused | None:
        if isinstance(action, asked.SendKeys):
            return send_keys(wish.call, wish.talk, action, self.talks.stack, now)
        return self._pause_recording(wish, action.on, now)

    def _pause_recording(self, wish: Wish, on: bool, now: float) -> Refused | None:
        rule = wish.call.house.lanes[wish.talk.lane].recording
        if rule == "always" and on:
            zh, en = "这个队列的录音不能暂停", "this lane's recording is never paused"
            return Refused("forbidden", zh, en)
        if rule == "never" and not on:
            return Refused("forbidden", "这个队列不录音", "this lane is not recorded")
        if wish.talk.recording_paused is not on:
            self.talks.pause_recording(wish.talk, wish.call, wish.by, on=on, now=now)
        return None

    def _help(
        self, wish: Wish, action: asked.AskHelp | asked.EndHelp | asked.ReportAbuse, now: float
    ) -> None:
        talk, call = wish.talk, wish.call
        match action:
            case asked.AskHelp(text=text) if not talk.help_asked:
                talk.help_asked = True
                call.note(HelpAsked(call.id, now, wish.by, text))
            case asked.EndHelp() if talk.help_asked:
                talk.help_asked = False
                call.note(HelpEnded(call.id, now, wish.by))
            case asked.ReportAbuse() if wish.by not in call.abused:
                call.abused.add(wish.by)
                call.note(AbuseReported(call.id, now, wish.by))

    def _reach(self, wish: Wish, action: Reach, now: float) -> Outcome | Refused:
        talk, call = wish.talk, wish.call
        if talk.errand is not None:
            return BUSY
        if isinstance(action.target, ToLane):
            return self._to_lane(wish, action.target.lane, action.how, now)
        found = find(action.target, call.house.in_call, self._ways(now))
        if isinstance(found, Refused):
            return found
        guest = self._guest(call, action.target, found, now)
        talk.errand = Errand(guest, action.how, wish.by, wish.referral)
        call.note(ReachedFor(call.id, now, wish.by, guest.target, action.how.value))
        self.talks.call_guest(call, guest, now)
        self.talks.shape(talk)
        return None

    def _ways(self, now: float) -> Ways:
        agents, trunks = self.talks.agents, self.talks.trunks
        return Ways(self.roster, lambda agent: agents.reach(agent, now), trunks.place, now)

    def _guest(self, call: CitizenCall, target: asked.Target, found: Found, now: float) -> GuestLeg:
        guest = GuestLeg(
            call=call.id,
            media=self.talks.leg_name(call.id),
            uri=found.uri,
            destination=found.destination,
            ring_until=now + call.house.in_call.ring,
            target=label(target),
            agent=found.agent,
            reserved=found.agent is not None,
            headers=case_of(call) if found.context else (),
        )
        guest.use(found.placements)
        if found.turn is not None:
            guest.take(found.turn, now)
        return guest

    def _to_lane(self, wish: Wish, lane: LaneId, how: How, now: float) -> Outcome | Refused:
        refusal = self._lane_refuses(wish.call, lane, how, now)
        if refusal is not None:
            return refusal
        spoken = wish.call.house.lanes[lane].language
        foreign = spoken if spoken != wish.call.flow.language else None  # others take all callers
        commands = wish.call.walk.sent_to(lane, now, foreign)
        if commands is None:
            zh, en = "这个流程里没有这个队列", "the call's flow has no such lane"
            return Refused("unknown", zh, en)
        if wish.referral is not None:
            self.talks.stack.tell_referral(wish.referral, 200, "OK", now)
        wish.call.note(Transferred(wish.call.id, now, wish.by, label(ToLane(lane))))
        self.talks.leave_to_flow(wish.talk, wish.call, now)
        return commands

    def _lane_refuses(
        self, call: CitizenCall, lane: LaneId, how: How, now: float
    ) -> Refused | None:
        rules = call.house.lanes.get(lane)
        if rules is None:
            return Refused("unknown", f"没有队列 {lane}", f"there is no lane {lane}")
        if how is not How.TRANSFER:
            zh, en = "队列只能转接，不能咨询", "a lane can only be transferred to"
            return Refused("forbidden", zh, en)
        if not rules.is_open(now):
            return Refused("not_now", f"队列 {lane} 现在不开放", f"lane {lane} is closed now")
        if not self.waiting.staffed(lane, self.roster.staff()):
            return Refused("not_now", f"队列 {lane} 没有坐席", f"nobody serves lane {lane} now")
        return None

    def _settle(
        self, wish: Wish, action: asked.Complete | asked.Cancel | asked.ThreeWay, now: float
    ) -> Outcome | Refused:
        """Say how it goes on with the one who was reached for."""
        talk, call = wish.talk, wish.call
        errand = talk.errand
        if errand is None:
            if isinstance(action, asked.Cancel) and talk.guests:
                return self.talks.dismiss(call, talk.guests[-1], "dismissed", now)
            if isinstance(action, asked.Complete) and talk.guests:
                return self.talks.agent_gone(call, now, by_peer=False, lost=False)
            return NOBODY
        if isinstance(action, asked.Cancel):
            if errand.guest.answered:
                return self.talks.dismiss(call, errand.guest, "dismissed", now)
            return self.talks.failed(call, errand.guest, "cancelled", now)
        if not errand.guest.answered:
            return RINGS
        if isinstance(action, asked.ThreeWay):
            self.talks.join(talk, call, now)
        else:
            self.talks.complete(talk, call, now)
        return None

    # --- the flow ---------------------------------------------------------------------------

    def send_on(
        self, call: CitizenCall, target: asked.Target, context: bool, now: float
    ) -> Refused | None:
        """Call somebody whom the flow sends the caller to, who hears the flow meanwhile."""
        found = find(target, call.house.in_call, self._ways(now))
        if isinstance(found, Refused):
            return found
        guest = self._guest(call, target, replace(found, context=context), now)
        self.talks.send_on(call, guest, now)
        return None

    # --- supervisors ------------------------------------------------------------------------

    def of_call(
        self, call: CitizenCall, by: AgentId, action: asked.OfCall, now: float
    ) -> Outcome | Refused:
        """Do what is asked of a call: by its agent, or by a supervisor."""
        match action:
            case asked.Supervise():
                return self.supervise(call, by, action, now)
            case asked.StopSupervising():
                found = self.supervised_by(by)
                assert found is not None, "the call was found by it"
                answered = found[1].answered
                end = self.talks.dismiss if answered else self.talks.failed
                return end(call, found[1], "dismissed" if answered else "cancelled", now)
            case _:
                return self.in_talk(Wish(self.talks.talks[call.id], call, by), action, now)

    def supervise(
        self, call: CitizenCall, supervisor: AgentId, action: asked.Supervise, now: float
    ) -> Refused | None:
        """Let a supervisor take part, or in another way."""
        if supervisor not in call.house.in_call.supervisors:
            return Refused("forbidden", "只有班长可以监听", "only supervisors may listen")
        talk = self.talks.talks[call.id]
        present = next((leg for leg in talk.supervisors if leg.agent == supervisor), None)
        if present is not None:
            present.how = action.how
            if present.answered:
                call.note(Supervised(call.id, now, supervisor, action.how.value))
                self.talks.shape(talk)
            return None
        if self.roster[supervisor].doing in (Doing.TALKING, Doing.RESERVED):
            return Refused("not_now", "您自己正在通话", "you are in a call yourself")
        at = self.talks.agents.reach(supervisor, now)
        if at is None:
            return Refused("no_way", "找不到您的话机", "your phone is not registered")
        guest = GuestLeg(
            call=call.id,
            media=self.talks.leg_name(call.id),
            uri=at[0],
            destination=at[1],
            ring_until=now + call.house.in_call.ring,
            target=f"agent:{supervisor}",
            agent=supervisor,
            how=action.how,
            reserved=self.roster[supervisor].doing is Doing.READY,
        )
        talk.supervisors.append(guest)
        self.talks.call_guest(call, guest, now)
        self.talks.set_timer(call.id)
        return None

    def call_of(self, agent: AgentId, action: asked.Action) -> CallId | None:
        """Return the call that somebody's wish is about; None if there is none."""
        match action:
            case asked.Supervise(agent=watched):
                return self._talk_of(watched)
            case asked.StopSupervising():
                found = self.supervised_by(agent)
                return None if found is None else found[0]
            case _:
                return self._talk_of(agent)

    def _talk_of(self, agent: AgentId) -> CallId | None:
        for call, talk in self.talks.talks.items():
            if talk.agent is not None and talk.agent.agent == agent:
                return call
        return None

    def supervised_by(self, supervisor: AgentId) -> tuple[CallId, GuestLeg] | None:
        """Return the call that somebody listens to."""
        for call, talk in self.talks.talks.items():
            for leg in talk.supervisors:
                if leg.agent == supervisor:
                    return call, leg
        return None

    # --- between calls ----------------------------------------------------------------------

    def between_calls(
        self,
        agent: AgentId,
        action: asked.Between,
        now: float,
    ) -> Refused | None:
        """Change what an agent is doing."""
        doing = self.roster[agent].doing
        rules = self.talks.house.in_call
        match action:
            case asked.FinishWrapUp() if doing is Doing.WRAP_UP:
                self.roster.take(agent, Step.FINISH_WRAP_UP, now)
            case asked.ExtendWrapUp(seconds=seconds) if doing is Doing.WRAP_UP:
                most = rules.extension_limit
                if not 0 < seconds <= most:
                    zh, en = f"一次最多延长 {most:.0f} 秒", f"{most:.0f} seconds at most"
                    return Refused("forbidden", zh, en)
                self.roster.extend_wrap_up(agent, seconds)
            case asked.TakeBreak(reason=reason) if reason not in rules.breaks:
                return Refused("unknown", "没有这个暂停原因", "no such reason for a break")
            case asked.TakeBreak(reason=reason) if doing in _BREAKABLE:
                self.roster.take(agent, Step.PAUSE, now, reason=reason)
            case asked.BackToWork() if doing is Doing.PAUSED:
                self.roster.take(agent, Step.RESUME, now)
            case _:
                zh = f"现在的状态是 {doing.value}，不能这样做"
                return Refused("not_now", zh, f"not while {doing.value}")
        return None


_BREAKABLE = (Doing.READY, Doing.WRAP_UP, Doing.PAUSED)
