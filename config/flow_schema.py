"""Flows as they stand in flows/*.yaml, and the making of `ivr.flow` values of them."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from calls.ids import Language, NodeId, PromptId
from calls.reasons import Reason
from config.flow_parts_schema import PARTS, PartNode, Steps
from config.flow_values import Prompts, SomePrompts
from config.values import (
    Distinct,
    HoursName,
    Key,
    Keys,
    LaneName,
    NodeName,
    Settings,
    Some,
    Text,
    between,
    fault,
)
from ivr import flow
from ivr.typed import BOUNDS


class SayNode(Settings):
    """Says something, then goes on."""

    type: Literal["say"]
    prompts: SomePrompts
    then: NodeName


class MenuNode(Settings):
    """Offers keys."""

    type: Literal["menu"]
    prompts: SomePrompts
    keys: dict[Key, NodeName]
    timeout: Annotated[float, between("1s", "1min")] = 3.0
    """After the prompts."""
    on_silence: NodeName
    on_wrong: NodeName | None = None
    """After `tries` wrong keys. Empty: as after silence."""
    tries: Annotated[int, Field(ge=1, le=9)] = 3
    wrong_prompts: Prompts = ()
    """One for each wrong key before the last."""
    silence_prompts: Prompts = ()
    """One for each silence before the last; only the last leads on."""
    exempt_person_rule: Text | None = None
    """Why 0 and silence need not reach a person here."""
    words: dict[Language, dict[Key, Annotated[tuple[Text, ...], Some, Distinct]]] = Field(
        default_factory=dict
    )
    """What callers may say instead of a key, by language. Empty: keys only."""
    keeps: NodeName | None = None
    """What the chosen key is kept as in the call's record. Empty: only as a key."""
    barge_keys: flow.Barge = "at_once"
    """What a key does during the prompts."""
    barge_words: flow.Barge = "if_valid"
    """What words do during the prompts."""
    early: bool = False
    """Whether keys pressed in nodes before, where nobody took them, count here."""

    @model_validator(mode="after")
    def _words_mean_one_key(self) -> "MenuNode":
        for language, words in self.words.items():
            seen: dict[str, str] = {}
            for key, said in words.items():
                if key not in self.keys:
                    zh, en = f"words 里的 {key} 键不在 keys 里", f"keys has no {key}"
                    raise fault(f"{zh}（{language}）", f"{en} ({language})", "words")
                for word in said:
                    if seen.setdefault(word, key) != key:
                        zh = f"“{word}”（{language}）既是 {seen[word]} 键又是 {key} 键"
                        en = f"{word!r} ({language}) means both key {seen[word]} and key {key}"
                        raise fault(zh, en, "words")
        return self

    @model_validator(mode="after")
    def _prompts_heard(self) -> "MenuNode":
        if len(self.wrong_prompts) >= self.tries:
            raise fault(
                f"tries 是 {self.tries}，最多用到 {self.tries - 1} 条提示音，多余的永远不会播放",
                f"with tries {self.tries} only {self.tries - 1} of these are ever heard",
                "wrong_prompts",
            )
        return self


class SetLanguageNode(Settings):
    """Chooses the language from here on."""

    type: Literal["set_language"]
    language: Language
    then: NodeName


class ListenNode(Settings):
    """Asks the caller to speak, and lets the caller speak."""

    type: Literal["listen"]
    prompts: Prompts
    then: NodeName
    on_nothing: NodeName
    """When the caller said nothing, or less than `least`."""
    limit: Annotated[float, between("5s", "10min")] = 90.0
    silence: Annotated[float, between("500ms", "30s")] = 3.0
    """Quiet after speech that ends it."""
    patience: Annotated[float, between("1s", "1min")] = 6.0
    """Quiet before speech that ends it."""
    least: Annotated[float, between("0s", "5s")] = 1.0
    """Speech shorter than this does not count."""
    finish_keys: Keys = "#"
    on_key: dict[Key, NodeName] = Field(default_factory=dict)
    on_language: dict[Language, NodeName] = Field(default_factory=dict)
    """Where one goes on who was heard to speak another language; needs a language_model."""
    barge_words: Literal["at_once", "never"] = "at_once"
    """`never`: listening begins when the prompts have ended."""

    @model_validator(mode="after")
    def _times(self) -> "ListenNode":
        longest = max(self.silence, self.patience)
        if self.limit <= longest:
            raise fault(
                f"limit 应大于 silence 和 patience（{longest:g}s）",
                f"limit must be longer than silence and patience ({longest:g}s)",
                "limit",
            )
        both = sorted(set(self.finish_keys) & set(self.on_key))
        if both:
            raise fault(
                f"{both[0]} 键既是结束键又写在 on_key 里，只能留一处",
                f"key {both[0]} is in finish_keys and in on_key; it can be only one",
                "on_key",
            )
        return self


class EnqueueNode(Settings):
    """Gives the caller a place in a lane."""

    type: Literal["enqueue"]
    lane: LaneName
    prompts: Prompts = ()
    """Before the lane's music."""
    announce: Prompts = ()
    """After each expected waiting time."""
    on_key: dict[Key, NodeName] = Field(default_factory=dict)
    on_full: NodeName
    on_nobody: NodeName
    on_late: NodeName
    on_closed: NodeName | None = None
    on_talked: NodeName | None = None
    """Where the caller goes on when the agent hangs up. Empty: the call is over then."""
    on_long_wait: NodeName | None = None
    """When the lane's `max_expected` turns the caller away. Empty: as on_full."""


class HoldNode(Settings):
    """Repeats its prompts until a key or for `limit`."""

    type: Literal["hold"]
    prompts: Prompts = ()
    limit: Annotated[float, between("1s", "4h")]
    then: NodeName
    on_key: dict[Key, NodeName] = Field(default_factory=dict)


class CollectNode(Settings):
    """Takes figures that the caller types."""

    type: Literal["collect"]
    prompts: SomePrompts
    name: NodeName
    """What the figures are kept as in the call's record."""
    then: NodeName
    on_silence: NodeName
    """When nothing is typed."""
    on_wrong: NodeName | None = None
    """When what is typed did not fit `tries` times. Empty: as after silence."""
    least: Annotated[int, Field(ge=1, le=40)] = 1
    most: Annotated[int, Field(ge=1, le=40)] = 20
    """Figures; with the last of them typing is over."""
    end_keys: Keys = "#"
    pattern: Text | None = None
    """Regular expression that the whole must fit, such as `1[0-9]{10}`."""
    check: Literal["order", "phone"] | None = None
    """What it must be: the number of an order with its check figure, or a telephone number."""
    timeout: Annotated[float, between("1s", "1min")] = 5.0
    """After the prompts, until the first figure."""
    pause: Annotated[float, between("1s", "30s")] = 3.0
    """From one figure to the next."""
    tries: Annotated[int, Field(ge=1, le=9)] = 3
    wrong_prompts: Prompts = ()
    """One for each misfit before the last."""
    silence_prompts: Prompts = ()
    """One for each silence before the last; only the last leads on."""
    on_key: dict[Key, NodeName] = Field(default_factory=dict)
    """`*` or `#`, before any figure."""
    barge_keys: Literal["at_once", "after", "never"] = "at_once"
    """What a figure does during the prompts."""
    early: bool = False
    """Whether keys pressed in nodes before, where nobody took them, count here."""

    @model_validator(mode="before")
    @classmethod
    def _bounds(cls, written: Any) -> Any:
        """What is checked for says how many figures it has, unless that is written too."""
        bounds = BOUNDS.get(str(written.get("check"))) if isinstance(written, dict) else None
        return written if bounds is None else {"least": bounds[0], "most": bounds[1], **written}

    @model_validator(mode="after")
    def _sound(self) -> "CollectNode":
        if self.most < self.least:
            raise fault("most 小于 least", "most is less than least", "most")
        figures = [
            *(key for key in self.on_key if key.isdecimal()),
            *re.findall(r"\d", self.end_keys),
        ]
        if figures:
            raise fault(
                "这里的按键只能是 * 和 #：数字都算输入",
                "only * and # can be keys here: figures are what is typed",
                "on_key" if any(key.isdecimal() for key in self.on_key) else "end_keys",
            )
        try:
            re.compile(self.pattern or "")
        except re.error as error:
            zh, en = f"正则表达式写错了：{error}", f"not a regular expression: {error}"
            raise fault(zh, en, "pattern") from None
        return self


class BranchNode(Settings):
    """Chooses the way by hours, by a lane's load, or by what is known of the caller."""

    type: Literal["branch"]
    hours: HoursName | None = None
    """In hours.yaml; then `open` and `closed` are needed."""
    open: NodeName | None = None
    closed: NodeName | None = None
    holidays: dict[Text, NodeName] = Field(default_factory=dict)
    """Holidays of the calendar with a way of their own. Others: as `closed`."""
    lane: LaneName | None = None
    """Then `free`, `busy` and `nobody` are needed."""
    busy_at: Annotated[int, Field(ge=1, le=5000)] = 1
    """Callers waiting from whom on the lane is busy."""
    free: NodeName | None = None
    busy: NodeName | None = None
    nobody: NodeName | None = None
    variable: NodeName | None = None
    """`caller`, `language`, or what was typed, chosen or looked up; needs `otherwise`."""
    values: dict[Text, NodeName] = Field(default_factory=dict)
    """The first that fits; `010*` fits all that begins so."""
    otherwise: NodeName | None = None

    @model_validator(mode="after")
    def _one_question(self) -> "BranchNode":
        asked = [name for name in QUESTIONS if getattr(self, name) is not None]
        if len(asked) != 1:
            raise fault(
                "hours（按服务时间）、lane（按队列）和 variable（按已知内容）必须写一个，只写一个",
                "exactly one of hours, lane and variable must be given",
            )
        wanted = QUESTIONS[asked[0]]
        for name in ("open", "closed", "free", "busy", "nobody", "otherwise"):
            if (getattr(self, name) is None) == (name in wanted):
                listed = ", ".join(wanted)
                zh = f"这里要写的去向是 {listed}，一个也不能少，也不能多"
                raise fault(zh, f"the ways needed here are {listed}, all of them and no other")
        if (self.variable is None) == bool(self.values):
            zh = "values（每种内容的去向）和 variable 要一起写"
            raise fault(zh, "values and variable belong together")
        return self

    @property
    def ways(self) -> dict[str, NodeId]:
        """Return where each answer leads."""
        if self.variable is not None:
            return dict(self.values)
        named = {name: getattr(self, name) for name in flow.ANSWERS}
        return {**{name: to for name, to in named.items() if to is not None}, **self.holidays}


QUESTIONS = {
    "hours": ("open", "closed"),
    "lane": ("free", "busy", "nobody"),
    "variable": ("otherwise",),
}
"""What a branch may ask for, and the ways that it then needs."""


class HangUpNode(Settings):
    """Says the last words, then ends the call."""

    type: Literal["hang_up"]
    prompts: Prompts = ()
    reason: Literal["completed", "message_left"] = "completed"


PlainNode = (
    SayNode
    | MenuNode
    | SetLanguageNode
    | ListenNode
    | EnqueueNode
    | HoldNode
    | CollectNode
    | BranchNode
    | HangUpNode
)

NodeSettings = PlainNode | PartNode

NODES: Mapping[str, type[NodeSettings]] = {
    "say": SayNode,
    "menu": MenuNode,
    "set_language": SetLanguageNode,
    "listen": ListenNode,
    "enqueue": EnqueueNode,
    "hold": HoldNode,
    "collect": CollectNode,
    "branch": BranchNode,
    "hang_up": HangUpNode,
    **PARTS,
}


class FlowHead(Settings):
    """A flow without its nodes."""

    begin: NodeName
    language: Language = "zh"
    """That a call begins in."""
    record: bool = True
    """Whether calls are recorded, from being picked up to their end."""


class FlowFile(FlowHead):
    """flows/NAME.yaml: what a caller is led through."""

    nodes: dict[NodeName, Annotated[NodeSettings, Field(discriminator="type")]]


PLAIN: Mapping[type[Settings], Callable[..., flow.Node]] = {
    SayNode: flow.Say,
    MenuNode: flow.Menu,
    SetLanguageNode: flow.SetLanguage,
    ListenNode: flow.Listen,
    HoldNode: flow.Hold,
}
"""Nodes that are called alike and whose settings stay as they are."""


def steps_of(at: NodeId, settings: NodeSettings, music: Mapping[str, PromptId | None]) -> Steps:
    """Make what the settings describe, one node or several; `music` is that of each lane."""
    if isinstance(settings, PartNode):
        return settings.steps(at)
    return {at: _node_of(settings, music)}


def _node_of(settings: PlainNode, music: Mapping[str, PromptId | None]) -> flow.Node:
    match settings:
        case EnqueueNode():
            return flow.Enqueue(**_plain(settings), music=music.get(settings.lane))
        case HangUpNode():
            return flow.HangUp(Reason(settings.reason), settings.prompts)
        case CollectNode():
            words = {"pattern": settings.pattern or "", "check": settings.check or ""}
            return flow.Collect(**{**_plain(settings), **words})
        case BranchNode():
            otherwise = settings.closed or settings.nobody or settings.otherwise
            assert otherwise is not None, "a branch was read without its ways"
            return flow.Branch(
                settings.ways,
                otherwise,
                settings.hours,
                settings.lane,
                settings.busy_at,
                settings.variable,
            )
        case _:
            return PLAIN[type(settings)](**_plain(settings))


def _plain(settings: Settings) -> dict[str, Any]:
    """Return the settings by name, without the type of node."""
    return {name: getattr(settings, name) for name in type(settings).model_fields if name != "type"}
