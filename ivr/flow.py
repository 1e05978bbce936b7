"""What a caller can be led through: nodes as data, and a flow made of them.

Durations are seconds. Prompts are ids without a language; the caller's language
decides which recording is heard.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from calls.ids import LaneId, Language, NodeId, PromptId
from calls.reasons import Reason
from ivr.typed import CHECKS

ANSWERS = ("open", "closed", "free", "busy", "nobody")
"""What a branch may be told, other than the name of a holiday."""
KEYS = "0123456789*#"
"""The keys of a telephone."""


Barge = Literal["at_once", "if_valid", "after", "never"]
"""What a caller's key or word does while prompts are still being said.

`at_once`: any stops them and counts; `if_valid`: one that is offered does, others are
nothing; `after`: prompts are said to their end, then the first that came counts;
`never`: prompts are said to their end, and what came meanwhile is nothing.
"""


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
    """Counted from the end of the prompts, those about a wrong key and of silence included."""
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
    keeps: str | None = None
    """What the chosen key is kept as in the call's record, as if it had been typed."""
    barge_keys: Barge = "at_once"
    barge_words: Barge = "if_valid"
    early: bool = False
    """Keys pressed in nodes before, where nobody took them, count here."""
    silence_prompts: tuple[PromptId, ...] = ()
    """One for each silence before the last, which leads on; the caller may choose after each."""
    is_choice: bool = True
    """False for a question about what was said before: no level of choice more."""

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
    on_language: Mapping[Language, NodeId] = field(default_factory=dict)
    """In place of `then` and `on_nothing`, once, if the caller was heard to speak another
    language; it is heard only where a site tells languages apart."""
    barge_words: Barge = "at_once"
    """`at_once`, or `never`: listening begins when the prompts have ended."""


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
    on_talked: NodeId | None = None
    """Where the caller goes on when the agent has hung up; None: the call is over then."""
    on_long_wait: NodeId | None = None
    """When the wait to expect is longer than the lane allows; None: as when it is full."""

    def after(self, why: str) -> NodeId:
        """Return where a caller goes whom the lane gave up, by the word that says why."""
        ways = {
            "full": self.on_full,
            "too_long": self.on_late,
            "closed": self.on_closed or self.on_nobody,
            "long_wait": self.on_long_wait or self.on_full,
        }
        return ways.get(why, self.on_nobody)


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
    check: str = ""
    """One of `ivr.typed.CHECKS`; empty: none."""
    timeout: float = 5.0
    """After the prompts, until the first figure."""
    pause: float = 3.0
    """From one figure to the next."""
    tries: int = 3
    wrong_prompts: tuple[PromptId, ...] = ()
    on_key: Mapping[str, NodeId] = field(default_factory=dict)
    """`*` or `#`, when pressed before any figure."""
    barge_keys: Barge = "at_once"
    early: bool = False
    """Keys pressed in nodes before, where nobody took them, count here."""
    silence_prompts: tuple[PromptId, ...] = ()
    """One for each time that nothing is typed before the last, which leads on."""
    secret: bool = False
    """What is typed, such as a PIN, is written down nowhere."""

    @property
    def after_wrong(self) -> NodeId:
        """Where the last misfit leads."""
        return self.on_wrong if self.on_wrong is not None else self.on_silence

    def fits(self, typed: str) -> bool:
        """Tell whether figures are what is wanted."""
        right = not self.pattern or re.fullmatch(self.pattern, typed) is not None
        right = right and (not self.check or CHECKS[self.check](typed))
        return self.least <= len(typed) <= self.most and right


@dataclass(frozen=True, slots=True)
class Branch:
    """Chooses the way by hours, by how full a lane is, or by what is known; says nothing.

    By hours: `open`, `closed`, or the name of a holiday. By a lane: `free`, `busy` from
    `busy_at` callers waiting, or `nobody` when it is not staffed. By something known, such as
    `caller` or what was typed: the first of `ways` that fits; `010*` fits all that begins so.
    """

    ways: Mapping[str, NodeId]
    otherwise: NodeId
    """For an answer that `ways` does not name."""
    hours: str | None = None
    lane: LaneId | None = None
    busy_at: int = 1
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Asks the house for something, and goes on by its answer; who waits hears the prompts.

    `kind` is one of `REQUESTS`; `about` names what is known of it (`{"key": "phone"}`: the
    figures kept as `phone`), or gives it as it is with `=` in front (`{"to": "=110"}`).
    """

    kind: str
    ways: Mapping[str, NodeId]
    otherwise: NodeId
    """For an answer that `ways` does not name, and for none within `limit`."""
    about: Mapping[str, str] = field(default_factory=dict)
    prompts: tuple[PromptId, ...] = ()
    """Repeated until the answer comes."""
    limit: float = 5.0
    keeps: tuple[str, ...] = ()
    """What of that which is found goes into the call's record, as if it had been typed."""


REQUESTS = (
    *("caller_history", "order_status", "newest_order", "own_order"),
    *("rating", "call_back", "transfer", "opt_out"),
)
"""What a flow may ask the house for."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """Says the last words, then ends the call."""

    reason: Reason
    prompts: tuple[PromptId, ...] = ()


Node = Say | Menu | SetLanguage | Listen | Enqueue | Hold | Collect | Branch | Ask | HangUp


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
            others = [(("on_language", str(tongue)), to) for tongue, to in node.on_language.items()]
            return [*ends, *others, *_keyed("on_key", node.on_key)]
        case Enqueue():
            late: Exit = (("on_late",), node.on_late)
            talked: list[Exit] = (
                [] if node.on_talked is None else [(("on_talked",), node.on_talked)]
            )
            return [*refusals(node), late, *talked, *_keyed("on_key", node.on_key)]
        case Hold():
            return [(("then",), node.then), *_keyed("on_key", node.on_key)]
        case Collect() | Branch() | Ask():
            return _typed(node) if isinstance(node, Collect) else _answers(node)
        case HangUp():
            return []


def refusals(node: Enqueue) -> list[Exit]:
    """Return where a caller goes whom the lane does not take."""
    ways = (
        ("on_full", node.on_full),
        ("on_nobody", node.on_nobody),
        ("on_closed", node.on_closed),
        ("on_long_wait", node.on_long_wait),
    )
    return [((name,), to) for name, to in ways if to is not None]


def _typed(node: Collect) -> list[Exit]:
    missed: list[Exit] = [(("then",), node.then), (("on_silence",), node.on_silence)]
    if node.on_wrong is not None:
        missed.append((("on_wrong",), node.on_wrong))
    return [*missed, *_keyed("on_key", node.on_key)]


def _answers(node: Branch | Ask) -> list[Exit]:
    """Return a branch's ways; a holiday's stands below `holidays`, a value's below `values`."""
    if isinstance(node, Ask):
        asked: list[Exit] = [((answer,), to) for answer, to in node.ways.items()]
        return [*asked, (("otherwise",), node.otherwise)]
    if node.variable is not None:
        return [*_keyed("values", node.ways), (("otherwise",), node.otherwise)]
    ways: list[Exit] = [
        ((word,) if word in ANSWERS else ("holidays", word), to) for word, to in node.ways.items()
    ]
    return ways


def _keyed(name: str, keys: Mapping[str, NodeId]) -> list[Exit]:
    return [((name, key), node) for key, node in keys.items()]


def leads_to_agent(flow: Flow, at: NodeId) -> bool:
    """Tell whether a caller who has spoken at a node may come into a lane, by whatever way."""
    node = flow.nodes[at]
    at = node.then if isinstance(node, Listen) else at
    seen, line = {at}, [at]
    while line:
        node = flow.nodes[line.pop()]
        if isinstance(node, Enqueue):
            return True
        fresh = {to for _, to in exits(node)} - seen
        seen |= fresh
        line += sorted(fresh)
    return False
