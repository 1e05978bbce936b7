"""Flows as they stand in flows/*.yaml, and the making of `ivr.flow` values of them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from calls.ids import Language, PromptId
from calls.reasons import Reason
from config.values import (
    Key,
    Keys,
    LaneName,
    NodeName,
    PromptName,
    Settings,
    Some,
    Text,
    between,
    fault,
)
from ivr import flow

Prompts = tuple[PromptName, ...]
SomePrompts = Annotated[Prompts, Some]


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
    exempt_person_rule: Text | None = None
    """Why 0 and silence need not reach a person here."""

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


class HoldNode(Settings):
    """Repeats its prompts until a key or for `limit`."""

    type: Literal["hold"]
    prompts: Prompts = ()
    limit: Annotated[float, between("1s", "4h")]
    then: NodeName
    on_key: dict[Key, NodeName] = Field(default_factory=dict)


class HangUpNode(Settings):
    """Says the last words, then ends the call."""

    type: Literal["hang_up"]
    prompts: Prompts = ()
    reason: Literal["completed", "message_left"] = "completed"


NodeSettings = (
    SayNode | MenuNode | SetLanguageNode | ListenNode | EnqueueNode | HoldNode | HangUpNode
)

NODES: Mapping[str, type[NodeSettings]] = {
    "say": SayNode,
    "menu": MenuNode,
    "set_language": SetLanguageNode,
    "listen": ListenNode,
    "enqueue": EnqueueNode,
    "hold": HoldNode,
    "hang_up": HangUpNode,
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


def node_of(settings: NodeSettings, music: Mapping[str, PromptId | None]) -> flow.Node:
    """Make the node that the settings describe; `music` is that of each lane."""
    match settings:
        case EnqueueNode():
            return flow.Enqueue(**_plain(settings), music=music.get(settings.lane))
        case HangUpNode():
            return flow.HangUp(Reason(settings.reason), settings.prompts)
        case SayNode():
            return flow.Say(**_plain(settings))
        case MenuNode():
            return flow.Menu(**_plain(settings))
        case SetLanguageNode():
            return flow.SetLanguage(**_plain(settings))
        case ListenNode():
            return flow.Listen(**_plain(settings))
        case HoldNode():
            return flow.Hold(**_plain(settings))


def _plain(settings: Settings) -> dict[str, Any]:
    """Return the settings by name, without the type of node."""
    return {name: getattr(settings, name) for name in type(settings).model_fields if name != "type"}
