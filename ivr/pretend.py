"""What a pretended call is surrounded by, and what happens in it, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from calls.ids import LaneId, Language, PromptId
from calls.order_number import order_number
from ivr.hours import Hours

State = Literal["open", "full", "nobody", "late", "talked"]
"""What a lane does with a caller: takes, has no room, has no staff, lets wait for too long,
or has somebody talk to the caller, who then hangs up."""
TALK = 60.0
"""Seconds of a pretended talk."""
USUAL = {
    "caller_history": "found",
    "order_status": "found",
    "newest_order": "found",
    "own_order": "found",
    "rating": "kept",
    "call_back": "kept",
    "transfer": "no_answer",
    "opt_out": "kept",
}
"""What comes of requests that a test says nothing of."""
USUALLY_KNOWN: Mapping[str, Mapping[str, str]] = {"own_order": {"order": order_number("260101", 1)}}
"""What is found out besides, by the kind of request, unless a test says otherwise."""
LONGEST = 3600.0
"""Seconds of pretended time after which a call is given up."""
SILENCE_LIMIT = 60.0
"""Seconds that a silence without a length lasts when the flow does not go on."""
EVENTS = 20_000
"""Things that may happen in one call; a flow that does more goes round."""
RECOGNITION = 0.8
"""Seconds from the end of words until they are recognised."""
ORDER = (
    *("prompt", "prompts_end", "words", "speech_stop", "too_long", "talked", "announce", "walk"),
)
"""What is first when several things are due at one instant."""


@dataclass(frozen=True, slots=True)
class PretendedLane:
    """What a trial must know of a lane."""

    hours: Hours | None = None
    max_wait: float | None = None
    announce_every: float | None = None
    state: State = "open"


@dataclass(frozen=True, slots=True)
class World:
    """Everything around the pretended call."""

    at: datetime
    """When it begins, with a zone."""
    lanes: Mapping[LaneId, PretendedLane]
    prompts: Mapping[tuple[Language, PromptId], float] = field(default_factory=dict)
    """Seconds of each recording."""
    hours: Mapping[str, Hours] = field(default_factory=dict)
    """By name, for branches."""
    caller: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    """What comes of requests, by kind; `late`: nothing. Else the first way that a node has."""
    known: Mapping[str, str] = field(default_factory=dict)
    """What is found out with an answer, by name."""
    speaks: Language | None = None
    """What the caller's free speech is heard to be in; None: what is listened for."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened, in seconds from the beginning of the call.

    `kind` is node, hears, loop, key, wrong_key, says, not_listening, listens, heard,
    language, typed, asked, talked, decided, understood, lane, refused, leaves or end;
    `why` says by which rule, where there is one.
    """

    at: float
    kind: str
    what: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Sounding:
    """A recording that a caller hears, from its beginning; seconds of the call."""

    at: float
    language: Language
    prompt: PromptId
    until: float
    """When it ended or was stopped, or will end; infinite for a loop that nothing has stopped."""
    loop: bool = False
    """It is said again and again, in turn with those that are with it."""
