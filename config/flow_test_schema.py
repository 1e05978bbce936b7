"""Flow tests as they stand in tests/*.yaml: a pretended call, and what must come of it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from calls.ids import Language, NodeId
from config.values import (
    LaneName,
    Number,
    PromptName,
    Reading,
    Settings,
    Text,
    between,
    fault,
    moment,
    shown,
    word,
)
from ivr.flow import REQUESTS
from ivr.pretend import State
from ivr.script import Act, act_of


def _moment(value: Any) -> datetime:
    try:
        return moment(value if isinstance(value, str) else "")
    except ValueError:
        raise fault(
            f"应写日期和时间，例如 2026-02-17 03:00，现在是 {shown(value)}",
            f"need a day and a time such as 2026-02-17 03:00, got {shown(value)}",
        ) from None


def _act(value: Any) -> Act:
    keys = isinstance(value, int) and not isinstance(value, bool)
    if not (keys or (isinstance(value, str) and value.strip())):
        raise fault(
            f"应写按键（2）、要说的话（路灯坏了）或沉默（…、…5s），现在是 {shown(value)}",
            f"need keys (2), words (路灯坏了) or silence (…, …5s), got {shown(value)}",
        )
    return act_of(str(value))


MomentOf = Annotated[datetime, Reading(_moment, {"type": "string"})]
ActOf = Annotated[Act, Reading(_act, {"type": ["string", "integer"]})]


PASSED = word(
    "[a-z][a-z0-9_]{0,39}(?:/[a-z][a-z0-9_]{0,39})*",
    "应写步骤的名称；被调用的流程里的步骤写 调用/步骤",
    "need a node's name, or call/node for one in a flow that is called",
)
REQUEST = word(
    "|".join(REQUESTS),
    f"只能是 {'、'.join(REQUESTS)}",
    f"need one of {', '.join(REQUESTS)}",
)


class Expected(Settings):
    """What must come of the call; what is not written may be anything."""

    lane: LaneName | None = None
    """In which the caller waits for a person at last."""
    end: Literal["completed", "message_left"] | None = None
    """How the flow hangs up at last."""
    within: Annotated[float, between("100ms", "1h")] | None = None
    """From being picked up until `lane` or `end` is reached."""
    language: Language | None = None
    """That prompts and recognition are in at last."""
    passes: tuple[Annotated[NodeId, PASSED], ...] = ()
    """Nodes on the way, in this order, others between them."""
    hears: tuple[PromptName, ...] = ()
    """Prompts, in this order, others between them."""
    hears_no: tuple[PromptName, ...] = ()

    @model_validator(mode="after")
    def _something(self) -> "Expected":
        if (self.lane is None) == (self.end is None):
            raise fault(
                "lane（转到哪个队列）和 end（怎样挂机）必须写一个，只写一个",
                "exactly one of lane and end must be given",
            )
        return self


class FlowTest(Settings):
    """One pretended call."""

    id: Text
    number: Number | None = None
    """Called number. Empty: the file's."""
    at: MomentOf | None = None
    """When it begins, in the city's time. Empty: the file's."""
    lanes: dict[LaneName, State] = Field(default_factory=dict)
    """What lanes do with the caller: take (also those that are not named), have no room, have
    no staff, let the caller wait for longer than max_wait, or talk for a minute and hang up."""
    caller: Number | None = None
    """Number of the caller. Empty: 13900000000."""
    answers: dict[Annotated[str, REQUEST], Text] = Field(default_factory=dict)
    """What comes of looking up and the like, such as `none` or `late`."""
    known: dict[Text, Text] = Field(default_factory=dict)
    """What is found out then, such as `calls: "3"`."""
    speaks: Language | None = None
    """What the words are heard to be in, by a model that tells languages. Empty: as usual."""
    do: tuple[ActOf, ...] = ()
    """Keys, words, silence; after the last the caller is silent."""
    expect: Expected


class FlowTestHead(Settings):
    """What holds for every test of a file."""

    number: Number
    """Called number."""
    at: MomentOf
    """When calls begin, such as `2026-03-04 10:00`."""


class FlowTestFile(FlowTestHead):
    """tests/NAME.yaml: pretended calls, run by `./hotline check`."""

    tests: dict[Text, FlowTest]
