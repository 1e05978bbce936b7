"""Calls as they are at this moment, folded from the facts as they come.

Pure: facts and uncertain words in, values out. What a browser is shown of it is in `live_views`.
"""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

from calls.events import (
    Answered,
    Arrived,
    Collected,
    DangerHeard,
    Drafted,
    Ended,
    Fact,
    Heard,
    LanguageChosen,
    LeftLane,
    Offered,
    OfferFailed,
    Queued,
    RecordingStarted,
    RecordingStopped,
)
from calls.ids import AgentId, CallId, LaneId, Language
from calls.lane_events import LanguageHeard
from calls.talk_events import (
    GuestLeft,
    Held,
    HelpAsked,
    HelpEnded,
    Joined,
    Muted,
    NotReached,
    Reached,
    ReachedFor,
    RecordingPaused,
    Resumed,
    Returned,
    Supervised,
    SupervisionEnded,
    Transferred,
)

LINES_MOST = 500
"""Utterances of one call that are shown; of a longer talk the oldest are on the call's page."""
KEPT = 900.0
"""Seconds that a call which has ended is remembered, and longer while an agent still has it."""


@dataclass(frozen=True, slots=True)
class Partial:
    """Words that may still change."""

    text: str
    start: float


@dataclass(slots=True)
class Reaching:
    """Somebody is called, or consulted while the caller hears music."""

    target: str
    how: str
    answered: bool = False


@dataclass(slots=True)
class LiveCall:
    """One call as it is now. Times are UTC seconds."""

    call: CallId
    arrived: float
    caller: str
    dialled: str
    language: Language = "zh"
    lane: LaneId | None = None
    queued: float | None = None
    offered: float | None = None
    answered: float | None = None
    ended: float | None = None
    reason: str | None = None
    agent: AgentId | None = None
    """Who is rung, or talks with the caller."""
    held: bool = False
    muted: bool = False
    recording: bool = False
    paused: bool = False
    reaching: Reaching | None = None
    missed: tuple[str, str] | None = None
    """Who was reached for last and did not come, and why."""
    guests: list[str] = field(default_factory=list)
    supervisors: dict[AgentId, str] = field(default_factory=dict)
    help: HelpAsked | None = None
    danger: DangerHeard | None = None
    spoken: LanguageHeard | None = None
    """What the citizen was last heard to speak, by the model that tells languages."""
    danger_seen: AgentId | None = None
    """The supervisor who has seen the alert."""
    lines: list[Heard] = field(default_factory=list)
    before: int = 0
    """Lines that were let go from the front."""
    partials: dict[str, Partial] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    """What the caller typed in the flow, such as the number of an order, or was found there."""
    drafts: int = 0
    """How often a draft was made."""

    @property
    def phase(self) -> str:
        """`menu`, `waiting`, `ringing`, `talking` or `over`."""
        if self.ended is not None:
            return "over"
        if self.answered is not None:
            return "talking"
        if self.offered is not None:
            return "ringing"
        return "menu" if self.queued is None else "waiting"


class LiveCalls:
    """Every call that is up, and those that ended a moment ago."""

    def __init__(self) -> None:
        self._calls: dict[CallId, LiveCall] = {}
        self._over: deque[tuple[float, CallId]] = deque()
        self._heard_by: dict[AgentId, CallId] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def get(self, call: CallId | None) -> LiveCall | None:
        """Return a call; None if it is not remembered."""
        return None if call is None else self._calls.get(call)

    def up(self) -> list[LiveCall]:
        """Return the calls that are up, oldest first."""
        return [call for call in self._calls.values() if call.ended is None]

    def supervised_by(self, agent: AgentId) -> LiveCall | None:
        """Return the call that a supervisor takes part in."""
        return self.get(self._heard_by.get(agent))

    def words(self, call: CallId, party: str, words: Partial) -> None:
        """Take words that may still change; they stand until certain ones take their place."""
        live = self._calls.get(call)
        if live is not None:
            live.partials[party] = words

    def fact(self, fact: Fact) -> None:
        """Take what happened; what concerns a call that is not remembered changes nothing."""
        if isinstance(fact, Arrived):
            self._calls[fact.call] = LiveCall(fact.call, fact.at, fact.caller, fact.dialled)
            return
        live = self._calls.get(fact.call)
        if live is None:
            return
        match fact:
            case Supervised(supervisor=agent, how=how):
                live.supervisors[agent] = how
                self._heard_by[agent] = live.call
            case SupervisionEnded(supervisor=agent):
                live.supervisors.pop(agent, None)
                self._heard_by.pop(agent, None)
            case Ended(at=at, reason=reason):
                self._end(live, at, reason.value)
            case _:
                _of_words(live, fact)

    def forget(self, now: float, in_use: Collection[CallId]) -> None:
        """Let calls go that ended long ago, unless an agent still has them."""
        for _ in range(len(self._over)):
            ended, call = self._over[0]
            if now - ended < KEPT:
                return
            self._over.popleft()
            if call in in_use:
                self._over.append((now, call))
            else:
                self._calls.pop(call, None)

    def _end(self, live: LiveCall, at: float, reason: str) -> None:
        live.ended, live.reason = at, reason
        live.reaching, live.help, live.held = None, None, False
        live.partials.clear()
        for agent in live.supervisors:
            self._heard_by.pop(agent, None)
        live.supervisors.clear()
        live.guests.clear()
        self._over.append((at, live.call))


def _of_words(live: LiveCall, fact: Fact) -> None:
    match fact:
        case Heard(leg=leg):
            live.lines.append(fact)
            live.partials.pop(leg, None)
            if len(live.lines) > LINES_MOST:
                del live.lines[0]
                live.before += 1
        case LanguageChosen(language=language):
            live.language = language
        case DangerHeard():
            live.danger = fact
        case LanguageHeard():
            live.spoken = fact
        case Collected(name=name, value=value):
            live.typed[name] = value
        case Drafted():
            live.drafts += 1
        case _:
            _of_waiting(live, fact)


def _of_waiting(live: LiveCall, fact: Fact) -> None:
    match fact:
        case Queued(at=at, lane=lane) | Returned(at=at, lane=lane):
            live.lane, live.queued = lane, at
            live.offered = live.answered = live.agent = live.help = None
        case Offered(at=at, agent=agent):
            live.offered, live.agent = at, agent
        case OfferFailed():
            live.offered = live.agent = None
        case Answered(at=at, agent=agent):
            live.answered, live.agent = at, agent
            live.held = live.muted = False
        case LeftLane():
            live.queued = live.offered = None
        case _:
            _of_talk(live, fact)


def _of_talk(live: LiveCall, fact: Fact) -> None:
    match fact:
        case Held():
            live.held = True
        case Resumed():
            live.held = False
        case Muted(on=on):
            live.muted = on
        case HelpAsked():
            live.help = fact
        case HelpEnded():
            live.help = None
        case _:
            _of_recording(live, fact)


def _of_recording(live: LiveCall, fact: Fact) -> None:
    match fact:
        case RecordingStarted():
            live.recording = True
        case RecordingStopped():
            live.recording = live.paused = False
        case RecordingPaused(on=on):
            live.paused = on
        case _:
            _of_guests(live, fact)


def _of_guests(live: LiveCall, fact: Fact) -> None:
    match fact:
        case ReachedFor(target=target, how=how):
            live.reaching, live.missed = Reaching(target, how), None
        case Reached() if live.reaching is not None:
            live.reaching.answered = True
        case NotReached(target=target, why=why):
            live.reaching, live.missed = None, (target, why)
        case Joined(target=target):
            live.reaching = None
            live.guests.append(target)
        case GuestLeft(target=target):
            _left(live, target)
        case Transferred(target=target):
            _handed_over(live, target)


def _left(live: LiveCall, target: str) -> None:
    if target in live.guests:
        live.guests.remove(target)
    elif live.reaching is not None and live.reaching.target == target:
        live.reaching = None


def _handed_over(live: LiveCall, target: str) -> None:
    """The agent is out; whoever was reached has the caller now."""
    live.reaching, live.held, live.muted = None, False, False
    live.help = None
    if target in live.guests:
        live.guests.remove(target)
    kind, _, name = target.partition(":")
    live.agent = AgentId(name) if kind == "agent" else None
