"""Facts about what agents and supervisors do while a call is talked on.

`by` is the agent who asked for it; `target` is whom the agent reached for, as the settings
name it: `agent:1003`, `lane:medical`, or the name of one of the `targets`.
"""

from dataclasses import dataclass

from calls.ids import AgentId, CallId, LaneId


@dataclass(frozen=True, slots=True)
class Held:
    """The caller hears music until the agent comes back."""

    call: CallId
    at: float
    by: AgentId


@dataclass(frozen=True, slots=True)
class Resumed:
    """The agent is back with the caller."""

    call: CallId
    at: float
    by: AgentId


@dataclass(frozen=True, slots=True)
class Muted:
    """Nobody hears the agent any more, or everybody does again."""

    call: CallId
    at: float
    by: AgentId
    on: bool


@dataclass(frozen=True, slots=True)
class Briefed:
    """The agent was told lane and wait before the caller; `cut` if a key or the limit ended it."""

    call: CallId
    at: float
    agent: AgentId
    cut: bool


@dataclass(frozen=True, slots=True)
class ReachedFor:
    """An agent wants somebody else in the call, whose phone is called.

    `how` is `transfer` (the agent leaves when they answer), `consult` (the caller on hold) or
    `join` (all together).
    """

    call: CallId
    at: float
    by: AgentId
    target: str
    how: str


@dataclass(frozen=True, slots=True)
class Reached:
    """They answered."""

    call: CallId
    at: float
    target: str


@dataclass(frozen=True, slots=True)
class NotReached:
    """They did not come, or it was called off.

    `why` is `busy`, `rejected`, `no_answer`, `unreachable`, `phone_fault`, `cancelled` or
    `call_over`.
    """

    call: CallId
    at: float
    target: str
    why: str


@dataclass(frozen=True, slots=True)
class Joined:
    """They, the caller and the agent all hear each other."""

    call: CallId
    at: float
    target: str


@dataclass(frozen=True, slots=True)
class GuestLeft:
    """One who was reached is out of the call; `why` is `hung_up`, `lost` or `dismissed`."""

    call: CallId
    at: float
    target: str
    why: str


@dataclass(frozen=True, slots=True)
class Transferred:
    """The agent is out of the call, and the caller is with the target."""

    call: CallId
    at: float
    by: AgentId
    target: str


@dataclass(frozen=True, slots=True)
class Returned:
    """Nobody was left to talk with, and the caller took a place in the lane again.

    `why` is `agent_lost` or `not_reached`.
    """

    call: CallId
    at: float
    lane: LaneId
    why: str


@dataclass(frozen=True, slots=True)
class RecordingPaused:
    """Silence is recorded from here on, or what is said again; by an agent, or by `lane` rule."""

    call: CallId
    at: float
    by: str
    on: bool


@dataclass(frozen=True, slots=True)
class KeysSent:
    """The agent pressed keys towards the target, or `citizen`; which ones is not kept."""

    call: CallId
    at: float
    by: AgentId
    target: str
    count: int


@dataclass(frozen=True, slots=True)
class HelpAsked:
    """The agent wants a supervisor."""

    call: CallId
    at: float
    by: AgentId
    text: str


@dataclass(frozen=True, slots=True)
class HelpEnded:
    """The agent, or a supervisor who came, says that help is wanted no more."""

    call: CallId
    at: float
    by: AgentId


@dataclass(frozen=True, slots=True)
class Supervised:
    """A supervisor takes part from here on: `listen`, `whisper` or `barge`. For the audit."""

    call: CallId
    at: float
    supervisor: AgentId
    how: str


@dataclass(frozen=True, slots=True)
class SupervisionEnded:
    """The supervisor is out of the call, or never came; `why` as with those reached."""

    call: CallId
    at: float
    supervisor: AgentId
    why: str


@dataclass(frozen=True, slots=True)
class AbuseReported:
    """The agent says that the caller insults or threatens; a pause follows the call."""

    call: CallId
    at: float
    by: AgentId


TalkFact = (
    Held
    | Resumed
    | Muted
    | Briefed
    | ReachedFor
    | Reached
    | NotReached
    | Joined
    | GuestLeft
    | Transferred
    | Returned
    | RecordingPaused
    | KeysSent
    | HelpAsked
    | HelpEnded
    | AbuseReported
    | Supervised
    | SupervisionEnded
)
