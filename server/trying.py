"""`./hotline flow try`: a flow walked in the terminal, as a caller would; nothing is dialled."""

import argparse
import json
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO, get_args

from calls.ids import LaneId, PromptId
from config import reader
from config.faults import SettingsError
from config.pretending import Pretended, world_of
from config.publish import NAME
from config.settings import Site
from config.values import CITY_ZONE, moment
from ivr.flow import REQUESTS, Flow
from ivr.pretend import Moment, State
from ivr.script import act_of
from ivr.trial import Trial
from server.aloud import Aloud, OutLoud, Wanted, out_loud
from server.sound_out import NoSound

HELP = (
    "按键直接写（2、12#）；要说的话直接写（路灯坏了），前面加 ! 是抢着说；"
    "… 是沉默，…5s 是沉默 5 秒；q 结束。\n"
    "Type keys (2, 12#), words, … for silence, …5s for five seconds of it, q to stop. Time "
    "passes only as you act."
)
QUIT = {"q", "quit", "exit", "退出", "挂机"}
WORDS = {
    "node": "步骤 node",
    "loop": "循环播放 loops",
    "key": "按键 key",
    "wrong_key": "没有这个按键 not offered",
    "says": "您说 you say",
    "not_listening": "这里不听说话 not listened to",
    "listens": "开始听您说 listens",
    "heard": "听完，因为 heard, by",
    "language": "语言 language",
    "typed": "输入 typed",
    "understood": "听成按键 taken for key",
    "decided": "判断 decided",
    "asked": "询问 asks",
    "talked": "坐席说完挂机 talked with an agent of",
    "lane": "进入队列，等人接 waits in lane",
    "refused": "队列不接 lane refuses",
    "leaves": "离开队列 leaves lane",
    "end": "挂机 the call ends",
}


class Wrong(ValueError):
    """An argument that cannot be used; its words are for people."""


def main(arguments: argparse.Namespace) -> int:
    """Walk a flow with what is typed; 2 for wrong settings or arguments."""
    try:
        site = reader.read(arguments.config)
        flow = _flow(site, arguments.name)
        states = _states(site, arguments.lane)
        world = world_of(site, _at(arguments.at), states, _pretended(arguments))
    except SettingsError as error:
        print("\n".join(map(str, error.faults)), file=sys.stderr)
        return 2
    except Wrong as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{flow.name} · {which(site.folder)} · {world.at:%Y-%m-%d %H:%M}\n{HELP}")
    with TemporaryDirectory(prefix="hotline-try-") as folder:
        return _walk(Trial(flow, world), site, arguments.sound, Path(folder))


def _walk(trial: Trial, site: Site, wanted: Wanted, folder: Path) -> int:
    typed_by_a_person = sys.stdin.isatty()
    try:
        sound = out_loud(trial, site, wanted, folder, typed=typed_by_a_person)
    except NoSound as error:
        print(f"没有声音，只有文字 / no sound, text only: {error}", file=sys.stderr)
        if wanted == "yes":
            return 2
        sound = out_loud(trial, site, "no", folder, typed=typed_by_a_person)
    try:
        typed = walk(trial, site, sys.stdin, sys.stdout, sound)
    finally:
        sound.hush()
    if typed:
        print(as_test(typed))
    return 0


def which(folder: Path) -> str:
    """Say whether a folder is a version that was published, or a draft that callers do not get."""
    if NAME.fullmatch(folder.name) and folder.parent.name == "published":
        return f"已发布的版本 published version {folder.name}"
    return f"草稿，发布后来电者才会听到 draft, not what callers get until published: {folder}"


def walk(
    trial: Trial, site: Site, lines: Iterable[str], out: TextIO, sound: OutLoud | None = None
) -> list[str]:
    """Do each line that is typed, show and play what comes of it; return what was typed."""
    sound = sound if sound is not None else OutLoud(Aloud(trial, site.prompts), None)
    shown, typed = 0, list[str]()
    source = iter(lines)
    while True:
        for happened in trial.moments[shown:]:
            print(told(happened, site, trial), file=out)
        shown = len(trial.moments)
        _say(sound.go_on(), out)
        if trial.over:
            _say(sound.end(), out)
            return typed
        print(f"{trial.now:7.1f} s > ", end="", flush=True, file=out)
        line = next(source, None)
        if line is None or line.strip() in QUIT:
            print(file=out)
            return typed
        if line.strip():
            typed.append(line.strip())
            trial.do(act_of(line))


def _say(words: str | None, out: TextIO) -> None:
    if words is not None:
        print(words, file=out)


def told(happened: Moment, site: Site, trial: Trial) -> str:
    """Return one thing that happened as a line: seconds, what, and a prompt's words."""
    if happened.kind == "hears":
        text = _words(site, trial, happened)
        return f"{happened.at:7.1f} s   ♪ {happened.what}: {text}"
    rule = f"（{happened.why}）" if happened.why else ""
    return f"{happened.at:7.1f} s   {WORDS[happened.kind]} {happened.what}{rule}"


def _words(site: Site, trial: Trial, happened: Moment) -> str:
    """Return a prompt's words in the language that the caller had when it was heard."""
    spoken = trial.language_at(happened.at), PromptId(happened.what)
    text = site.prompt_texts.get(spoken)
    return "（声音 a sound）" if text is None else text.text


def as_test(typed: Iterable[str]) -> str:
    """Return what was typed as the `do` of a flow test."""
    listed = json.dumps(list(typed), ensure_ascii=False)
    return f"写成测试 / for a flow test in tests/: do: {listed}"


def _flow(site: Site, name: str | None) -> Flow:
    name = name if name is not None else next(iter(site.numbers.values()))
    if name not in site.flows:
        listed = ", ".join(sorted(site.flows))
        raise Wrong(f"没有流程“{name}” / no flow {name!r}: {listed}")
    return site.flows[name]


def _at(text: str | None) -> datetime:
    if text is None:
        return datetime.now(CITY_ZONE)
    try:
        return moment(text)
    except ValueError:
        raise Wrong(f"--at 应写成 2026-02-17 03:00 / not a moment: {text!r}") from None


def _pretended(arguments: argparse.Namespace) -> Pretended:
    """Read who calls, and `order_status=none` and `order_state=confirmed` of what is found out."""
    answers, known = _pairs("--answer", arguments.answer), _pairs("--known", arguments.known)
    for kind in answers:
        if kind not in REQUESTS:
            listed = ", ".join(REQUESTS)
            raise Wrong(f"--answer 里没有“{kind}” / no request {kind!r}: {listed}")
    return Pretended(arguments.caller, answers, known, arguments.speaks)


def _pairs(name: str, given: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not (key and equals and value):
            raise Wrong(f"{name} 应写成 名称=内容 / need NAME=VALUE, got {one!r}")
        found[key] = value
    return found


def _states(site: Site, given: Iterable[str]) -> dict[LaneId, State]:
    """Read `medical=full`; raise Wrong for what no lane is or does."""
    states: dict[LaneId, State] = {}
    for one in given:
        lane, _, state = one.partition("=")
        if lane not in site.lanes or state not in get_args(State):
            lanes, known = ", ".join(sorted(site.lanes)), ", ".join(get_args(State))
            raise Wrong(f"--lane 应写成 队列=状态 / need LANE=STATE: {lanes}; {known}")
        states[LaneId(lane)] = state  # type: ignore[assignment]  # one of the literal's own
    return states
