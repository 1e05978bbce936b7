"""What agents and supervisors may ask for: one closed set, wherever it was asked.

The page's API, the keys of a phone and a phone's REFER all come to these values.
"""

from dataclasses import dataclass, field
from enum import Enum

from calls.ids import AgentId, LaneId
from media.mix import Supervision

# --- whom --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToLane:
    """Whoever's turn it is in a lane."""

    lane: LaneId


@dataclass(frozen=True, slots=True)
class ToAgent:
    """One agent, who must be free."""

    agent: AgentId


@dataclass(frozen=True, slots=True)
class ToPlace:
    """One of the `targets` of the settings: the duty leader, a department, 110."""

    name: str


@dataclass(frozen=True, slots=True)
class ToNumber:
    """A telephone number, by a trunk that dials out to it."""

    number: str


Target = ToLane | ToAgent | ToPlace | ToNumber


def label(target: Target) -> str:
    """Return a target as text: `lane:medical`, `agent:1003`, `number:…`, or a place's name."""
    match target:
        case ToLane(lane=lane):
            return f"lane:{lane}"
        case ToAgent(agent=agent):
            return f"agent:{agent}"
        case ToNumber(number=number):
            return f"number:{number}"
        case ToPlace(name=name):
            return name


def target_of(text: str) -> Target:
    """Read what `label` writes."""
    kind, colon, name = text.partition(":")
    if not colon:
        return ToPlace(text)
    match kind:
        case "lane":
            return ToLane(LaneId(name))
        case "agent":
            return ToAgent(AgentId(name))
        case "number":
            return ToNumber(name)
        case _:
            return ToPlace(text)


# --- what, in a call -----------------------------------------------------------------


class How(Enum):
    """What becomes of the caller while somebody is reached for, and after."""

    TRANSFER = "transfer"
    """Music; and the agent leaves when they answer."""
    CONSULT = "consult"
    """Music; agent and guest talk alone, until the agent says how it goes on."""
    JOIN = "join"
    """The talk goes on; then all three."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Call somebody; one at a time."""

    target: Target
    how: How


@dataclass(frozen=True, slots=True)
class Hold:
    """Let the caller hear music."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Talk with the caller again."""


@dataclass(frozen=True, slots=True)
class Mute:
    """Be heard by nobody, or by everybody again."""

    on: bool


@dataclass(frozen=True, slots=True)
class Complete:
    """Leave the caller with the one consulted."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Let the one who is called, consulted or joined go; back to the caller."""


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """Let the caller join the consultation."""


@dataclass(frozen=True, slots=True)
class PauseRecordingNow:
    """Record silence while a card or identity number is told, or go on."""

    on: bool


@dataclass(frozen=True, slots=True)
class SendKeys:
    """Press keys towards whom the agent talks with: the guest, else the caller."""

    keys: str = field(repr=False)
    """Of 0-9, * and #; may be a number that is nobody's business."""


@dataclass(frozen=True, slots=True)
class AskHelp:
    """Call for a supervisor."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class EndHelp:
    """Help is wanted no more."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call with the caller; others who were reached talk on."""


@dataclass(frozen=True, slots=True)
class ReportAbuse:
    """The caller insults or threatens: after the call the agent has time to breathe."""


InTalk = (
    Reach
    | Hold
    | Resume
    | Mute
    | Complete
    | Cancel
    | ThreeWay
    | PauseRecordingNow
    | SendKeys
    | AskHelp
    | EndHelp
    | ReportAbuse
    | HangUp
)
"""What an agent may ask for in a talk."""

# --- what, of a supervisor and between calls -----------------------------------------------


@dataclass(frozen=True, slots=True)
class Supervise:
    """Take part in the talk of an agent; said again, in another way, live."""

    agent: AgentId
    how: Supervision


@dataclass(frozen=True, slots=True)
class StopSupervising:
    """Take part no more."""


@dataclass(frozen=True, slots=True)
class FinishWrapUp:
    """Be ready at once."""


@dataclass(frozen=True, slots=True)
class ExtendWrapUp:
    """Need more time after a call."""

    seconds: float


@dataclass(frozen=True, slots=True)
class TakeBreak:
    """Take no calls, for one of the reasons of the settings (小休 …)."""

    reason: str


@dataclass(frozen=True, slots=True)
class BackToWork:
    """Take calls again."""


OfCall = InTalk | Supervise | StopSupervising
Between = FinishWrapUp | ExtendWrapUp | TakeBreak | BackToWork
"""Of an agent, in a call or not."""
Action = OfCall | Between


@dataclass(frozen=True, slots=True)
class Refused:
    """It was not done, and nothing changed."""

    code: str
    """`not_now`: the state of things forbids it (409); `unknown`: there is no such thing (404);

    `forbidden`: the settings do (403); `no_way`: nobody can be reached there (502)."""
    zh: str
    en: str
