"""One citizen's call: the leg, the way through the flow, what is heard of it, and how it ends."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

from asr.turns import Urgency
from calls.events import (
    Answered,
    Collected,
    Decided,
    Ended,
    Entered,
    Fact,
    Heard,
    KeyPressed,
    LanguageChosen,
    LegFigures,
    PickedUp,
    Queued,
    RecordingStarted,
    RecordingStopped,
    SpeechBegan,
    SpeechEnded,
    Transcribed,
    Understood,
)
from calls.ids import AgentId, CallId, LaneId, LegId, Party, PromptId
from calls.reasons import Reason
from calls.transitions import follow
from ivr import commands as way
from ivr.flow import Enqueue, Flow, leads_to_agent
from ivr.walk import Walk
from media.commands import (
    CloseLeg,
    LegClosed,
    Play,
    RecordingClosed,
    StartRecording,
    StopPlaying,
    StopRecording,
    WatchSpeech,
)
from server.hearing import CallHearing
from server.house import House
from server.outputs import MakeDraft, Output
from server.srtp_rules import new_key
from server.trunk_rules import NO_RULES, TrunkRules
from sip.sdp import Agreed, Layout, SessionDescription

REDRAFT_EVERY = 5.0
"""Seconds between two drafts that follow what is told to an agent; the end's comes in any case."""

DRAFTED = frozenset((Answered, Heard, LanguageChosen, Queued, SpeechBegan))
"""Facts that make another draft: while none comes, the last one says all that there is to say."""


class Stage(Enum):
    """Where a call is in its life."""

    ARRIVING = auto()
    """Its media port is being opened."""
    PICKED_UP = auto()
    """200 OK is sent, the ACK is not here yet."""
    IN_FLOW = auto()
    """Hears prompts, presses, speaks, waits in a lane."""
    WITH_AGENT = auto()
    OVER = auto()
    """Nobody is on the line; the last words and the recording may still come."""


class Turn(Enum):
    """What moves a call from stage to stage."""

    ANSWER = auto()
    CONFIRM = auto()
    JOIN = auto()
    RETURN = auto()
    """The agent sent the caller on, or was lost."""
    END = auto()


NEXT = {
    (Stage.ARRIVING, Turn.ANSWER): Stage.PICKED_UP,
    (Stage.PICKED_UP, Turn.CONFIRM): Stage.IN_FLOW,
    (Stage.IN_FLOW, Turn.JOIN): Stage.WITH_AGENT,
    (Stage.WITH_AGENT, Turn.RETURN): Stage.IN_FLOW,
    (Stage.ARRIVING, Turn.END): Stage.OVER,
    (Stage.PICKED_UP, Turn.END): Stage.OVER,
    (Stage.IN_FLOW, Turn.END): Stage.OVER,
    (Stage.WITH_AGENT, Turn.END): Stage.OVER,
}


@dataclass(slots=True)
class CitizenCall:
    """A call from its INVITE to its draft.

    Methods take what happened and put what is to be done into `outputs`; facts are
    kept here as well, because the draft and the reason of the end are read from them.
    """

    id: CallId
    leg: LegId
    flow: Flow
    offer: SessionDescription | None
    """None if the INVITE came without one; then we offer (RFC 3264 §5)."""
    source: str
    """The address that the INVITE came from."""
    house: House
    outputs: list[Output]
    trunk: TrunkRules = NO_RULES
    """What holds for calls of the trunk that it came by."""
    caller: str = ""
    """The number or address that the caller is known by; personal data."""
    agent: AgentId | None = None
    """Who talked with the caller last."""
    agreed: Agreed | None = None
    port: int | None = None
    srtp_key: bytes = field(default_factory=new_key, repr=False)
    """What we would send under, if SRTP is agreed."""
    version: int = 1
    """Of our session description; counts up with each new one (RFC 8866 §5.2)."""
    layout: Layout | None = None
    stage: Stage = Stage.ARRIVING
    lane: LaneId | None = None
    facts: list[Fact] = field(default_factory=list)
    playback: int = 0
    speaking: bool = False
    """Was asked to speak, and has not finished."""
    media_seen: bool = False
    dying: Reason | None = None
    """Hears its last words, and ends for this when they are said."""
    recording_open: bool = False
    recording_path: str = ""
    returned: bool = False
    """Was with an agent already: goes before others of the same lane."""
    more: int = 0
    """Priority beyond the lane's."""
    known: AgentId | None = None
    """Who took an order of this caller that is still open."""
    place: float | None = None
    """Since when the caller has a place, if before this call."""
    abused: set[AgentId] = field(default_factory=set)
    """Agents who said that this caller insults or threatens them."""
    outgoing: bool = False
    """We call the citizen."""
    dialog: LegId | None = None
    """The leg at the stack, if it is not called as at the media worker: of a call of ours."""
    dial_outcome: str | None = None
    """Why the citizen whom we called was not reached."""
    danger: bool = False
    """Words were heard that mean danger."""
    redraft_after: float = 0.0
    """Before then the draft does not follow what is told."""
    draft_made_of: int = 0
    """Facts that a draft says something of, when one was last asked for."""
    judged: int = 0
    """Characters of the words not certain yet that were judged for danger."""
    open_legs: set[LegId] = field(default_factory=set)
    walk: Walk = field(init=False)
    hearing: CallHearing = field(init=False)

    def __post_init__(self) -> None:
        self.walk = Walk(self.flow, caller=self.caller)
        self.hearing = CallHearing(self.id, self.house.hears)

    @property
    def sip(self) -> LegId:
        """The citizen's leg at the stack."""
        return self.leg if self.dialog is None else self.dialog

    # --- what is written down -----------------------------------------------------

    def note(self, fact: Fact) -> None:
        """Keep a fact."""
        self.facts.append(fact)
        self.outputs.append(fact)

    def take(self, turn: Turn) -> None:
        """Go to the next stage; raise IllegalTransition for a step that is barred."""
        self.stage = follow(NEXT, self.stage, turn)

    # --- the caller's leg -----------------------------------------------------------

    def picked_up(self, now: float) -> None:
        """200 OK is on its way: begin to record, if the flow does."""
        self.take(Turn.ANSWER)
        self.note(PickedUp(self.id, now, self.agreed.codec.name if self.agreed else "offered"))
        if self.flow.record:
            self._start_recording(now)

    def _start_recording(self, now: float) -> None:
        self.recording_path = _recording_path(self.id, now)
        self.recording_open = True
        path = str(self.house.recordings / self.recording_path)
        self.outputs.append(StartRecording(str(self.id), path, self.leg))
        self.note(RecordingStarted(self.id, now, self.recording_path))

    def confirmed(self, now: float) -> list[way.Command]:
        """The ACK came: the greeting begins."""
        self.take(Turn.CONFIRM)
        return self.walk.begin(now)

    # --- what the flow asks for -----------------------------------------------------

    def play(self, prompts: Iterable[PromptId], *, loop: bool) -> None:
        """Play prompts in the caller's language, in place of what plays now."""
        self.playback += 1
        files = tuple(self.house.prompt(self.walk.language, prompt) for prompt in prompts)
        self.outputs.append(Play(self.leg, self.playback, files, loop))

    def stop_playing(self) -> None:
        """Be silent; a playback that finishes now is no news any more."""
        self.playback += 1
        self.outputs.append(StopPlaying(self.leg))

    def watch_speech(self, silence: float | None) -> None:
        """Have it said when the caller begins and ends to speak; None: no longer."""
        self.outputs.append(WatchSpeech(self.leg, silence is not None, silence or 0.0))

    def start_listening(self, now: float) -> None:
        """The caller may speak."""
        self.speaking = True
        self.note(SpeechBegan(self.id, now))
        read = Urgency.LIVE if leads_to_agent(self.flow, self.walk.node) else Urgency.MESSAGE
        self.outputs += self.hearing.begin(self.leg, "citizen", self.walk.language, read)

    def stop_listening(self, how: str, now: float) -> None:
        """The caller has spoken."""
        if not self.speaking:
            return
        self.speaking = False
        self.note(SpeechEnded(self.id, now, how))
        self.outputs += self.hearing.stop(self.leg)

    def hear_words(self, on: bool, phrases: tuple[str, ...]) -> None:
        """Have what the caller says in a menu recognised, or no longer."""
        if on:
            self.outputs += self.hearing.begin(
                self.leg, "citizen", self.walk.language, Urgency.MENU, phrases
            )
        else:
            self.outputs += self.hearing.stop(self.leg)

    def flow_notes(self, command: way.Command, now: float) -> None:
        """Write down where the way through the flow has come to."""
        match command:
            case way.Note(entered=node):
                self.note(Entered(self.id, now, node))
            case way.KeyNoted(key=key, accepted=accepted):
                self.note(KeyPressed(self.id, now, key, accepted))
            case way.Understood(key=key):
                self.note(Understood(self.id, now, key))
            case way.Chosen(answer=answer, rule=rule):
                self.note(Decided(self.id, now, answer, rule))
            case way.Collected(name=name, value=value):
                self.note(Collected(self.id, now, name, value))
            case way.ChangeLanguage(language=language):
                self.note(LanguageChosen(self.id, now, language))

    # --- with an agent --------------------------------------------------------------

    @property
    def home_lane(self) -> LaneId:
        """The lane whose rules hold for a caller whom the flow sent to somebody past all lanes."""
        places = (n.lane for n in self.flow.nodes.values() if isinstance(n, Enqueue))
        return next(places, None) or next(iter(self.house.lanes))

    def joined(self, agent: AgentId | None, other: LegId, now: float) -> None:
        """An agent answered, or somebody outside (None): who is ours is heard from now on."""
        self.take(Turn.JOIN)
        self.speaking = False
        self.playback += 1
        self.outputs += self.hearing.begin(self.leg, "citizen", self.walk.language)
        if agent is not None:
            self.agent = agent
            self.note(Answered(self.id, now, agent))
            self.outputs += self.hearing.begin(other, "agent", self.walk.language)

    def back_in_flow(self) -> None:
        """No agent is with the caller any more, who goes on in the flow."""
        self.take(Turn.RETURN)
        self.returned, self.lane = True, None
        self.outputs += self.hearing.stop(self.leg)

    # --- the end ------------------------------------------------------------------

    def reason_of_hanging_up(self) -> Reason:
        """Say why, when the caller's BYE comes now."""
        if (self.agent is not None and self.lane is None) or self.stage is Stage.WITH_AGENT:
            return Reason.COMPLETED
        if self.lane is not None:
            return Reason.ABANDONED
        return Reason.HUNG_UP_SPEAKING if self.speaking else Reason.HUNG_UP_IN_MENU

    def end(self, by: str, reason: Reason, now: float) -> None:
        """Nobody is on the line any more."""
        self.stop_listening("hang_up", now)
        self.take(Turn.END)
        self.note(Ended(self.id, now, by, reason))
        if self.recording_open:
            self.outputs.append(StopRecording(str(self.id)))
        self.outputs += [CloseLeg(leg) for leg in sorted(self.open_legs)]

    def leg_closed(self, event: LegClosed, party: Party, now: float) -> None:
        """A leg's port is free again, and all that it heard has come."""
        self.open_legs.discard(event.leg)
        self.outputs += self.hearing.leg_closed(event.leg)
        self.note(
            LegFigures(
                self.id,
                now,
                party,
                event.received,
                event.sent,
                event.lost,
                event.jitter,
                event.latest,
                event.mos,
                event.round_trip,
            )
        )

    def recording_closed(self, event: RecordingClosed, now: float) -> None:
        """The file is whole, or could not go on."""
        self.recording_open = False
        self.note(RecordingStopped(self.id, now, self.recording_path, event.seconds, event.trouble))

    def recording_lost(self, trouble: str, now: float) -> None:
        """Nobody will say any more how long the file is; what is in it stays."""
        self.recording_open = False
        self.note(RecordingStopped(self.id, now, self.recording_path, 0.0, trouble))

    def settled(self) -> bool:
        """Tell whether nothing more will come of this call."""
        return (
            self.stage is Stage.OVER
            and not self.open_legs
            and not self.recording_open
            and not self.hearing.unfinished
        )

    def worth_a_draft(self) -> bool:
        """Tell whether the citizen said anything that an order could be made of."""
        return any(isinstance(fact, SpeechBegan | Answered) for fact in self.facts)

    def words_late(self, now: float) -> None:
        """Say, the first time, that some words will only come after the call."""
        if self.hearing.late:
            return
        self.hearing.late = True
        self.note(Transcribed(self.id, now, "late", "too many speak at once"))

    def draft_so_far(self) -> None:
        """Have the draft made from what is known now; not again of the same while a call goes on.

        That of the end is always made: orders that came meanwhile may be like it.
        """
        if not self.worth_a_draft():
            return
        over, of = self.stage is Stage.OVER, sum(type(f) in DRAFTED for f in self.facts)
        if over or of != self.draft_made_of:
            self.draft_made_of = of
            state = self.transcript_state() if over else "partial"
            self.outputs.append(MakeDraft(self.id, tuple(self.facts), state))

    def draft_as_told(self, now: float) -> None:
        """While an agent listens, let the draft follow what is told, now and then."""
        if self.stage is Stage.WITH_AGENT and now >= self.redraft_after:
            self.redraft_after = now + REDRAFT_EVERY
            self.draft_so_far()

    def transcript_state(self) -> str:
        """Say what became of the transcript: done, partial, pending or none."""
        heard = any(isinstance(fact, Heard) for fact in self.facts)
        if self.hearing.trouble is not None:
            return "partial" if heard else "pending"
        return "done" if heard else "none"

    def close_the_book(self, now: float) -> None:
        """The last words have come or are given up: say so, and draft for good."""
        if self.recording_path:
            trouble = self.hearing.trouble
            state = "done" if trouble is None else "pending"
            self.note(Transcribed(self.id, now, state, trouble or ""))
        self.draft_so_far()


CHINA = timedelta(hours=8)


def _recording_path(call: CallId, now: float) -> str:
    """Return where a call's recording goes: a folder a day, in the city's own date."""
    day = datetime.fromtimestamp(now, UTC) + CHINA
    return f"{day:%Y/%m/%d}/{call}.wav"
