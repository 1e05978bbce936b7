"""Facts about places in lanes beyond coming and going, about call-backs, and about agents.

What concerns no call has an empty `call`.
"""

from dataclasses import dataclass

from calls.ids import AgentId, CallId, LaneId, Language

NO_CALL = CallId("")
CALLED_BACK = "call_back"
"""In place of the number dialled, in the records of calls that we began."""


@dataclass(frozen=True, slots=True)
class PlaceGivenBack:
    """The caller has the place that was held before the line dropped."""

    call: CallId
    at: float
    lane: LaneId
    since: float
    """Since when it was held."""


@dataclass(frozen=True, slots=True)
class Favoured:
    """The caller goes before others of the lane; written when it was found out, or said."""

    call: CallId
    at: float
    more: int
    """By so much priority."""
    why: str
    """`elder`, `disabled`, `called_today`, or who said so: `by:` and a name."""


@dataclass(frozen=True, slots=True)
class AgentStateChanged:
    """An agent does something else now, in a call or not."""

    call: CallId
    """The call that it is about; empty if none."""
    at: float
    agent: AgentId
    doing: str
    """As `agents.agent.Doing` has it."""
    reason: str | None
    """Of a pause."""


@dataclass(frozen=True, slots=True)
class AgentMended:
    """What the books said of an agent was not so, and was put right."""

    call: CallId
    at: float
    agent: AgentId
    was: str
    now: str
    why: str
    """`no_dialog`, `phone_gone`, `phone_there`, or `by:` and who released the agent by hand."""


@dataclass(frozen=True, slots=True)
class CallBackTried:
    """We begin to call somebody back; the new call's id is `by_call`."""

    call: CallId
    """The call in which it was asked for."""
    at: float
    attempt: int
    by_call: CallId


@dataclass(frozen=True, slots=True)
class CallBackEnded:
    """An attempt, or the whole call-back, is over."""

    call: CallId
    at: float
    attempt: int
    outcome: str
    """`talked`, `no_answer`, `busy`, `refused`, `no_way_out` or `agent_lost`."""
    again_at: float | None
    """When it is tried again; None: not any more."""


@dataclass(frozen=True, slots=True)
class OrderCalled:
    """An agent calls the citizen from an order; the new call's id is `by_call`."""

    call: CallId
    """Whose order it is."""
    at: float
    agent: AgentId
    by_call: CallId


@dataclass(frozen=True, slots=True)
class OrderCallEnded:
    """That call is over; `outcome` as of a call-back, or `interrupted`: the engine was."""

    call: CallId
    at: float
    by_call: CallId
    outcome: str


@dataclass(frozen=True, slots=True)
class LanguageHeard:
    """A citizen's speech was looked at for its language; at most twice a stretch of speech."""

    call: CallId
    at: float
    listened_for: Language
    language: Language | None
    """None: it was not certain enough."""
    share: float
    """Of the likeliest language among ours, 0 to 1."""
    seconds: float
    """Of speech that were looked at."""
    lane: LaneId | None
    """Where that language is spoken, if it is another and the flow leads there."""


LaneFact = (
    PlaceGivenBack
    | Favoured
    | AgentStateChanged
    | AgentMended
    | CallBackTried
    | CallBackEnded
    | OrderCalled
    | OrderCallEnded
    | LanguageHeard
)
