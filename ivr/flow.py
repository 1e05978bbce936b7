"""What a caller can be led through: nodes as data, and a flow made of them.

Durations are seconds. Prompts are ids without a language; the caller's language
decides which recording is heard.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from calls.ids import LaneId, Language, NodeId, PromptId
from calls.reasons import Reason

ANSWERS = ("open", "closed", "free", "busy", "nobody")
"""What a branch may be told, other than the name of a holiday."""
KEYS = "0123456789*#"
"""The keys of a telephone."""


@dataclass(frozen=True, slots=True)
class Say:
    """Says something, then goes on. Keys are noted and change nothing."""

    prompts: tuple[PromptId, ...]
    then: NodeId


@dataclass(frozen=True, slots=True)
class Menu:
    """Offers keys. A key that is offered takes effect at once, also during the prompts."""

    prompts: tuple[PromptId, ...]
    keys: Mapping[str, NodeId]
    timeout: float
    """Counted from the end of the prompts, those about a wrong key included."""
    on_silence: NodeId
    on_wrong: NodeId | None = None
    """After `tries` wrong keys; None: as after silence."""
    tries: int = 3
    wrong_prompts: tuple[PromptId, ...] = ()
    """One for each wrong key before the last; the last of them repeats when there are fewer."""
    exempt_person_rule: str | None = None
    """Why 0 and silence need not reach a person here; None: they must."""
    words: Mapping[Language, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """What callers may say instead of a key, by language; empty: nobody listens here."""

    @property
    def after_wrong(self) -> NodeId:
        """Where the last wrong key leads."""
        return self.on_wrong if self.on_wrong is not None else self.on_silence


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """Chooses the language of prompts and recognition from here on."""

    language: Language
    then: NodeId


@dataclass(frozen=True, slots=True)
class Listen:
    """Asks the caller to speak, and lets the caller speak.

    Listening begins when the prompts have ended, or at once when the caller
    begins to speak during them. It ends with a finish key, with `silence`
    seconds of quiet after speech, or after `limit` seconds.
    """

    prompts: tuple[PromptId, ...]
    then: NodeId
    on_nothing: NodeId
    """When the caller said nothing, or less than `least` seconds."""
    limit: float = 90.0
    silence: float = 3.0
    patience: float = 6.0
    """How long the caller may think before the first word."""
    least: float = 1.0
    """Speech shorter than this, a mere hello, is not a matter."""
    finish_keys: str = "#"
    on_key: Mapping[str, NodeId] = field(default_factory=dict)
    """Keys that lead elsewhere; they take effect at once."""


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Gives the caller a place in a lane, and music until an agent answers."""

    lane: LaneId
    on_full: NodeId
    on_nobody: NodeId
    on_late: NodeId
    """After the longest wait that the lane allows."""
    on_closed: NodeId | None = None
    """Outside the lane's hours; None only for a lane that is always open."""
    prompts: tuple[PromptId, ...] = ()
    music: PromptId | None = None
    """Of the lane; None: silence."""
    announce: tuple[PromptId, ...] = ()
    """Said after each expected waiting time."""
    on_key: Mapping[str, NodeId] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hold:
    """Repeats its prompts, or keeps silent without any, until a key or for `limit` seconds."""

    limit: float
    then: NodeId
    prompts: tuple[PromptId, ...] = ()
    on_key: Mapping[str, NodeId] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Collect:
    """Takes figures that the caller types: a number of an order, a telephone, a mark from 1 to 5.

    Typing may begin during the prompts. It is over with an end key, with `most` figures,
    or with a pause; then what was typed must fit, or the caller is asked anew.
    """

    prompts: tuple[PromptId, ...]
    name: str
    """What the figures are kept as in the call's record."""
    then: NodeId
    on_silence: NodeId
    """When nothing is typed."""
    on_wrong: NodeId | None = None
    """When what is typed did not fit `tries` times; None: as after silence."""
    least: int = 1
    most: int = 20
    end_keys: str = "#"
    pattern: str = ""
    """Regular expression that the whole must fit; empty: any figures."""
    timeout: float = 5.0
    """After the prompts, until the first figure."""
    pause: float = 3.0
    """From one figure to the next."""
    tries: int = 3
    wrong_prompts: tuple[PromptId, ...] = ()
    on_key: Mapping[str, NodeId] = field(default_factory=dict)
    """`*` or `#`, when pressed before any figure."""

    @property
    def after_wrong(self) -> NodeId:
        """Where the last misfit leads."""
        return self.on_wrong if self.on_wrong is not None else self.on_silence

    def fits(self, typed: str) -> bool:
        """Tell whether figures are what is wanted."""
        right = not self.pattern or re.fullmatch(self.pattern, typed) is not None
        return self.least <= len(typed) <= self.most and right


@dataclass(frozen=True, slots=True)
class Branch:
    """Chooses the way by the hours of a service, or by how full a lane is; says nothing.

    By hours: `open`, `closed`, or the name of a holiday. By a lane: `free`, `busy` from
    `busy_at` callers waiting, or `nobody` when it is not staffed.
    """

    ways: Mapping[str, NodeId]
    otherwise: NodeId
    """For an answer that `ways` does not name."""
    hours: str | None = None
    lane: LaneId | None = None
    busy_at: int = 1


@dataclass(frozen=True, slots=True)
class HangUp:
    """Says the last words, then ends the call."""

    reason: Reason
    prompts: tuple[PromptId, ...] = ()


Node = Say | Menu | SetLanguage | Listen | Enqueue | Hold | Collect | Branch | HangUp


@dataclass(frozen=True, slots=True)
class Flow:
    """Nodes, and where a call begins."""

    name: str
    begin: NodeId
    nodes: Mapping[NodeId, Node]
    language: Language = "zh"
    """That a call begins in."""
    record: bool = True
    """Whether calls are recorded, from being picked up to their end."""


Exit = tuple[tuple[str, ...], NodeId]
"""The setting that names a next node, such as `("keys", "0")`, and that node."""


def exits(node: Node) -> list[Exit]:
    """Return every way out of a node, with the setting that says so."""
    match node:
        case Say(then=then) | SetLanguage(then=then):
            return [(("then",), then)]
        case Menu():
            wrong: list[Exit] = [] if node.on_wrong is None else [(("on_wrong",), node.on_wrong)]
            return [*_keyed("keys", node.keys), (("on_silence",), node.on_silence), *wrong]
        case Listen():
            ends: list[Exit] = [(("then",), node.then), (("on_nothing",), node.on_nothing)]
            return [*ends, *_keyed("on_key", node.on_key)]
        case Enqueue():
            late: Exit = (("on_late",), node.on_late)
            return [*refusals(node), late, *_keyed("on_key", node.on_key)]
        case Hold():
            return [(("then",), node.then), *_keyed("on_key", node.on_key)]
        case Collect() | Branch():
            return _typed(node) if isinstance(node, Collect) else _answers(node)
        case HangUp():
            return []


def refusals(node: Enqueue) -> list[Exit]:
    """Return where a caller goes whom the lane does not take."""
    taken: list[Exit] = [(("on_full",), node.on_full), (("on_nobody",), node.on_nobody)]
    return taken if node.on_closed is None else [*taken, (("on_closed",), node.on_closed)]


def _typed(node: Collect) -> list[Exit]:
    missed: list[Exit] = [(("then",), node.then), (("on_silence",), node.on_silence)]
    if node.on_wrong is not None:
        missed.append((("on_wrong",), node.on_wrong))
    return [*missed, *_keyed("on_key", node.on_key)]


def _answers(node: Branch) -> list[Exit]:
    """Return a branch's ways; a holiday's stands below `holidays`."""
    ways: list[Exit] = [
        ((word,) if word in ANSWERS else ("holidays", word), to) for word, to in node.ways.items()
    ]
    return ways


def _keyed(name: str, keys: Mapping[str, NodeId]) -> list[Exit]:
    return [((name, key), node) for key, node in keys.items()]
