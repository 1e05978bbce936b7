"""The draft work order: what a person confirms, with the words that each value rests on."""

from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Generic, Literal, TypeVar

from calls.ids import CallId, LaneId, Language, Party, UnitId

V = TypeVar("V")
Origin = Literal["rule", "caller_record", "agent"]
"""Found in what was said; known from the call itself; written by a person."""
TranscriptState = Literal["done", "pending", "none", "partial"]

TYPES = ("咨询", "求助", "投诉", "举报", "建议", "表扬")
URGENCIES = ("normal", "urgent", "danger")
EVENT_LEVELS = ("一般", "较大", "重大", "特别重大")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words as they were recognised; times in seconds from the start of the recording."""

    leg: Party
    start: float
    end: float
    words: str


@dataclass(frozen=True, slots=True)
class Field(Generic[V]):
    """One value of the draft. A rule's value without evidence cannot be made."""

    value: V
    confidence: float
    """From 0 to 1: how sure the rule is, times how sure the recogniser was of the words."""
    origin: Origin
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        if self.origin == "rule" and not self.evidence:
            raise ValueError(f"{self.value!r} rests on no words")


@dataclass(frozen=True, slots=True)
class When:
    """When it happened, as said, and as far as that fixes a time (Asia/Shanghai)."""

    said: str
    begins: datetime | None = None
    ends: datetime | None = None
    """Equal to `begins` for a moment; None with it if the words fix no time."""
    every: str | None = None
    """The word that says it recurs: 每天, every night."""
    clock: tuple[str, str | None] | None = None
    """From and to, `22:00`, on each day that it recurs; no `to` for 10点以后."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where it is: as said, and as the city writes it."""

    said: str
    standard: str | None = None
    """With the gazetteer's names; None if the gazetteer knows none of it."""
    district: str | None = None
    by_sound: bool = False
    """A name was put right by its sound; `said` keeps what was recognised."""
    choices: tuple[str, ...] = ()
    """Districts that have such a place, when that must be asked."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A unit that may be in charge; the scores of all candidates add up to at most 1."""

    unit: UnitId
    name: str
    score: float
    because: tuple[str, ...]
    """The words that speak for it."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An order that is open already and is probably about the same."""

    order: str
    """The id of its call."""
    likeness: float
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the house knows and probably answers the caller; it is read out, never sent."""

    entry: str
    version: int
    kind: str
    """`answer`, `duty` or `precedent`."""
    title: str
    text: str
    """Its beginning."""
    owner: str
    """The unit that answers for it."""
    likeness: float
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What the draft lacks, and how to ask for it."""

    field: str
    zh: str
    words: str
    """In the caller's language."""


@dataclass(frozen=True, slots=True)
class DraftWorkOrder:
    """What is known of one call's matter; None means that nobody said it."""

    call: CallId
    language: Language
    lane: LaneId | None
    arrived: float
    """UTC seconds."""
    transcript_state: TranscriptState
    type: Field[str] | None = None
    category: Field[str] | None = None
    """Two levels: `城市管理/噪声扰民`."""
    title: Field[str] | None = None
    content: Field[str] | None = None
    time: Field[When] | None = None
    place: Field[Where] | None = None
    object: Field[str] | None = None
    """Who or what it is about."""
    demand: Field[str] | None = None
    caller: Field[str] | None = None
    call_back: Field[str] | None = None
    confidential: Field[bool] | None = None
    """None: the caller did not ask for it."""
    urgency: Field[str] | None = None
    event_level: Field[str] | None = None
    """一般, 较大, 重大 or 特别重大; None where nobody is in danger or was hurt."""
    unit: Field[str] | None = None
    """The id of the lead unit."""
    candidates: tuple[Ranked, ...] = ()
    co_units: tuple[Ranked, ...] = ()
    """Units that have words of their own in the matter, besides the lead unit's."""
    duplicates: tuple[Duplicate, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    """Answers, duties and rulings that the house keeps, the likeliest first."""
    missing: tuple[Question, ...] = field(default=())

    @property
    def standing(self) -> tuple[str, str]:
        """Say in Chinese and English what the draft is made from."""
        return STANDING[self.transcript_state]


STANDING: dict[TranscriptState, tuple[str, str]] = {
    "done": ("根据通话转写起草，待人工确认", "drafted from the transcript, to be confirmed"),
    "partial": (
        "转写不完整，请听录音核对",
        "the transcript is incomplete: check it against the recording",
    ),
    "pending": (
        "录音尚未转写，目前只有来电信息",
        "not transcribed yet: only the facts of the call are known",
    ),
    "none": ("没有转写，只有来电信息", "no transcript: only the facts of the call are known"),
}

FIELDS = (
    "type", "category", "title", "content", "time", "place", "object", "demand",
    "caller", "call_back", "confidential", "urgency", "event_level", "unit",
)  # fmt: skip
"""The parts that are a `Field`, in the order of a form."""
assert set(FIELDS) < {f.name for f in fields(DraftWorkOrder)}


def merge(old: DraftWorkOrder, new: DraftWorkOrder) -> DraftWorkOrder:
    """Return the new draft with every value that a person wrote in the old one."""
    kept = {
        name: value
        for name in FIELDS
        if (value := getattr(old, name)) is not None and value.origin == "agent"
    }
    missing = tuple(question for question in new.missing if question.field not in kept)
    return replace(new, **kept, missing=missing)


CHOICES = {"type": TYPES, "urgency": URGENCIES, "event_level": EVENT_LEVELS}


class BadCorrection(ValueError):
    """What a person wrote cannot stand in that field."""


def correct(draft: DraftWorkOrder, name: str, value: str | bool) -> DraftWorkOrder:
    """Return the draft with one value written by a person; an empty one says there is none.

    Raise BadCorrection for an unknown field, type or urgency. What had been said
    stays as evidence, so that both can be compared.
    """
    if name not in FIELDS:
        raise BadCorrection(f"no such field: {name}")
    if (name == "confidential") is not isinstance(value, bool):
        raise BadCorrection(f"{name}: {value!r}")
    if value and value not in CHOICES.get(name, (value,)):
        raise BadCorrection(f"{name}: {value!r}")
    before = getattr(draft, name)
    evidence = before.evidence if before is not None else ()
    written = Field(_in_kind(name, before, value), 1.0, "agent", evidence)
    missing = tuple(question for question in draft.missing if question.field != name)
    return replace(draft, **{name: written}, missing=missing)  # type: ignore[arg-type]  # by name


def _in_kind(
    name: str, before: Field[object] | None, value: str | bool
) -> str | bool | When | Where:
    """Put a person's text into the kind of value that the field holds."""
    was = before.value if before is not None else None
    if name == "time":
        return When(was.said if isinstance(was, When) and was.said == value else str(value))
    if name == "place":
        said = was.said if isinstance(was, Where) else str(value)
        return Where(said, str(value))
    return value
