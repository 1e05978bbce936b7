"""What the pages that agents work with need of the engine: who is there, who waits, and a voice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from agents.agent import Agent
from calls.ids import AgentId, CallId, LaneId, Language


class Role(IntEnum):
    """What somebody may do at the desk; each may all that those before it may."""

    AGENT = 1
    SUPERVISOR = 2
    """Listens in, sees the wallboard, calls for help, and danger."""
    ADMINISTRATOR = 3
    """Reads who did what."""


@dataclass(frozen=True, slots=True)
class LaneNow:
    """A lane at this moment."""

    id: LaneId
    waiting: int
    since: float | None
    """When the one who has waited longest took the place; None: nobody waits."""
    staffed: int
    """Agents at work who can take its calls, busy ones too."""
    ready: int


@dataclass(frozen=True, slots=True)
class Denied:
    """It was not done, and nothing changed. `code` as in `docs/agent-api.md`."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What agents may choose from: value and label."""

    lanes: Sequence[tuple[str, str]] = ()
    """`lane:medical`, to transfer to."""
    places: Sequence[tuple[str, str]] = ()
    """The duty leader, departments, 110."""
    emergencies: Sequence[tuple[str, str]] = ()
    """Those of the places that are 110, 119 or 120: one key each."""
    breaks: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class ToCall:
    """The citizen of an order, who is to be called."""

    order: CallId
    """The call that the order came of."""
    number: str = field(repr=False)
    """As the order has it; personal data."""
    lane: LaneId | None
    dialled: str
    """Which of our numbers the first call was for."""
    language: Language


def _nobody_calls(agent: AgentId, wanted: ToCall) -> Denied | None:
    return Denied("not_now", "这里没有通话引擎", "there is no engine here")


def _nobody_acts(agent: AgentId, action: str, values: Mapping[str, Any]) -> Denied:
    return Denied("not_now", "这里没有通话引擎", "there is no engine here")


@dataclass(frozen=True, slots=True)
class LivePorts:
    """The engine, as far as the desk may know it; by default a desk over kept facts alone."""

    staff: Callable[[], Sequence[Agent]] = tuple
    """Everybody; the same object again while nobody has changed."""
    lanes: Callable[[], Sequence[LaneNow]] = tuple
    act: Callable[[AgentId, str, Mapping[str, Any]], Denied | None] = _nobody_acts
    """Do what an agent asks for, or say why not."""
    call_out: Callable[[AgentId, ToCall], Denied | None] = _nobody_calls
    """Let an agent call the citizen of an order, or say why not."""
    role: Callable[[AgentId], Role] = field(default=lambda agent: Role.AGENT)
    choices: Callable[[], Choices] = Choices


NO_ENGINE = LivePorts()
