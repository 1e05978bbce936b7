"""The switchboard: routes events to departments and their commands to legs and sessions.

Pure: no reactor, no socket, no clock. It opines on nothing; the flow decides what a
caller hears, the waiting room whose turn it is, the roster who may be rung.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.agent import Agent
from agents.roster import Roster
from calls.deadlines import Deadlines
from calls.events import Arrived, Ended, FlowChosen
from calls.ids import AgentId, CallId, LegId
from calls.reasons import Reason
from media import commands as media
from queueing.lane import Lane
from queueing.waiting import WaitingRoom
from server import asked as wishes
from server.admission import Doors, Refusal, admit, numbers_of
from server.agent_side import AgentSide
from server.asked import Between, OfCall, Refused
from server.asking import NO_TALK, Asking
from server.call_backs import BACK, CallBacks
from server.call_life import CallLife, LegEvent
from server.call_words import Action, CallWords
from server.citizen_call import CitizenCall, Stage
from server.danger_side import DangerSide
from server.flow_side import FlowSide
from server.house import House
from server.outputs import AskStanding, Output
from server.phones_side import PhonesSide
from server.requests import Requests
from server.second_line import SecondLines
from server.service_line import ServiceLine
from server.session_side import SessionSide
from server.surveys import SURVEY, Surveys
from server.talk import Outcome
from server.talk_events import TalkEvents
from server.talk_side import TalkSide
from server.trunk_rules import Gate
from server.trunks_side import TrunkSide
from sip import events as sip
from sip.registrar import PhoneGone, PhoneRegistered, Registrar
from sip.stack import Stack

log = logging.getLogger("call_control")

WAITING, ROSTER = "waiting room", "roster"


@dataclass(slots=True)
class CallControl(CallWords):
    """All calls of this engine.

    Inputs are what happened (`turn` for signalling, `media_event`, `heard`, `tick` …);
    what is to be done waits in `take_outputs`. A fault in one call ends that call and
    no other.
    """

    house: House
    stack: Stack
    registrar: Registrar
    waiting: WaitingRoom
    roster: Roster
    new_call: Callable[[], CallId]
    gate: Gate = field(default_factory=Gate)
    trunks: TrunkSide = field(default_factory=TrunkSide)
    """The only way out of the house to a telephone number."""
    draining: bool = False
    calls: dict[CallId, CitizenCall] = field(default_factory=dict)
    refused: Counter[Reason] = field(default_factory=Counter)
    faults: int = 0
    outputs: list[Output] = field(default_factory=list)
    agents: AgentSide = field(init=False)
    phones: PhonesSide = field(init=False)
    flow: FlowSide = field(init=False)
    talks: TalkSide = field(init=False)
    asking: Asking = field(init=False)
    life: CallLife = field(init=False)
    danger: DangerSide = field(init=False)
    line: ServiceLine = field(init=False)
    backs: CallBacks = field(init=False)
    surveys: Surveys = field(init=False)
    _by_leg: dict[LegId, CitizenCall] = field(default_factory=dict)
    _deadlines: Deadlines[tuple[str, str]] = field(default_factory=Deadlines)

    def __post_init__(self) -> None:
        sessions = SessionSide(self.house, self.stack, self.outputs)
        self._seat_people(sessions)
        self._lead_callers(sessions)
        self.life = CallLife(
            self.house,
            self.stack,
            self.agents,
            self.flow,
            sessions,
            self.talks,
            TalkEvents(self.stack, sessions, self.agents, self.talks, self.asking),
            self.outputs,
            self._deadlines,
            self.calls,
            self._by_leg,
            self.backs,
            self.surveys,
        )
        self.danger = DangerSide(self.flow)
        self.use(self.gate, self.trunks)

    def _seat_people(self, sessions: SessionSide) -> None:
        """Make what agents do and ask for."""
        people = self.roster, self.waiting, self.outputs
        self.agents = AgentSide(self.house, self.stack, self.registrar, sessions, *people)
        self.talks = TalkSide(
            self.house,
            self.stack,
            sessions,
            self.roster,
            self.agents,
            self.outputs,
            self._deadlines,
            SecondLines(self.house, self.stack, self.outputs),
            self.trunks,
        )
        self.asking = Asking(self.talks, self.roster, self.waiting)

    def _lead_callers(self, sessions: SessionSide) -> None:
        """Make the way through the flow, and those who do what flows ask for."""
        self.flow = FlowSide(
            self.house,
            self.waiting,
            self.roster,
            self.agents,
            self.calls,
            self._deadlines,
            Requests(self.asking.send_on),
        )
        self.phones = PhonesSide(self.registrar, self.roster, self.flow.match)
        ours = (
            self.house,
            self.stack,
            self.flow,
            sessions,
            self.trunks,
            self.outputs,
            self._deadlines,
            self.new_call,
            self._enter,
            self._by_leg.__setitem__,
        )
        self.backs = CallBacks(*ours)
        self.surveys = Surveys(*ours, self.up)
        self.line = ServiceLine(self.outputs, self.house.recordings.parent / "service")
        self.flow.requests = Requests(
            self.asking.send_on, self.backs.asked, self.line.take, self.line.left
        )

    def use(self, gate: Gate, trunks: TrunkSide) -> None:
        """Take the trunks, before the first call."""
        self.gate, self.trunks = gate, trunks
        self.talks.trunks = self.backs.trunks = self.surveys.trunks = trunks
        trunks.is_up, trunks.incoming = self.stack.has, self.life.present.by_trunk

    def _enter(self, call: CitizenCall) -> None:
        """Take a call of ours, which has only a name yet at the media worker."""
        self.calls[call.id] = self._by_leg[call.leg] = call

    # --- outwards -------------------------------------------------------------------

    def take_outputs(self) -> list[Output]:
        """Return what is to be done, in order, and forget it."""
        done = list(self.outputs)
        self.outputs.clear()
        return done

    def next_deadline(self) -> float | None:
        """Return when `tick` is wanted; None if never."""
        self._deadlines.set((WAITING, ""), self.waiting.next_deadline())
        self._deadlines.set((ROSTER, ""), self.roster.next_deadline())
        return self._deadlines.next()

    def up(self) -> int:
        """Count the calls that somebody is on the line of."""
        return len(self.life.present)

    # --- signalling ------------------------------------------------------------------

    def turn(self, now: float) -> None:
        """Take every event that the stack has."""
        while (event := self.stack.next_event()) is not None:
            match event:
                case sip.CallOffered():
                    self._offered(event, now)
                case sip.OfferUnreadable():
                    self._unreadable(event, now)
                case PhoneRegistered(user=user) | PhoneGone(user=user):
                    self.outputs.append(event)
                    self.phones.changed(user, now)
                case sip.LegReferred(leg=leg) if leg not in self.agents.by_sip:
                    self.stack.refuse_referral(leg, 603, now)  # we call nobody at a caller's word
                case _:
                    self._leg_event(event, now)

    def _leg_event(self, event: LegEvent, now: float) -> None:
        """Pass on what one leg did; what concerns no call any more is dropped."""
        if event.leg in self._by_leg:
            self._safely(self._by_leg[event.leg], self.life.citizen_event, event, now)
            return
        sides: tuple[tuple[Mapping[LegId, Any], Action], ...] = (
            (self.agents.by_sip, self.life.agent_event),
            (self.talks.by_sip, self.life.guest_event),
            (self.talks.lines.by_sip, self.life.line_event),
        )
        for legs, action in sides:
            if event.leg in legs:
                leg = legs[event.leg]
                self._safely(self.calls[leg.call], action, (leg, event), now)
                return

    def _offered(self, event: sip.CallOffered, now: float) -> None:
        talk = self.life.happenings.agents_call(event)
        if talk is not None:
            self._safely(self.calls[talk], self.life.happenings.second_line, event, now)
            return
        numbers = numbers_of(event, self.house)
        verdict = admit(event, numbers, self._doors(), now)
        call = self.new_call()
        source = f"{event.source[0]}:{event.source[1]}"
        arrived = Arrived(call, now, numbers.caller, numbers.called, source, event.sip_call_id)
        if isinstance(verdict, Refusal):
            self.refused[verdict.reason] += 1
            if verdict.asks_phone:
                self.stack.challenge(event.leg, now)
            else:
                self.stack.reject(event.leg, verdict.status, now, headers=verdict.headers)
            if verdict.recorded:
                self.outputs += [arrived, Ended(call, now, "us", verdict.reason)]
            return
        citizen = CitizenCall(
            call,
            event.leg,
            verdict.flow,
            event.offer,
            event.source[0],
            self.house,
            self.outputs,
            trunk=verdict.trunk,
            caller=numbers.caller,
            agreed=verdict.agreed,
        )
        citizen.note(arrived)
        citizen.note(FlowChosen(call, now, verdict.flow.name, self.house.version))
        citizen.open_legs.add(event.leg)
        self.calls[call] = self._by_leg[event.leg] = citizen
        self.life.present.enter(call, verdict.trunk.name)
        self.outputs.append(media.OpenLeg(event.leg, self.house.media_address))
        if self.house.favours.asked and citizen.caller:
            self.outputs.append(AskStanding(call, citizen.caller))

    def _doors(self) -> Doors:
        by_trunk = self.trunks.in_use()
        phone_at = self.registrar.reaches
        house, roster = self.house, self.roster
        return Doors(house, self.gate, roster, phone_at, self.up(), by_trunk, self.draining)

    def _unreadable(self, event: sip.OfferUnreadable, now: float) -> None:
        """The stack refused an INVITE for its description: a citizen's call all the same."""
        if self.house.trunk_at(event.source[0]) is None:
            self.refused[Reason.FORBIDDEN] += 1
            return
        self.refused[Reason.BAD_OFFER] += 1
        call, source = self.new_call(), f"{event.source[0]}:{event.source[1]}"
        caller = event.caller.uri.user or event.caller.uri.host
        self.outputs += [
            Arrived(call, now, caller, event.dialled, source, event.sip_call_id),
            Ended(call, now, "us", Reason.BAD_OFFER),
        ]

    # --- media ------------------------------------------------------------------------

    def media_event(self, event: media.Event, now: float) -> None:
        """Take what the media worker says; what concerns no call any more is dropped."""
        if isinstance(event, media.WorkerFigures | media.DiskLow | media.PortsReady):
            return
        if isinstance(event, media.RecordingClosed):
            self.recording_closed(event, now)
        elif event.leg in self._by_leg:
            self._safely(self._by_leg[event.leg], self.life.citizen_media, event, now)
        else:
            self._other_media(event.leg, event, now)

    def _other_media(self, name: LegId, event: media.Event, now: float) -> None:
        """Take what the media worker says of the leg of an agent, a guest or a supervisor."""
        sides: tuple[tuple[Mapping[LegId, Any], Action], ...] = (
            (self.agents.by_media, self.life.agent_media),
            (self.talks.by_media, self.life.guest_media),
            (self.talks.lines.by_media, self.life.line_media),
        )
        for legs, action in sides:
            leg = legs.get(name)
            call = None if leg is None else self.calls.get(leg.call)
            if call is not None:
                self._safely(call, action, (leg, event), now)
                return

    # --- what people ask for -------------------------------------------------------------

    def asked(self, agent: AgentId, action: wishes.Action, now: float) -> Refused | None:
        """Do what an agent or a supervisor asks for; or say why not, and nothing changes."""
        if agent not in self.roster:
            return Refused("unknown", f"没有坐席 {agent}", f"there is no agent {agent}")
        if isinstance(action, Between):
            refusal = self.asking.between_calls(agent, action, now)
            self.flow.match(now)
            return refusal
        found = self.asking.call_of(agent, action)
        if found is None:
            return NO_TALK
        answers: list[Outcome | Refused] = []

        def do(call: CitizenCall, action: OfCall, now: float) -> None:
            answers.append(self.asking.of_call(call, agent, action, now))
            if not isinstance(answers[0], Refused):
                self.life.follow(call, answers[0], now)

        self._safely(self.calls[found], do, action, now)
        return answers[0] if answers and isinstance(answers[0], Refused) else None

    # --- another version of the settings -------------------------------------------------

    def change(
        self, house: House, lanes: Iterable[Lane], agents: Iterable[Agent], now: float
    ) -> None:
        """Let calls that come from now on begin on other settings.

        Calls that are up keep their flow, their prompts and their hours. Lanes and agents
        are everybody's: their rules and skills change for all who wait.
        """
        self.house = self.agents.house = self.flow.house = self.life.house = house
        self.talks.house = self.talks.lines.house = self.backs.house = house
        self.surveys.house = house
        self.life.sessions.house = house
        self.waiting.take_rules(lanes)
        self.phones.take_skills(agents, now)

    # --- time ---------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Do everything that is due."""
        for kind, name in self._deadlines.due(now):
            if kind == ROSTER:
                self.roster.tick(now)
                self.flow.match(now)
            elif kind == WAITING:
                for call, commands in self.flow.due(now):
                    self._safely(call, self.life.run, commands, now)
            elif kind == BACK:
                self.backs.due(CallId(name), now)
            elif kind == SURVEY:
                self.surveys.look(now)
            elif CallId(name) in self.calls:
                self._safely(self.calls[CallId(name)], self.life.due, kind, now)

    # --- the end --------------------------------------------------------------------------

    def end_all(self, reason: Reason, now: float) -> None:
        """End every call that is up: the house closes."""
        for call in list(self.calls.values()):
            self._safely(call, self.life.hang_up, reason, now)

    def rest(self, now: float) -> None:
        """Begin no call of our own any more; those who wait to be called back are kept."""
        for call in self.backs.rest():
            self._safely(self.calls[call], self.life.hang_up, Reason.SHUT_DOWN, now)
        self.backs.rest()
        self.surveys.rest()

    def worker_lost(self, now: float, kept: Collection[LegId] = ()) -> None:
        """A media worker died: calls whose leg is not `kept` by another end; it says no more."""
        lost = [call for call in self.calls.values() if call.leg not in kept]
        for call in lost:
            self._safely(call, self.life.hang_up, Reason.WORKER_LOST, now)
        for call in (call for call in lost if call.id in self.calls):
            self.life.give_up(call, now)

    def _safely(self, call: CitizenCall, action: Action, what: Any, now: float) -> None:
        """Let a bug cost one call, never the others."""
        try:
            action(call, what, now)
        except Exception:
            log.exception("a fault of ours ended call %s", call.id)
            self.faults += 1
            if call.stage is Stage.OVER:
                self.calls.pop(call.id, None)
                self._by_leg.pop(call.leg, None)
            else:
                self.life.end(call, "us", Reason.FAULT, now)
