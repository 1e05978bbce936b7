"""Nodes that are made of others: each setting becomes one node of `ivr.flow` or several."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from calls.ids import Language, NodeId, PromptId
from config.flow_values import Prompts, SomePrompts
from config.in_call_schema import TargetName
from config.values import (
    AgentName,
    FlowName,
    Key,
    LaneName,
    NodeName,
    Number,
    Settings,
    Text,
    between,
    fault,
)
from ivr.flow import Ask, Collect, Menu, Say
from ivr.parts import Call, Return, Step
from ivr.reading import reading

Steps = dict[NodeId, Step]
Timeout = Annotated[float, between("1s", "1min")]
NOT_A_CHOICE = "a question about what was said before, not a choice of service"
RING_BACK = PromptId("ring_back")
"""In `prompts/tones`: what one hears who waits for somebody to answer."""
YES: dict[Language, dict[str, tuple[str, ...]]] = {
    "zh": {"1": ("是", "对", "没错", "正确"), "2": ("不是", "不对", "错")},
    "en": {"1": ("yes", "right", "correct"), "2": ("no", "wrong", "incorrect")},
    "ko": {"1": ("네", "예", "맞아"), "2": ("아니", "틀려")},
    "ja": {"1": ("はい", "そうです", "合って"), "2": ("いいえ", "違い")},
}
"""What callers say for yes and for no."""


class CallNode(Settings):
    """Goes through another flow, one with `return`, and comes back."""

    type: Literal["call"]
    flow: FlowName
    then: NodeName
    results: dict[Text, NodeName] = Field(default_factory=dict)
    """Where to go on after a return with this result. Any other: `then`."""

    def steps(self, at: NodeId) -> Steps:
        """Return what this becomes."""
        return {at: Call(self.flow, self.then, self.results)}


class ReturnNode(Settings):
    """Goes back to where this flow was called from."""

    type: Literal["return"]
    result: Text | None = None

    def steps(self, at: NodeId) -> Steps:
        """Return what this becomes."""
        return {at: Return(self.result or "")}


class ConfirmNode(Settings):
    """Asks whether something is right: 1 or yes, 2 or no."""

    type: Literal["confirm"]
    prompts: SomePrompts
    then: NodeName
    on_no: NodeName
    on_silence: NodeName
    timeout: Timeout = 5.0
    tries: Annotated[int, Field(ge=1, le=9)] = 3
    wrong_prompts: Prompts = ()
    silence_prompts: Prompts = ()
    """One for each silence before the last; only the last leads on."""
    on_key: dict[Key, NodeName] = Field(default_factory=dict)
    """Other keys; 0 has to lead to a person."""
    words: bool = True
    """Whether yes and no may be said."""

    @model_validator(mode="after")
    def _other_keys(self) -> "ConfirmNode":
        taken = sorted({"1", "2"} & set(self.on_key))
        if taken:
            zh, en = f"{taken[0]} 键已经是“是”或“不是”", f"key {taken[0]} is yes or no already"
            raise fault(zh, en, "on_key")
        return self

    def steps(self, at: NodeId) -> Steps:
        """Return what this becomes."""
        menu = Menu(
            self.prompts,
            {"1": self.then, "2": self.on_no, **self.on_key},
            self.timeout,
            self.on_silence,
            tries=self.tries,
            wrong_prompts=self.wrong_prompts,
            silence_prompts=self.silence_prompts,
            words=YES if self.words else {},
            is_choice=False,
        )
        return {at: menu}


class RateNode(Settings):
    """Asks how the agent was, 1 to 5, and whether the matter is solved; for `on_talked`."""

    type: Literal["rate"]
    prompts: SomePrompts
    solved_prompts: Prompts = ()
    """Empty: that is not asked."""
    then: NodeName
    timeout: Timeout = 5.0
    bad_at: Annotated[int, Field(ge=1, le=4)] = 2
    """This mark and worse ones are bad, and so is a matter that is not solved."""

    def steps(self, at: NodeId) -> Steps:
        """Return what this becomes."""
        solved, done = NodeId(f"{at}/solved"), NodeId(f"{at}/done")
        after = solved if self.solved_prompts else done
        about = {"rating": "rating", "solved": "solved", "bad_at": f"={self.bad_at}"}
        steps: Steps = {
            at: self._menu(self.prompts, dict.fromkeys("12345", after), self.then, "rating"),
            done: Ask("rating", {"kept": self.then}, self.then, about),
        }
        if self.solved_prompts:
            steps[solved] = self._menu(
                self.solved_prompts, dict.fromkeys("12", done), done, "solved"
            )
        return steps

    def _menu(self, prompts: Prompts, keys: dict[str, NodeId], silence: NodeId, keeps: str) -> Menu:
        return Menu(
            prompts,
            keys,
            self.timeout,
            silence,
            tries=2,
            exempt_person_rule=NOT_A_CHOICE,
            keeps=keeps,
            is_choice=False,
        )


KEPT = {"newest_order": ("order",)}
"""What agents are shown of what was looked up: which order the caller means."""


class LookUpNode(Settings):
    """Finds something out while the caller waits, but not for long.

    `caller_history`: `calls`, how many there were from this number before, and `last_call`,
    the day of the last; none if there was no call. `order_status`: how far the order is whose
    number `by` names, as `order_state`, `recorded` or `confirmed`, and `order_day`;
    `newest_order`: the same of the newest order that came of a call from that number.
    """

    type: Literal["look_up"]
    what: Literal["caller_history", "order_status", "newest_order"]
    by: NodeName = NodeId("caller")
    """What is known by this name is looked up: what was typed, or `caller`."""
    prompts: Prompts = ()
    """Repeated meanwhile."""
    limit: Annotated[float, between("500ms", "30s")] = 3.0
    found: NodeName
    none: NodeName
    late: NodeName
    """Nothing came within `limit`, or it could not be asked."""

    def steps(self, at: NodeId) -> Steps:
        """Return what this becomes."""
        ways = {"found": self.found, "none": self.none, "late": self.late}
        about, keeps = {"key": self.by}, KEPT.get(self.what, ())
        asked = Ask(self.what, ways, self.late, about, self.prompts, self.limit, keeps)
        return {at: asked}


class PlayOrderNode(Settings):
    """Tells the caller the number of the order that comes of this call."""

    type: Literal["play_order"]
    prompts: SomePrompts
    """One of them reads it out: `{order:order}`."""
    then: NodeName
    on_late: NodeName | None = None
    """No number came within `limit`, say because the database is away. Empty: as `then`."""
    limit: Annotated[float, between("500ms", "30s")] = 3.0

    @model_validator(mode="after")
    def _reads_it(self) -> "PlayOrderNode":
        if not any((reading(prompt) or ("",))[0] == "order" for prompt in self.prompts):
            zh = "提示音里要有 {order:order}，否则来电者听不到工单号"
            raise fault(zh, "one of the prompts must be {order:order}, the number", "prompts")
        return self

    def steps(self, at: NodeId) -> Steps:
        """Return what this becomes."""
        say, late = NodeId(f"{at}/say"), self.on_late or self.then
        asked = Ask("own_order", {"found": say}, late, limit=self.limit)
        return {at: asked, say: Say(self.prompts, self.then)}


class CallBackNode(Settings):
    """Offers to call back: 1 at the caller's number, 2 at another that is typed and confirmed."""

    type: Literal["call_back"]
    prompts: SomePrompts
    """The offer; it may read the number out, `{caller:digits}`."""
    type_prompts: SomePrompts
    """Asks for another number."""
    confirm_prompts: SomePrompts
    """Reads it back: `{call_back:digits}`, 1 right, 2 once more."""
    lane: LaneName
    """Whose agents are to call."""
    then: NodeName
    on_no: NodeName
    """No consent, no number, or it could not be kept."""
    timeout: Timeout = 5.0

    def steps(self, at: NodeId) -> Steps:
        """Return what this becomes."""
        other, right = NodeId(f"{at}/type"), NodeId(f"{at}/confirm")
        ours, typed = NodeId(f"{at}/this_number"), NodeId(f"{at}/other_number")
        return {
            at: self._menu(self.prompts, {"1": ours, "2": other}),
            other: Collect(
                self.type_prompts,
                "call_back",
                right,
                self.on_no,
                least=5,
                most=15,
                wrong_prompts=self.type_prompts,
                timeout=self.timeout,
            ),
            right: self._menu(self.confirm_prompts, {"1": typed, "2": other}),
            ours: self._kept("caller"),
            typed: self._kept("call_back"),
        }

    def _menu(self, prompts: Prompts, keys: dict[str, NodeId]) -> Menu:
        more = {**keys, "0": self.on_no}
        return Menu(prompts, more, self.timeout, self.on_no, is_choice=False)

    def _kept(self, number: str) -> Ask:
        about = {"number": number, "lane": f"={self.lane}"}
        return Ask("call_back", {"kept": self.then}, self.on_no, about)


class TransferNode(Settings):
    """Sends the caller to an agent or to a number outside, with what is known so far."""

    type: Literal["transfer"]
    agent: AgentName | None = None
    number: Number | None = None
    """Dialled through a trunk, such as `110`."""
    target: TargetName | None = None
    """One of `in_call.targets`, such as a rota of experts at home."""
    context: bool = False
    """Whether what was said and typed goes with the call."""
    prompts: Prompts = ()
    """Repeated until somebody answers. Empty: the tone of a telephone that rings."""
    limit: Annotated[float, between("5s", "3min")] = 30.0
    on_busy: NodeName
    on_no_answer: NodeName
    on_failed: NodeName
    """No way out, or it was refused."""

    @model_validator(mode="after")
    def _one_target(self) -> "TransferNode":
        if sum(to is not None for to in (self.agent, self.number, self.target)) != 1:
            zh = "agent（坐席）、number（号码）和 target（转接对象）必须写一个，只写一个"
            raise fault(zh, "exactly one of agent, number and target must be given")
        return self

    def steps(self, at: NodeId) -> Steps:
        """Return what this becomes."""
        kind = next(one for one in ("agent", "number", "target") if getattr(self, one) is not None)
        ways = {
            "busy": self.on_busy,
            "no_answer": self.on_no_answer,
            "failed": self.on_failed,
        }
        about = {
            "kind": f"={kind}",
            "to": f"={getattr(self, kind)}",
            "context": "=yes" if self.context else "=no",
        }
        said = self.prompts or (RING_BACK,)
        return {at: Ask("transfer", ways, self.on_no_answer, about, said, self.limit)}


class OptOutNode(Settings):
    """Takes it that this number is not to be called by machine any more (回访)."""

    type: Literal["opt_out"]
    then: NodeName

    def steps(self, at: NodeId) -> Steps:
        """Return what this becomes."""
        return {at: Ask("opt_out", {"kept": self.then}, self.then)}


PartNode = (
    CallNode
    | ReturnNode
    | ConfirmNode
    | RateNode
    | LookUpNode
    | PlayOrderNode
    | CallBackNode
    | TransferNode
    | OptOutNode
)
PARTS: dict[str, type[PartNode]] = {
    "call": CallNode,
    "return": ReturnNode,
    "confirm": ConfirmNode,
    "rate": RateNode,
    "look_up": LookUpNode,
    "play_order": PlayOrderNode,
    "call_back": CallBackNode,
    "transfer": TransferNode,
    "opt_out": OptOutNode,
}
