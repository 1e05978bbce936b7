"""What becomes of one call as things happen to it: the flow goes on, an agent joins, it ends."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from calls.deadlines import Deadlines
from calls.ids import CallId, LegId, PromptId
from calls.reasons import Reason
from ivr import commands as way
from media import commands as media
from server.agent_leg import AgentLeg
from server.agent_side import AgentSide
from server.call_backs import CallBacks
from server.calls_of_ours import CallsOfOurs
from server.citizen_call import CitizenCall, Stage
from server.flow_side import RING, WALK, FlowSide
from server.house import House
from server.outbound import DIAL
from server.outputs import Output
from server.present import Present
from server.second_line import SecondLine
from server.session_side import SessionSide
from server.surveys import Surveys
from server.talk import Finish, GuestLeg, Outcome
from server.talk_events import TalkEvents
from server.talk_side import TalkSide
from server.talk_sound import GUESTS
from sip import events as sip
from sip.sdp import SessionDescription
from sip.stack import Stack

log = logging.getLogger("call_life")

CANNOT_HEAR = PromptId("cannot_hear")
LATE = "late"
"""Kind of the deadline by which a call that is over must be settled."""

LOST = {
    "no_ack": Reason.NO_ACK,
    "no_prack": Reason.NO_ACK,
    "expired": Reason.NO_REFRESH,
    "no_refresh": Reason.NO_REFRESH,
    "unanswered": Reason.FAULT,  # we let a caller wait until the stack gave up
}
"""Why a call is over that the stack gave up, by the word that it says."""

LegEvent = (
    sip.CallCancelled
    | sip.CallConfirmed
    | sip.LegRinging
    | sip.LegAnswered
    | sip.LegRefused
    | sip.LegReoffered
    | sip.LegEnded
    | sip.LegKey
    | sip.LegReferred
)
"""What a leg may do at the stack."""


@dataclass(slots=True)
class CallLife(CallsOfOurs):
    """Tells each department what happened in a call, in the order that makes sense.

    `calls` and `by_leg` are the switchboard's tables; a settled call is taken out of both.
    """

    house: House
    stack: Stack
    agents: AgentSide
    flow: FlowSide
    sessions: SessionSide
    talks: TalkSide
    happenings: TalkEvents
    outputs: list[Output]
    deadlines: Deadlines[tuple[str, str]]
    calls: dict[CallId, CitizenCall]
    by_leg: dict[LegId, CitizenCall]
    backs: CallBacks
    surveys: Surveys
    present: Present = field(default_factory=Present)
    """The calls that came in and that somebody is on the line of."""

    # --- signalling -----------------------------------------------------------------------

    def citizen_event(self, call: CitizenCall, event: LegEvent, now: float) -> None:
        """Take what the caller's leg did."""
        if isinstance(event, sip.LegAnswered | sip.LegRefused):
            self.called(call, event, now)
            return
        match event:
            case sip.CallCancelled():
                self.end(call, "caller", Reason.CANCELLED, now)
            case sip.CallConfirmed(sdp=answer):
                self._confirmed(call, answer, now)
            case sip.LegReoffered(offer=offer):
                self.sessions.reoffered(call, offer, now)
            case sip.LegKey(key=key) if call.trunk.takes_info():
                self._key(call, key, now)
            case sip.LegEnded(by_peer=True):
                self.end(call, "caller", call.reason_of_hanging_up(), now)
            case sip.LegEnded(why=why):
                self.end(call, "us", LOST[why], now)

    def agent_event(self, call: CitizenCall, what: tuple[AgentLeg, LegEvent], now: float) -> None:
        """Take what the leg to an agent's phone did."""
        leg, event = what
        match event:
            case sip.LegEnded() if call.outgoing and call.id not in self.talks.talks:
                self.end(call, "agent", Reason.NOT_REACHED, now)
            case sip.LegAnswered(answer=answer):
                self._agent_answered(call, leg, answer, now)
            case sip.LegRefused(status=status):
                self.agents.refused(leg, call, status, now)
                self.offer_over(call, now)
            case _:
                self.follow(call, self.happenings.agent_event(call, leg, event, now), now)

    def guest_event(self, call: CitizenCall, what: tuple[GuestLeg, LegEvent], now: float) -> None:
        """Take what the leg to somebody else in a talk did."""
        leg, event = what
        self.follow(call, self.happenings.guest_event(call, leg, event, now), now)

    def line_event(self, call: CitizenCall, what: tuple[SecondLine, LegEvent], now: float) -> None:
        """Take what the second line of an agent's phone did."""
        line, event = what
        self.follow(call, self.happenings.line_event(call, line, event, now), now)

    def line_media(
        self, call: CitizenCall, what: tuple[SecondLine, media.Event], now: float
    ) -> None:
        """Take what the media worker says of it."""
        line, event = what
        self.follow(call, self.happenings.line_media(call, line, event, now), now)
        self.settle(call, now)

    def follow(self, call: CitizenCall, outcome: Outcome, now: float) -> None:
        """Do what a talk came to: the call ends, goes back to the flow, or just goes on."""
        match outcome:
            case Finish(by=by, reason=reason):
                self.end(call, by, reason, now)
            case None:
                self.flow.match(now)
            case commands:
                self.run(call, commands, now)

    def looked_up(self, call: CitizenCall, what: tuple[str, Mapping[str, str]], now: float) -> None:
        """Let the flow go on with what was found out."""
        self.run(call, call.walk.answered(*what, now), now)

    def _pick_up(self, call: CitizenCall, port: int, now: float) -> None:
        if call.outgoing:
            if not self.side_of(call).opened(call, port, now):
                self.no_way_out(call, now)
            return
        call.port = port
        self.sessions.pick_up(call, now)
        call.picked_up(now)

    def _confirmed(self, call: CitizenCall, answer: bytes | None, now: float) -> None:
        if not self.sessions.confirmed(call, answer):
            self.hang_up(call, Reason.BAD_OFFER, now)
        elif call.stage is Stage.PICKED_UP:  # else it is the ACK of a re-INVITE
            self.run(call, call.confirmed(now), now)

    def _key(self, call: CitizenCall, key: str, now: float) -> None:
        if call.stage is Stage.IN_FLOW and call.dying is None:
            self.run(call, call.walk.key_pressed(key, now), now)

    def citizen_said(self, call: CitizenCall, text: str, now: float) -> None:
        """Let the flow know what the caller said; only some nodes want it."""
        self.run(call, call.walk.heard(text, now), now)

    def run(self, call: CitizenCall, commands: Iterable[way.Command], now: float) -> None:
        """Let the flow go on; it may end the call."""
        end = self.flow.run(call, commands, now)
        if end is not None:
            self.hang_up(call, end, now)

    def _agent_answered(
        self, call: CitizenCall, leg: AgentLeg, answer: SessionDescription | None, now: float
    ) -> None:
        assert leg.sip is not None, "answered before it was invited"
        agreed = self.sessions.agreed_with(leg, answer)
        if agreed is None:
            self.stack.hang_up(leg.sip, now)
            self.agents.failed(leg, call, "phone_fault", now)
            self.offer_over(call, now)
            return
        if call.outgoing:
            if not self.backs.agent_answered(call, leg, agreed, now):
                self.no_way_out(call, now)
            self.flow.set_timers(call)
            return
        self.run(call, call.walk.agent_answered(now), now)
        self.agents.answered(leg, call, agreed, now)
        self.talks.begin(call, leg, now)
        self.flow.set_timers(call)
        call.draft_so_far()

    # --- media ----------------------------------------------------------------------------

    def recording_closed(self, call: CitizenCall, event: media.RecordingClosed, now: float) -> None:
        """The recording will not change any more."""
        call.recording_closed(event, now)
        self.settle(call, now)

    def citizen_media(self, call: CitizenCall, event: media.Event, now: float) -> None:
        """Take what the media worker says of the caller."""
        match event:
            case media.TapAudio():
                self.outputs += call.hearing.audio(event)
            case media.LegOpened() | media.LegFailed():
                self._port(call, event, now)
            case media.KeyHeard(key=key):
                self._key(call, key, now)
            case media.FirstPacket():
                call.media_seen = True
            case media.MediaSilent() if call.stage in (Stage.IN_FLOW, Stage.WITH_AGENT):
                self._silent(call, now)
            case media.LegClosed():
                call.leg_closed(event, "citizen", now)
                self.settle(call, now)
            case _ if call.stage is Stage.IN_FLOW:
                self.run(call, self._flow_event(call, event, now), now)

    def _port(
        self, call: CitizenCall, event: media.LegOpened | media.LegFailed, now: float
    ) -> None:
        """The caller's media port is there, or there is none."""
        if isinstance(event, media.LegFailed):
            call.open_legs.discard(call.leg)
            self.hang_up(call, Reason.FULL, now)
        elif call.stage is Stage.ARRIVING:
            self._pick_up(call, event.port, now)

    def _flow_event(self, call: CitizenCall, event: media.Event, now: float) -> list[way.Command]:
        """Tell the flow of prompts that ended and of speech."""
        match event:
            case media.PlaybackFinished(playback=n) | media.PlaybackFailed(playback=n):
                if n != call.playback:
                    return []
                if isinstance(event, media.PlaybackFailed):
                    log.error("prompt not played: %s", event.why)
                if call.dying is not None:
                    return [way.End(call.dying)]
                return call.walk.prompt_finished(now)
            case media.SpeechStarted():
                return call.walk.speech_started(now)
            case media.SpeechStopped():
                return call.walk.speech_stopped(now)
        return []

    def agent_media(
        self, call: CitizenCall, what: tuple[AgentLeg, media.Event], now: float
    ) -> None:
        """Take what the media worker says of an agent's phone."""
        leg, event = what
        match event:
            case media.TapAudio():
                self.outputs += call.hearing.audio(event)
            case media.LegOpened(port=port) if self.agents.by_call.get(call.id) is leg:
                self.agents.opened(leg, call, port, now)
            case media.LegFailed():
                call.open_legs.discard(leg.media)
                self.agents.media_closed(leg.media)
                if self.agents.by_call.get(call.id) is leg:
                    self.agents.failed(leg, call, "phone_fault", now)
                    self.offer_over(call, now)
            case media.LegClosed():
                self.agents.media_closed(leg.media)
                if leg.answered:
                    call.leg_closed(event, "agent", now)
                else:
                    call.open_legs.discard(leg.media)
                self.settle(call, now)
            case _ if call.id in self.talks.talks or not call.outgoing:
                self.follow(call, self.happenings.agent_media(call, leg, event, now), now)

    def guest_media(
        self, call: CitizenCall, what: tuple[GuestLeg, media.Event], now: float
    ) -> None:
        """Take what the media worker says of somebody else in a talk."""
        leg, event = what
        self.follow(call, self.happenings.guest_media(call, leg, event, now), now)
        self.settle(call, now)

    def _silent(self, call: CitizenCall, now: float) -> None:
        """No RTP: one who was never heard is told so before the end."""
        if call.media_seen or call.stage is Stage.WITH_AGENT:
            why = Reason.MEDIA_LOST if call.media_seen else Reason.NO_MEDIA
            self.hang_up(call, why, now)
        elif call.dying is None:
            self.flow.leave_lane(call, "no_media", now)
            call.dying = Reason.NO_MEDIA
            call.play((CANNOT_HEAR,), loop=False)
            self.flow.set_timers(call)

    # --- time -----------------------------------------------------------------------------

    def due(self, call: CitizenCall, kind: str, now: float) -> None:
        """Do what is due in a call."""
        if kind == WALK and call.id in self.talks.talks:
            self.follow(call, self.talks.late(call, now), now)
        elif kind == WALK:
            self.run(call, call.walk.tick(now), now)
        elif kind == RING:
            self._rang_in_vain(call, now)
        elif kind == GUESTS:
            for outcome in self.talks.due(call, now):
                self.follow(call, outcome, now)
        elif kind == DIAL:
            self.end(call, "us", self.side_of(call).refused(call, 408), now)
        elif kind == LATE:
            self.give_up(call, now)

    def _rang_in_vain(self, call: CitizenCall, now: float) -> None:
        leg = self.agents.by_call.get(call.id)
        if leg is not None and not leg.answered:
            self.agents.ring_time_over(leg, call, now)
            self.offer_over(call, now)

    # --- the end --------------------------------------------------------------------------

    def hang_up(self, call: CitizenCall, reason: Reason, now: float) -> None:
        """End a call from our side."""
        self.end(call, "us", reason, now)

    def end(self, call: CitizenCall, by: str, reason: Reason, now: float) -> None:
        """Nobody is on the line any more; a call already over stays as it is."""
        if call.stage is Stage.OVER:
            return
        self.present.leave(call.id)
        if by != "caller":
            self._say_goodbye(call, reason, now)
        self.talks.over(call, now)
        if call.lane is not None and call.stage is not Stage.WITH_AGENT:
            self.flow.leave_lane(call, "hung_up" if by == "caller" else reason.value, now)
        self.agents.part(call, hang_up=by != "agent", now=now)
        call.end(by, reason, now)
        self.flow.requests.left(call)
        if call.outgoing:
            self.side_of(call).over(call, reason, now)
        self.flow.set_timers(call)
        within = self.house.limits.transcript_within
        self.deadlines.set((LATE, call.id), now + within)
        self.settle(call, now)
        self.flow.match(now)

    def _say_goodbye(self, call: CitizenCall, reason: Reason, now: float) -> None:
        """BYE; or, to a caller whom we have not answered yet, a final answer."""
        if call.outgoing and call.dialog is None:
            return
        if call.outgoing or call.stage is not Stage.ARRIVING:
            self.stack.hang_up(call.sip, now, reason=f'Q.850;cause=16;text="{reason.value}"')
            return
        retry = (("Retry-After", str(self.house.limits.retry_after)),)
        status, headers = (500, ()) if reason is Reason.FAULT else (503, retry)
        self.stack.reject(call.leg, status, now, headers=headers)

    def settle(self, call: CitizenCall, now: float) -> None:
        """Forget a call that nothing more will come of."""
        if call.settled() and self.calls.pop(call.id, None) is not None:
            call.close_the_book(now)
            self.by_leg.pop(call.leg, None)
            self.by_leg.pop(call.sip, None)
            self.deadlines.set((LATE, call.id), None)

    def give_up(self, call: CitizenCall, now: float) -> None:
        """Wait no longer for what a call that is over still owes."""
        for leg in list(call.open_legs):
            call.open_legs.discard(leg)
            self.outputs += call.hearing.leg_closed(leg)
            self.agents.media_closed(leg)
            self.talks.by_media.pop(leg, None)
            self.talks.lines.by_media.pop(leg, None)
        if call.recording_open:
            call.recording_lost("the media worker did not close it", now)
        call.hearing.give_up()
        self.settle(call, now)
