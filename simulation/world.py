"""The world around call control on virtual time: callers, agents' hands, voice, recognisers.

Everything that call control asks for is answered here, at the instant at which it would
happen. Nothing waits for real time, so a day is over as soon as it is computed.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from random import Random
from typing import Any, cast

from agents.agent import Doing, Step
from asr.recogniser import Heard as HeardWords
from calls.events import Answered, Arrived, Ended, Entered, Fact, Queued, SpeechBegan
from calls.ids import AgentId, CallId, Language, LegId
from config.day_schema import Habits
from ivr.flow import Menu
from media import commands as media
from server.call_control import CallControl
from server.drafting import DraftWriter
from server.outputs import CloseStream, FeedStream, MakeDraft, OpenStream, Output
from simulation.callers import RATE, Caller, Crowd, drawn
from simulation.pretended import THEIRS, PretendedRegistrar, PretendedStack
from simulation.staff import Person
from sip.events import CallConfirmed, LegAnswered, LegEnded, LegRefused
from sip.registrar import PhoneGone, PhoneRegistered

WRITE_KEY = "1"
"""Leaves a message, where a lane offers that."""
READ_AT_ONCE = 100
"""Sentences that are read ahead of their drafts together."""
CLOSE_LOOK = 500
"""Turns between two looks at what takes longer to check."""


@dataclass(slots=True)
class World:
    """One day, from its first caller to the last one's end."""

    control: CallControl
    stack: PretendedStack
    registrar: PretendedRegistrar
    crowd: Crowd
    habits: Habits
    midnight: float
    """When the day begins; UTC seconds."""
    prompt_seconds: Callable[[str], float]
    """How long a file plays."""
    draft: DraftWriter | None
    """Makes drafts; None: none are made."""
    told: list[Callable[[Fact], None]]
    """Who is told each fact."""
    after_turn: Callable[[float], None]
    now_and_then: Callable[[float], None]
    now: float = 0.0
    turns: int = 0
    dialled: str = "12345"
    _agenda: list[tuple[float, int, Callable[[Any], None], Any]] = field(default_factory=list)
    _count: Iterator[int] = field(default_factory=count)
    _ports: Iterator[int] = field(default_factory=partial(count, 30000, 2))
    _by_leg: dict[LegId, Caller] = field(default_factory=dict)
    _by_call: dict[CallId, Caller] = field(default_factory=dict)
    _streams: dict[str, float] = field(default_factory=dict)
    _talking: dict[CallId, LegId] = field(default_factory=dict)
    """The agent's leg of each talk."""
    _chance: dict[AgentId, Random] = field(default_factory=dict)
    _drafts: dict[CallId, MakeDraft] = field(default_factory=dict)
    _unread: list[tuple[Language, str]] = field(default_factory=list)
    """What callers are going to say, not yet read ahead."""

    # --- time ------------------------------------------------------------------------

    def at(self, when: float, what: Callable[[Any], None], who: Any) -> None:
        """Let something happen at an instant; equal instants keep their order."""
        heapq.heappush(self._agenda, (when, next(self._count), what, who))

    def run(self, people: list[Person]) -> Iterator[float]:
        """Live through the day; yield the time now and then, for whoever shows progress."""
        self.now = self.midnight
        for person in people:
            for begin, end in person.stretches:
                self.at(self.midnight + begin, self._come, person.agent.id)
                self.at(self.midnight + end, self._go, person.agent.id)
        callers = iter(self.crowd)
        self._next_caller(callers)
        while self._agenda or self.control.calls:
            self._step()
            self.turns += 1
            if self.turns % CLOSE_LOOK == 0:
                self.now_and_then(self.now)
                self._forget()
                yield self.now

    def _forget(self) -> None:
        """Let callers go of whom no word will come any more."""
        over = [call for call, one in self._by_call.items() if one.gone]
        for call in over:
            if call not in self.control.calls:
                del self._by_call[call]

    def _step(self) -> None:
        """Go on to the next thing that happens, and let all that follows from it happen."""
        due = self.control.next_deadline()
        if self._agenda and (due is None or self._agenda[0][0] <= due):
            when, _, what, who = heapq.heappop(self._agenda)
            self.now = max(self.now, when)
            what(who)
        elif due is not None:
            self.now = max(self.now, due)
            self.control.tick(self.now)
        else:  # calls that nothing will ever happen to: the watch names them at the end
            self.control.calls.clear()
        self._settle()
        self.after_turn(self.now)

    def _settle(self) -> None:
        """Carry out what call control asks for until nothing more follows."""
        while True:
            self.control.turn(self.now)
            outputs = self.control.take_outputs()
            if not outputs and not self._drafts:
                return
            for output in outputs:
                act = ACTS.get(type(output))
                if act is not None:
                    act(self, output)
                elif type(output) not in NOTHING_TO_DO:
                    self._fact(cast(Fact, output))
            if not outputs:
                self._write_drafts()

    def _event(self, event: media.Event) -> None:
        self.control.media_event(event, self.now)

    # --- callers ----------------------------------------------------------------------

    def _next_caller(self, callers: Iterator[Caller]) -> None:
        caller = next(callers, None)
        if caller is not None:
            self.at(self.midnight + caller.at, self._dial, (caller, callers))

    def _dial(self, who: tuple[Caller, Iterator[Caller]]) -> None:
        caller, callers = who
        self._by_leg[caller.leg] = caller
        self.stack.offer(caller.leg, caller.phone, self.dialled)
        self._next_caller(callers)

    def picked_up(self, leg: LegId) -> None:
        """A caller's call was answered: the ACK comes."""
        self.stack.events.append(CallConfirmed(leg, None))

    def hung_up(self, leg: LegId) -> None:
        """We ended a leg."""
        caller = self._by_leg.get(leg)
        if caller is not None:
            caller.gone = True

    def _press(self, who: tuple[Caller, str]) -> None:
        caller, key = who
        if not caller.gone:
            self._event(media.KeyHeard(caller.leg, key, self.now))

    def _lose_patience(self, caller: Caller) -> None:
        if caller.gone or not caller.waiting:
            return
        if not caller.wrote and caller.chance.random() < caller.wants.leave_message:
            caller.wrote = True
            self._press((caller, WRITE_KEY))
            self.at(self.now + 5.0, self._lose_patience, caller)
        else:
            self._hang_up(caller)

    def _hang_up(self, caller: Caller) -> None:
        if not caller.gone:
            caller.gone = True
            self.stack.events.append(LegEnded(caller.leg, True, "bye"))

    # --- facts that move people ----------------------------------------------------------

    def _fact(self, fact: Fact) -> None:
        match fact:
            case Arrived(call=call, sip_call_id=leg):
                self._by_call[call] = self._by_leg[LegId(leg)]
                self._by_call[call].call = call
            case Entered(call=call, node=node):
                self._entered(self._by_call[call], node)
            case SpeechBegan(call=call):
                self._speaks(self._by_call[call])
            case Queued(call=call):
                self._queued(self._by_call[call])
            case Answered(call=call, agent=agent):
                self._answered(self._by_call[call], agent)
            case Ended(call=call):
                self._ended(self._by_call[call])
        for tell in self.told:
            tell(fact)

    def _entered(self, caller: Caller, node: str) -> None:
        """In a menu the caller presses the next key that this caller wants."""
        caller.waiting = False
        assert caller.call is not None, "entered a node before arriving"
        flow = self.control.calls[caller.call].flow
        key = next(caller.keys, None) if isinstance(flow.nodes.get(node), Menu) else None  # type: ignore[call-overload]  # a node's name
        if key is not None:
            self.at(self.now + caller.chance.uniform(1.5, 6.0), self._press, (caller, key))

    def _find_words(self, caller: Caller) -> None:
        """Draw what a caller will say; it is read ahead of its draft, with that of others."""
        caller.said = self.crowd.sentences(caller, "citizen", 2)
        self._unread += ((caller.wants.language, line) for line in caller.said)
        if self.draft is not None and len(self._unread) >= READ_AT_ONCE:
            self.draft.read_ahead(self._unread)
            self._unread.clear()

    def _speaks(self, caller: Caller) -> None:
        self._find_words(caller)
        begins = self.now + 0.8
        ends = begins + sum(map(len, caller.said)) / RATE
        self.at(begins, self._speech, (caller, media.SpeechStarted(caller.leg, begins)))
        stopped = media.SpeechStopped(caller.leg, ends)
        self.at(ends + caller.silence, self._speech, (caller, stopped))

    def _speech(self, who: tuple[Caller, media.Event]) -> None:
        caller, event = who
        if not caller.gone:
            self._event(event)

    def _queued(self, caller: Caller) -> None:
        caller.waiting = True
        if caller.patience_ends is None:
            caller.patience_ends = self.now + drawn(caller.wants.patience, caller.chance)
        self.at(max(self.now, caller.patience_ends), self._lose_patience, caller)

    def _answered(self, caller: Caller, agent: AgentId) -> None:
        caller.waiting = False
        self._find_words(caller)
        caller.agent = agent
        first = caller.chance.random() < self.habits.hang_up_first
        ends = self.now + drawn(caller.wants.talk, caller.chance)
        self.at(ends, self._agent_hangs_up if first else self._hang_up, caller)

    def _agent_hangs_up(self, caller: Caller) -> None:
        leg = self._talking.get(caller.call or CallId(""))
        if leg is not None and not caller.gone:
            self.stack.events.append(LegEnded(leg, True, "bye"))

    def _ended(self, caller: Caller) -> None:
        caller.gone = True
        self._by_leg.pop(caller.leg, None)
        self._talking.pop(caller.call or CallId(""), None)
        if caller.agent is not None:
            self._wrap_up(caller.agent)

    # --- agents -------------------------------------------------------------------------

    def _come(self, agent: AgentId) -> None:
        self.stack.events.append(self.registrar.come(agent))

    def _go(self, agent: AgentId) -> None:
        self.stack.events.append(self.registrar.go(agent))

    def ring(self, leg: LegId, agent: AgentId) -> None:
        """A phone rings: the agent answers after a while, refuses, or is not at the desk."""
        chance = self._chance.setdefault(agent, Random(f"{self.crowd.seed}/{agent}"))
        luck = chance.random()
        if luck < self.habits.no_answer:
            return
        refuses = luck < self.habits.no_answer + self.habits.reject
        hand = self._refuse if refuses else self._take
        self.at(self.now + drawn(self.habits.answer, chance), hand, leg)

    def _take(self, leg: LegId) -> None:
        found = self.control.agents.by_sip.get(leg)
        if found is not None:  # else the caller hung up, or the ringing took too long
            self._talking[found.call] = leg
            self.stack.events.append(LegAnswered(leg, THEIRS))

    def _refuse(self, leg: LegId) -> None:
        if leg in self.control.agents.by_sip:
            self.stack.events.append(LegRefused(leg, 486, "Busy Here"))

    def _wrap_up(self, agent: AgentId) -> None:
        """Draw how long the work after the call takes, where the day says so."""
        length, present = self.habits.wrap_up, self.control.roster[agent]
        if length is None or present.doing is not Doing.WRAP_UP or present.until is None:
            return
        lasts = drawn(length, self._chance[agent])
        self.control.roster.extend_wrap_up(agent, self.now + lasts - present.until)
        if not lasts:
            self.control.roster.take(agent, Step.FINISH_WRAP_UP, self.now)
            self.control.flow.match(self.now)

    # --- voice ----------------------------------------------------------------------------

    def _open(self, command: media.OpenLeg) -> None:
        self._event(media.LegOpened(command.leg, 30000 + next(self._ports) % 30000))

    def _play(self, command: media.Play) -> None:
        caller = self._by_leg.get(command.leg)
        if caller is not None:
            caller.playback = command.playback
            if not command.loop:
                ends = self.now + sum(map(self.prompt_seconds, command.prompts))
                self.at(ends, self._played, (caller, command.playback))

    def _played(self, who: tuple[Caller, int]) -> None:
        caller, playback = who
        if not caller.gone and caller.playback == playback:
            self._event(media.PlaybackFinished(caller.leg, playback))

    def _stop(self, command: media.StopPlaying) -> None:
        caller = self._by_leg.get(command.leg)
        if caller is not None:
            caller.playback = 0

    def _watch(self, command: media.WatchSpeech) -> None:
        caller = self._by_leg.get(command.leg)
        if caller is not None and command.on:
            caller.silence = command.silence

    def _tap(self, command: media.Tap) -> None:
        """One piece stands for all that is said; an empty one ends it."""
        self._event(media.TapAudio(command.leg, 0.0, b"\0\0" if command.on else b""))

    def _close(self, command: media.CloseLeg) -> None:
        self._event(media.LegClosed(command.leg, 0, 0, 0, 0.0, 0.0, 0.0))

    def _recorded(self, command: media.StopRecording) -> None:
        self._event(media.RecordingClosed(command.recording, "", 0.0, None))

    # --- words ----------------------------------------------------------------------------

    def _listen(self, stream: OpenStream) -> None:
        self._streams[stream.stream] = self.now

    def _words(self, stream: CloseStream) -> None:
        """A stretch is over: what was said in it comes as text, and nothing is missing."""
        call, party, _ = stream.stream.split("/")
        caller = self._by_call[CallId(call)]
        lines = caller.said if party == "citizen" else self.crowd.sentences(caller, "agent", 1)
        offset, lasted = 0.0, self.now - self._streams.pop(stream.stream)
        for line in lines:
            if offset >= lasted:
                break
            ends = offset + len(line) / RATE
            words = HeardWords(line, offset, ends, 0.9, (), True)
            self.control.heard(stream.stream, words, self.now)
            offset = ends + 1.0
        self.control.stream_closed(stream.stream, True, "", self.now)

    def _want_draft(self, wanted: MakeDraft) -> None:
        """Of drafts asked for in the same instant only the newest is made."""
        if self.draft is not None:
            self._drafts[wanted.call] = wanted

    def _write_drafts(self) -> None:
        wanted, self._drafts = self._drafts, {}
        for call, draft in wanted.items():
            assert self.draft is not None, "a draft was asked for where none are made"
            asked = (call, draft.facts, draft.transcript)
            self.control.drafted(call, self.draft.at_once(*asked) or self.draft(*asked), self.now)


ACTS: dict[type[Output], Callable[[World, Any], None]] = {
    media.OpenLeg: World._open,
    media.Play: World._play,
    media.StopPlaying: World._stop,
    media.WatchSpeech: World._watch,
    media.Tap: World._tap,
    media.CloseLeg: World._close,
    media.StopRecording: World._recorded,
    OpenStream: World._listen,
    CloseStream: World._words,
    MakeDraft: World._want_draft,
}
"""What the world does at each output."""
NOTHING_TO_DO = frozenset(
    {
        media.ConnectLeg,
        media.Bridge,
        media.Unbridge,
        media.AddToRecording,
        media.StartRecording,
        FeedStream,
        PhoneRegistered,
        PhoneGone,
    }
)
"""Outputs that only a real world has to act on; the rest are facts."""
