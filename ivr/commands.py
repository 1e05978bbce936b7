"""What a walk asks of the rest of the house: frozen values, to be carried out in order."""

from collections.abc import Mapping
from dataclasses import dataclass

from calls.ids import LaneId, Language, NodeId, PromptId
from calls.reasons import Reason


@dataclass(frozen=True, slots=True)
class Play:
    """Say these prompts one after another, in place of what plays now.

    Answer with one `Walk.prompt_finished` when the last has ended or could not
    be played; never for prompts that were replaced or stopped, nor for a loop.
    """

    prompts: tuple[PromptId, ...]
    loop: bool = False


@dataclass(frozen=True, slots=True)
class StopPlaying:
    """Be quiet."""


@dataclass(frozen=True, slots=True)
class WatchSpeech:
    """Tell the walk when the caller begins to speak, and has been quiet for `silence` seconds.

    None: no longer.
    """

    silence: float | None


@dataclass(frozen=True, slots=True)
class StartListening:
    """The caller speaks the matter from here on."""

    silence: float


@dataclass(frozen=True, slots=True)
class StopListening:
    """The caller has spoken, by `how`: key, silence or limit."""

    how: str


@dataclass(frozen=True, slots=True)
class HearWords:
    """Tell the walk what the caller says, as it is recognised; or no longer."""

    on: bool
    phrases: tuple[str, ...] = ()
    """All that is listened for; other words need not be told from each other."""


@dataclass(frozen=True, slots=True)
class Understood:
    """For the record: what the caller said was taken for this key; None: for no key."""

    key: str | None


@dataclass(frozen=True, slots=True)
class Join:
    """Give the caller a place in the lane; refuse with `Walk.lane_left`."""

    lane: LaneId


@dataclass(frozen=True, slots=True)
class Decide:
    """Say how things are, with `Walk.decided`: of the hours, or else of the lane."""

    hours: str | None
    lane: LaneId | None
    busy_at: int
    """Callers waiting from whom on the lane is busy."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """For the record: the flow took this way by itself, by this rule."""

    answer: str
    rule: str


@dataclass(frozen=True, slots=True)
class Request:
    """Do this for the caller, or find it out; answer once with `Walk.answered`."""

    kind: str
    """One of `ivr.flow.REQUESTS`."""
    about: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Collected:
    """For the record: the caller typed this, chose it, or it was found for the caller."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Give the caller's place in the lane up, by the caller's own wish."""

    why: str


@dataclass(frozen=True, slots=True)
class ChangeLanguage:
    """Prompts and recognition are in this language from here on."""

    language: Language


@dataclass(frozen=True, slots=True)
class End:
    """Hang up."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Note:
    """For the record: the caller reached this node."""

    entered: NodeId


@dataclass(frozen=True, slots=True)
class KeyNoted:
    """For the record: the caller pressed this key, and whether the node offered it."""

    key: str
    accepted: bool


Command = (
    Play
    | StopPlaying
    | WatchSpeech
    | StartListening
    | StopListening
    | HearWords
    | Understood
    | Join
    | Leave
    | Decide
    | Chosen
    | Request
    | Collected
    | ChangeLanguage
    | End
    | Note
    | KeyNoted
)
