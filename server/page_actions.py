"""What a page asks for, as JSON, read into the actions that call control knows."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from calls.ids import AgentId
from media.mix import Supervision
from server import asked

TEXT_MOST = 200
"""Characters of what an agent says with a call for help."""
NUMBER = re.compile(r"\+?[0-9*#]{2,24}")


KEYS = re.compile(r"[0-9*#]+")
KEYS_MOST = 32
"""Keys that are pressed at one asking."""


class BadAction(Exception):
    """What was asked for cannot be read; says so in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class NoSuchAction(BadAction):
    """There is no action of that name."""


@dataclass(slots=True)
class Values:
    """The values of one action; what is left over is a fault too."""

    given: dict[str, Any]

    def flag(self, name: str) -> bool:
        """Take true or false."""
        value = self.given.pop(name, None)
        if not isinstance(value, bool):
            raise BadAction(f"{name} 应为 true 或 false", f"`{name}` must be true or false")
        return value

    def text(self, name: str, least: int = 1, most: int = 64) -> str:
        """Take a text; one that may be empty may be missing."""
        value = self.given.pop(name, "" if least == 0 else None)
        if not isinstance(value, str) or not least <= len(value) <= most:
            zh = f"{name} 应为 {least}–{most} 个字的文字"
            raise BadAction(zh, f"`{name}` must be a text of {least} to {most} characters")
        return value

    def seconds(self, name: str) -> float:
        """Take a length of time above nothing; its most is the settings' to say."""
        value = self.given.pop(name, None)
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        if not plain or not 0 < value <= 86_400:
            raise BadAction(f"{name} 应为秒数", f"`{name}` must be a number of seconds")
        return float(value)

    def one_of(self, name: str, words: tuple[str, ...]) -> str:
        """Take one of some words."""
        value = self.given.pop(name, None)
        if value not in words:
            choices = ", ".join(words)
            raise BadAction(f"{name} 应为 {choices} 之一", f"`{name}` must be one of {choices}")
        return str(value)

    def done(self) -> None:
        """Nothing may be left."""
        if self.given:
            names = ", ".join(sorted(self.given))[:100]
            raise BadAction(f"不认识：{names}", f"unknown: {names}")


def read(action: str, values: Mapping[str, Any]) -> asked.Action:
    """Return the action of that name; raise BadAction."""
    reader = ACTIONS.get(action)
    if reader is None:
        raise NoSuchAction(f"没有这个操作：{action[:40]}", f"no such action: {action[:40]}")
    given = Values(dict(values))
    found = reader(given)
    given.done()
    return found


def _reach(values: Values) -> asked.Reach:
    target = asked.target_of(values.text("target"))
    if isinstance(target, asked.ToNumber) and not NUMBER.fullmatch(target.number):
        raise BadAction("号码只能由数字、*、# 组成", "a number is made of figures, * and #")
    how = values.one_of("how", tuple(each.value for each in asked.How))
    return asked.Reach(target, asked.How(how))


def _send_keys(values: Values) -> asked.SendKeys:
    keys = values.text("keys", 1, KEYS_MOST)
    if not KEYS.fullmatch(keys):
        raise BadAction("按键只能是数字、*、#", "keys are figures, * and #")
    return asked.SendKeys(keys)


def _supervise(values: Values) -> asked.Supervise:
    how = values.one_of("how", tuple(each.value for each in Supervision))
    return asked.Supervise(AgentId(values.text("agent")), Supervision(how))


ACTIONS: Mapping[str, Callable[[Values], asked.Action]] = {
    "hold": lambda _: asked.Hold(),
    "resume": lambda _: asked.Resume(),
    "mute": lambda values: asked.Mute(values.flag("on")),
    "reach": _reach,
    "complete": lambda _: asked.Complete(),
    "cancel": lambda _: asked.Cancel(),
    "three_way": lambda _: asked.ThreeWay(),
    "pause_recording": lambda values: asked.PauseRecordingNow(values.flag("on")),
    "ask_help": lambda values: asked.AskHelp(values.text("text", 0, TEXT_MOST)),
    "end_help": lambda _: asked.EndHelp(),
    "report_abuse": lambda _: asked.ReportAbuse(),
    "send_keys": _send_keys,
    "hang_up": lambda _: asked.HangUp(),
    "supervise": _supervise,
    "stop_supervising": lambda _: asked.StopSupervising(),
    "finish_wrap_up": lambda _: asked.FinishWrapUp(),
    "extend_wrap_up": lambda values: asked.ExtendWrapUp(values.seconds("seconds")),
    "take_break": lambda values: asked.TakeBreak(values.text("reason")),
    "back_to_work": lambda _: asked.BackToWork(),
}
"""Every action of `server.asked`, by the name that pages and programs use."""
