"""Facts about a call: what happened, as frozen values in the past tense.

Every `at` is UTC seconds since the epoch, read from the engine's one clock,
which never goes backwards while the engine runs.
"""

from dataclasses import dataclass

from calls.ids import AgentId, CallId, LaneId, Language, NodeId, Party
from calls.lane_events import LaneFact
from calls.reasons import Reason
from calls.survey_events import SurveyFact
from calls.talk_events import TalkFact


@dataclass(frozen=True, slots=True)
class Arrived:
    """An INVITE for one of our numbers came in."""

    call: CallId
    at: float
    caller: str
    """The number or address that the caller is known by; personal data."""
    dialled: str
    source: str
    """`address:port` that the INVITE came from."""
    sip_call_id: str


@dataclass(frozen=True, slots=True)
class FlowChosen:
    """The caller is led through this flow, as this version of the settings has it, to the end."""

    call: CallId
    at: float
    flow: str
    version: str


@dataclass(frozen=True, slots=True)
class PickedUp:
    """We answered (200 OK was sent)."""

    call: CallId
    at: float
    codec: str


@dataclass(frozen=True, slots=True)
class Entered:
    """The caller's way reached a node of the flow."""

    call: CallId
    at: float
    node: NodeId


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The caller pressed a key."""

    call: CallId
    at: float
    key: str
    accepted: bool
    """False for a key that the node did not offer."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What the caller said in a menu was taken for this key; None: for no key."""

    call: CallId
    at: float
    key: str | None


@dataclass(frozen=True, slots=True)
class Collected:
    """The caller typed figures that fitted: a number of an order, a telephone, a mark.

    Or the flow found them for the caller's number, such as the newest order.
    """

    call: CallId
    at: float
    name: str
    value: str
    """Personal data."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The flow branched: `answer` is open, closed, a holiday, free, busy or nobody."""

    call: CallId
    at: float
    answer: str
    rule: str
    """Which rule of the hours said so, or what the lane was like."""


@dataclass(frozen=True, slots=True)
class Rated:
    """The caller gave the agent a mark after talking."""

    call: CallId
    at: float
    agent: AgentId | None
    mark: int
    """1 is worst, 5 is best."""
    solved: bool | None
    """None if the caller did not say."""
    bad: bool
    """A mark as bad as the flow says, or a matter not solved: somebody is to see to it."""


@dataclass(frozen=True, slots=True)
class CallBackAsked:
    """The caller wants to be called back and has said so by keys; the number is confirmed."""

    call: CallId
    at: float
    number: str
    """Personal data."""
    lane: LaneId


@dataclass(frozen=True, slots=True)
class TransferAsked:
    """The flow wanted to send the caller on; `outcome` is what came of it."""

    call: CallId
    at: float
    kind: str
    """`agent`, `number` or `target`: one of the settings' `in_call.targets`."""
    to: str
    context: bool
    """Whether what was said and typed was to go with the call."""
    outcome: str
    """`begun`, or `failed` when there is no way out."""


@dataclass(frozen=True, slots=True)
class AgentLeft:
    """The agent hung up, and the caller went on in the flow."""

    call: CallId
    at: float
    agent: AgentId


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """The language of prompts and recognition from here on."""

    call: CallId
    at: float
    language: Language


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    """A file now grows with what is said; the transcript's times count from here."""

    call: CallId
    at: float
    path: str
    """Relative to the data folder's `recordings`."""


@dataclass(frozen=True, slots=True)
class RecordingStopped:
    """The file is whole and will not change any more, or could not go on."""

    call: CallId
    at: float
    path: str
    seconds: float
    trouble: str | None
    """Why recording stopped before the call did; None if it did not."""


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """The caller was asked to speak, and we listen."""

    call: CallId
    at: float


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The caller had spoken, by `how`: key, silence, limit, hang_up."""

    call: CallId
    at: float
    how: str


@dataclass(frozen=True, slots=True)
class Queued:
    """The caller took a place in a lane."""

    call: CallId
    at: float
    lane: LaneId


@dataclass(frozen=True, slots=True)
class Offered:
    """The call was offered to an agent, whose phone rings."""

    call: CallId
    at: float
    lane: LaneId
    agent: AgentId
    why: str
    """Why this agent, in words a supervisor understands."""


@dataclass(frozen=True, slots=True)
class OfferFailed:
    """The agent did not take it; the caller keeps the place."""

    call: CallId
    at: float
    agent: AgentId
    why: str
    """`no_answer`, `busy`, `rejected`, `unreachable` or `phone_fault`."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An agent answered, and the two hear each other."""

    call: CallId
    at: float
    agent: AgentId


@dataclass(frozen=True, slots=True)
class LeftLane:
    """The caller left the lane without an agent: full, nobody, too_long, key or hung_up."""

    call: CallId
    at: float
    lane: LaneId
    why: str


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word; times in seconds from the start of the recording."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Heard:
    """One final utterance; times in seconds from the start of the recording."""

    call: CallId
    at: float
    leg: Party
    language: Language
    start: float
    end: float
    text: str
    confidence: float
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcribed:
    """What became of a call's transcript: `done`, `pending` or `failed`, and why."""

    call: CallId
    at: float
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft work order was made or made anew; `draft` is its JSON form."""

    call: CallId
    at: float
    draft: dict[str, object]


@dataclass(frozen=True, slots=True)
class LegFigures:
    """What one leg's media came to, when the leg closed."""

    call: CallId
    at: float
    leg: Party
    received: int
    sent: int
    lost: int
    jitter: float
    """Interarrival jitter in seconds (RFC 3550 §6.4.1)."""
    latest: float
    """Lateness of the latest packet that we sent, in seconds against its own grid."""
    mos: float | None = None
    """How what came sounded, 1 to 4.5, by the E-model (ITU-T G.107); None if nothing came."""
    round_trip: float | None = None
    """Seconds to the peer and back, by RTCP; None if the peer does not say."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over."""

    call: CallId
    at: float
    by: str
    """`caller`, `agent`, `guest`, `us` or `nobody` (found dead at the next start)."""
    reason: Reason


@dataclass(frozen=True, slots=True)
class DangerHeard:
    """What the citizen said means that somebody is in danger now; written once a call."""

    call: CallId
    at: float
    start: float
    """Seconds from the start of the recording to the words."""
    words: str
    """As recognised; personal data."""
    kind: str | None
    """gas, fire, suicide, trapped …; None if it only sounded so."""
    help: str | None
    """The number to connect: 110, 119 or 120."""
    final: bool
    """False if the recogniser was not done with the words."""


Fact = (
    Arrived
    | FlowChosen
    | PickedUp
    | Entered
    | KeyPressed
    | Understood
    | Collected
    | Decided
    | Rated
    | CallBackAsked
    | TransferAsked
    | AgentLeft
    | LanguageChosen
    | RecordingStarted
    | RecordingStopped
    | SpeechBegan
    | SpeechEnded
    | Queued
    | Offered
    | OfferFailed
    | Answered
    | LeftLane
    | Heard
    | DangerHeard
    | Transcribed
    | Drafted
    | LegFigures
    | Ended
    | TalkFact
    | LaneFact
    | SurveyFact
)
