"""What agents and supervisors may do in a call: whom to reach, by which keys."""

import re
from typing import Annotated, Any

from pydantic import Field, model_validator

from config.values import (
    AgentName,
    Distinct,
    HoursName,
    Key,
    Number,
    PromptName,
    Reading,
    Settings,
    SipUri,
    Some,
    Text,
    between,
    fault,
    in_json,
    shown,
    word,
)

ALONE = (
    "hold",
    "resume",
    "mute",
    "unmute",
    "three_way",
    "complete",
    "cancel",
    "pause_recording",
    "resume_recording",
    "help",
    "help_over",
    "hang_up",
    "abuse",
)
"""What a key code may ask for by itself."""
TOWARDS = ("transfer", "consult", "join")
"""What it may ask for with a target."""
_WISH = re.compile(rf"(?:{'|'.join(ALONE)})|(?P<how>{'|'.join(TOWARDS)}) (?P<target>\S+)")

CODE = word(
    r"[*#][0-9*#]{1,5}",
    "按键码以 * 或 # 开头，后面 1 到 5 位，例如 *1",
    "a key code begins with * or # and has 1 to 5 more, such as *1",
)


def _wish(value: Any) -> str:
    if isinstance(value, str) and _WISH.fullmatch(value):
        return value
    raise fault(
        f"应写 {'、'.join(ALONE)}，或 transfer、consult、join 加对象（例如 join police），"
        f"现在是 {shown(value)}",
        f"need one of {', '.join(ALONE)}, or transfer, consult or join with a target "
        f"(such as join police); got {shown(value)}",
    )


def target_in(wish: str) -> str | None:
    """Return whom a key's wish reaches for; None if nobody."""
    match = _WISH.fullmatch(wish)
    return match["target"] if match is not None else None


Wish = Annotated[str, Reading(_wish, in_json(_WISH.pattern))]
TargetName = Annotated[
    str,
    word(
        "[a-z][a-z0-9_]{0,39}",
        "名称只能用小写字母、数字和下划线，并以字母开头",
        "a name has lower-case letters, digits and _, and begins with a letter",
    ),
]


class Expert(Settings):
    """Somebody at home, on a telephone."""

    name: Text
    number: Number
    """By a trunk that dials out to it."""
    quiet: HoursName | None = None
    """In hours.yaml: while these are open nobody rings. Empty: at any time."""


class RotaSettings(Settings):
    """People who are rung one after the other until one takes the call with a key."""

    people: Annotated[tuple[Expert, ...], Some]
    prompt: PromptName
    """In prompts/zh: what is said to one who picks up, again and again, with the key."""
    key: Key = "1"
    """Takes the call; any other declines, and the next is rung."""
    ring: Annotated[float, between("5s", "2min")] = 20.0
    accept_within: Annotated[float, between("3s", "1min")] = 15.0
    """From picking up to the key; who presses none is a machine, or asleep."""
    rounds: Annotated[int, Field(ge=1, le=5)] = 1
    """How often the whole rota is tried."""


class CallTarget(Settings):
    """Somebody whom agents may reach: one of agent, uri, number and rota."""

    name: Text
    agent: AgentName | None = None
    """One of agents.yaml, who must be free."""
    uri: SipUri | None = None
    """A SIP address of our own network."""
    number: Number | None = None
    """By a trunk that dials out to it."""
    rota: TargetName | None = None
    """One of `rotas`: whoever of it takes the call."""
    context: bool = False
    """Tell them the case by User-to-User (RFC 7433): reference, caller, lane, language."""

    @model_validator(mode="after")
    def _one_way(self) -> "CallTarget":
        if sum(way is not None for way in (self.agent, self.uri, self.number, self.rota)) != 1:
            raise fault(
                "agent、uri、number、rota 中要写一项，只能写一项",
                "exactly one of agent, uri, number and rota must be given",
            )
        return self


class InCallSettings(Settings):
    """A call while it is talked on."""

    targets: dict[TargetName, CallTarget] = Field(default_factory=dict)
    rotas: dict[TargetName, RotaSettings] = Field(default_factory=dict)
    """Experts at home, by the name that targets have for them."""
    keys: dict[Annotated[str, CODE], Wish] = Field(default_factory=dict)
    """Key codes of an agent's phone."""
    supervisors: Annotated[tuple[AgentName, ...], Distinct] = ()
    """Who may listen, whisper and barge in, and see the wallboard, calls for help, and danger."""
    administrators: Annotated[tuple[AgentName, ...], Distinct] = ()
    """Who may also read who did what at the desk."""
    breaks: dict[TargetName, Text] = Field(default_factory=lambda: {"rest": "小休"})
    """Reasons that agents may give for a pause."""
    ring: Annotated[float, between("5s", "2min")] = 30.0
    """That one who is reached for is rung."""
    brief_limit: Annotated[float, between("1s", "10s")] = 4.0
    """After which an announcement to the agent is cut."""
    waits: dict[PromptName, Annotated[float, between("0s", "1h")]] = Field(default_factory=dict)
    """Said to the agent after the lane's announcement: prompt, and from how long a wait on."""
    cool_down: Annotated[float, between("0s", "1h")] = 180.0
    """Pause after a call whose agent said that the caller was abusive. 0s: none."""
    extension_limit: Annotated[float, between("0s", "1h")] = 600.0
    """By which a wrap-up may be extended at once."""

    @model_validator(mode="after")
    def _codes_apart(self) -> "InCallSettings":
        for code in self.keys:
            longer = next((o for o in self.keys if o != code and o.startswith(code)), None)
            if longer is not None:
                raise fault(
                    f"按键码 {code} 是 {longer} 的开头，后者永远按不出来",
                    f"key code {code} begins {longer}, which can never be pressed",
                    "keys",
                )
        return self
