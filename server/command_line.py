"""`./hotline …`: what a person can ask for, in Chinese and English."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from calls.ids import LANGUAGES
from server.command_parts import Command, data, lazily, of_site, site
from server.order_commands import draft, knowledge, learn, order, rank, service
from server.workshop import BENCHES, ROOT

ESPEAK = "espeak-ng -v {espeak} -w {out} --stdin"
"""The voice that texts are rendered with when no other is named."""
USAGE = 2
"""Exit status for wrong settings, wrong arguments, a port that is taken."""
NOBODY_READS = 141
"""Exit status of a program that SIGPIPE ends, as shells count it."""


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    arguments, rest = _parser().parse_known_args(words)
    if rest and not getattr(arguments, "passes_on", False):
        _parser().error("unrecognized arguments / 不认识的参数: " + " ".join(rest))
    arguments.rest = rest
    command: Command = arguments.command
    try:
        status = command(arguments)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read what we print, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS


SAID = (
    ("the following arguments are required: ", "还缺少 "),
    ("invalid choice: ", "没有这一种："),
    ("expected one argument", "后面要写一个值"),
    ("invalid float value: ", "应写数字："),
    ("invalid int value: ", "应写整数："),
)
"""What argparse says of wrong arguments, and the same for those who read Chinese."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong with arguments in both languages."""

    def error(self, message: str) -> NoReturn:
        """Tell, show how it is used, and end with status 2."""
        zh = message.replace("argument ", "参数 ", 1)
        for theirs, ours in SAID:
            zh = zh.replace(theirs, ours)
        zh = zh.replace("choose from", "可以写")
        self.print_usage(sys.stderr)
        told = message if zh == message else f"{zh} / {message}"
        self.exit(USAGE, f"{self.prog}: {told}\n")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="./hotline",
        description="12345 政务热线呼叫引擎。The call engine of a city's government hotline.",
        epilog="数据默认放在 ./data。Data is kept in ./data unless --data says otherwise.",
    )
    commands = parser.add_subparsers(metavar="命令 COMMAND", required=True)
    _demo(commands.add_parser("demo", help="演示：五个真实来电 / five real calls, start to draft"))
    _serve(commands.add_parser("serve", help="启动服务（前台） / the service, in the foreground"))
    _check(commands.add_parser("check", help="检查配置 / name every fault of a configuration"))
    _publish(commands.add_parser("publish", help="发布配置 / check, keep and use a version"))
    _history(commands.add_parser("history", help="发布记录 / what was published, when and why"))
    _rollback(commands.add_parser("rollback", help="回退版本 / use an earlier version again"))
    _plan(commands.add_parser("plan", help="预案 / event plans: list, on, off"))
    service(commands.add_parser("service", help="服务号码的密码 / PINs of the service numbers"))
    _models(commands.add_parser("models", help="语音模型 / speech models: list, fetch"))
    draft(commands.add_parser("draft", help="文字起草工单 / draft orders from a file of texts"))
    order(commands.add_parser("order", help="工单编号 / orders by the numbers citizens know"))
    learn(commands.add_parser("learn", help="从已分类文字学习 / learn labels from texts"))
    rank(commands.add_parser("rank", help="用学到的模型分类 / rank labels by what was learned"))
    knowledge(commands.add_parser("knowledge", help="知识库 / approved answers and duties"))
    _agent(commands.add_parser("agent", help="坐席 / agents of the running engine"))
    _waiting(commands.add_parser("waiting", help="排队的人 / who waits; change a turn"))
    _figures(commands.add_parser("figures", help="统计指标 / every figure, from the facts"))
    _simulate(commands.add_parser("simulate", help="模拟一天 / a day of calls in a minute"))
    _flow(commands.add_parser("flow", help="画流程图、试拨流程 / draw a flow, try it"))
    _prompts(commands.add_parser("prompts", help="导入录音 / bring in recorded prompts"))
    _passing(
        commands.add_parser("test", help="运行测试 / set up and run the tests"),
        "test",
    )
    _passing(
        commands.add_parser("lint", help="代码检查 / style, types, arrows"),
        "lint",
    )
    bench = commands.add_parser("bench", help="性能测量 / measurements of all kinds")
    bench.add_argument("what", choices=tuple(BENCHES))
    _passing(bench, "bench")
    return parser


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="结果输出为 JSON / print one document")
    parser.add_argument(
        "--keep",
        action="store_true",
        help="演示后继续运行，可用软电话拨 sip:12345@127.0.0.1 / stay up for a real softphone",
    )
    parser.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        help="数据目录，默认为新建的临时目录 / default: a new folder",
    )
    parser.add_argument(
        "--sip",
        metavar="HOST:PORT",
        help="SIP 地址，默认 127.0.0.1 的空闲端口 / default: a free port",
    )
    parser.add_argument("--http", metavar="HOST:PORT", help="网页地址 / the pages' address")
    parser.set_defaults(command=lazily("demo.run", "main"))


def _serve(parser: argparse.ArgumentParser) -> None:
    site(parser)
    data(parser)
    parser.add_argument("--sip", metavar="HOST:PORT", help="SIP 监听地址 / where SIP listens (UDP)")
    parser.add_argument("--http", metavar="HOST:PORT", help="网页监听地址 / where the pages are")
    parser.add_argument("--rtp-ports", metavar="A-B", help="语音端口范围 / ports for voice")
    parser.add_argument(
        "--unpublished",
        action="store_true",
        help="用配置目录本身，不用已发布的版本 / the folder itself, not the published version",
    )
    parser.set_defaults(command=lazily("server.serve_command", "main", brief=True))


def _publish(parser: argparse.ArgumentParser) -> None:
    site(parser)
    data(parser)
    parser.add_argument("-m", "--message", required=True, metavar="WHY", help="为什么 / why")
    parser.set_defaults(command=lazily("server.publishing", "publish"))


def _history(parser: argparse.ArgumentParser) -> None:
    data(parser)
    parser.add_argument("--short", action="store_true", help="每次一行 / a line each")
    parser.set_defaults(command=lazily("server.publishing", "history"))


def _rollback(parser: argparse.ArgumentParser) -> None:
    site(parser)
    parser.add_argument(
        "--restore",
        action="store_true",
        help="设置文件夹也改回，原文件另存 / the folder of settings too; its files are kept",
    )
    data(parser)
    parser.add_argument("version", nargs="?", help="版本号，默认上一个 / default: the one before")
    parser.add_argument("-m", "--message", default="", metavar="WHY", help="为什么 / why")
    parser.set_defaults(command=lazily("server.publishing", "roll_back"))


def _plan(parser: argparse.ArgumentParser) -> None:
    data(parser)
    parser.set_defaults(command=lazily("server.planning", "main"))
    steps = parser.add_subparsers(metavar="list|on|off", dest="act", required=True)
    of_site(steps.add_parser("list", help="有哪些预案 / which there are, and which are on"))
    for act, words in (("on", "启用 / switch one on"), ("off", "停用 / switch one off")):
        step = steps.add_parser(act, help=words)
        step.add_argument("plan", help="plans.yaml 里的名称 / as named in plans.yaml")
        step.add_argument("-m", "--message", required=True, metavar="WHY", help="为什么 / why")
        if act == "on":
            step.add_argument("--at", metavar="'2026-07-20 18:00'", help="何时启用 / from when")
            step.add_argument("--until", metavar="'2026-07-21 08:00'", help="何时停用 / until when")
        of_site(step)


def _check(parser: argparse.ArgumentParser) -> None:
    site(parser)
    data(parser)
    parser.add_argument(
        "--format",
        choices=("text", "json", "sarif"),
        default="text",
        help="输出格式 / for people or for programs",
    )
    parser.add_argument(
        "--schemas", metavar="DIR", type=Path, help="写出 JSON Schema / write them for editors"
    )
    parser.set_defaults(command=lazily("server.checking", "main", brief=True))


def _models(parser: argparse.ArgumentParser) -> None:
    site(parser)
    data(parser)
    parser.set_defaults(language=None, command=lazily("server.models_command", "main"))
    steps = parser.add_subparsers(metavar="list|fetch")
    of_site(steps.add_parser("list", help="各语言的模型 / which languages have a model"))
    fetch = steps.add_parser("fetch", help="下载模型 / download one")
    fetch.add_argument("language", choices=("zh", "en", "ko", "ja"))
    of_site(fetch)


def _agent(parser: argparse.ArgumentParser) -> None:
    data(parser)
    parser.set_defaults(command=lazily("server.agent_command", "agents"))
    steps = parser.add_subparsers(metavar="list|release", dest="act", required=True)
    data(steps.add_parser("list", help="谁在做什么 / who does what"), argparse.SUPPRESS)
    release = steps.add_parser("release", help="手工放开一位坐席 / free one by hand")
    release.add_argument("agent", metavar="ID")
    data(release, argparse.SUPPRESS)


def _waiting(parser: argparse.ArgumentParser) -> None:
    data(parser)
    parser.set_defaults(command=lazily("server.agent_command", "waiting"))
    steps = parser.add_subparsers(metavar="list|prefer", dest="act", required=True)
    data(steps.add_parser("list", help="谁在排队 / who waits"), argparse.SUPPRESS)
    prefer = steps.add_parser("prefer", help="改变先后 / let one go before others, or after")
    prefer.add_argument("call", metavar="CALL")
    prefer.add_argument("more", type=int, help="优先级加多少，可为负 / by how much; may be less")
    data(prefer, argparse.SUPPRESS)


def _figures(parser: argparse.ArgumentParser) -> None:
    data(parser)
    when = "2026-11-18，或 / or '2026-11-18 08:00'"
    parser.add_argument("--from", dest="since", metavar="TIME", required=True, help=when)
    parser.add_argument("--to", dest="until", metavar="TIME", required=True, help=when)
    parser.add_argument(
        "--zone", help="时区，默认 Asia/Shanghai / of the times and of the quarters"
    )
    parser.add_argument(
        "--by", choices=("lane", "agent", "language", "quarter"), help="分组 / groups"
    )
    parser.add_argument("--json", action="store_true", help="JSON，带指标定义 / with definitions")
    parser.set_defaults(command=lazily("server.figures_command", "main"))


def _simulate(parser: argparse.ArgumentParser) -> None:
    site(parser)
    parser.add_argument(
        "--day",
        metavar="FILE.yaml",
        type=Path,
        default=ROOT / "config" / "days" / "peak.yaml",
        help="哪一天，默认 config/days/peak.yaml / which day",
    )
    parser.add_argument("--json", action="store_true", help="结果输出为 JSON / print one document")
    parser.add_argument("--report", metavar="FILE.html", type=Path, help="带图的报告 / with plots")
    parser.add_argument(
        "--what-if",
        metavar="TEAM+N@HH:MM-HH:MM",
        action="append",
        default=[],
        help="假设增减坐席，例如 agents+5@10:00-12:00，可写多次 / more or fewer agents",
    )
    parser.add_argument("--seed", type=int, help="随机种子，默认按文件 / default: as the file says")
    parser.add_argument(
        "--keep",
        metavar="DIR",
        type=Path,
        help="把这一天的数据库留在新目录里 / keep the day's database in a new folder",
    )
    parser.set_defaults(command=lazily("simulation.command", "main"))


def _flow(parser: argparse.ArgumentParser) -> None:
    site(parser)
    data(parser)
    parser.set_defaults(command=lazily("server.drawing", "draw_flow"))
    steps = parser.add_subparsers(metavar="draw|figures|try", required=True)
    _draw(steps.add_parser("draw", help="画图：SVG 或 Mermaid / a picture: SVG or Mermaid"))
    figures = steps.add_parser(
        "figures", help="各版本的路径统计 / ways that calls took, by version"
    )
    _days(figures)
    figures.set_defaults(command=lazily("server.flow_figures", "main"))
    of_site(figures)
    _try(steps.add_parser("try", help="在终端里试拨 / walk a flow as a caller would"))


def _draw(draw: argparse.ArgumentParser) -> None:
    draw.add_argument("--format", choices=("mermaid", "svg"), default="mermaid")
    draw.add_argument("name", nargs="?", help="流程名，默认全部 / a flow's name (default: all)")
    draw.add_argument(
        "--figures", action="store_true", help="写上真实通话的数字 / with figures of real calls"
    )
    _days(draw)
    of_site(draw)


def _try(trying: argparse.ArgumentParser) -> None:
    trying.add_argument("name", nargs="?", help="流程名 / a flow's name (default: of the number)")
    _pretended(trying)
    trying.add_argument(
        "--sound",
        choices=("auto", "yes", "no"),
        default="auto",
        help="放出声音；默认：能放就放 / play what is heard; by default where it can be",
    )
    trying.set_defaults(command=lazily("server.trying", "main"))
    of_site(trying)


def _pretended(trying: argparse.ArgumentParser) -> None:
    trying.add_argument(
        "--at", metavar="'2026-02-17 03:00'", help="假设的时刻 / a pretended moment"
    )
    trying.add_argument(
        "--lane",
        metavar="LANE=STATE",
        action="append",
        default=[],
        help="假设队列 open|full|nobody|late / what a lane does, such as medical=full",
    )
    trying.add_argument(
        "--caller", default="13900000000", metavar="NUMBER", help="来电号码 / who calls"
    )
    trying.add_argument(
        "--answer",
        metavar="KIND=ANSWER",
        action="append",
        default=[],
        help="查询的结果，例如 order_status=none，late 是没有回音 / what comes of looking up",
    )
    trying.add_argument(
        "--known",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="查到的内容，例如 order_state=confirmed / what is found out",
    )
    trying.add_argument(
        "--speaks", choices=LANGUAGES, help="说的话听出是哪种语言 / what is heard to be spoken"
    )


def _days(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--days", type=float, default=30.0, help="最近几天，默认 30 / of the last days"
    )


def _prompts(parser: argparse.ArgumentParser) -> None:
    site(parser)
    parser.set_defaults(command=lazily("server.prompt_import", "main"))
    steps = parser.add_subparsers(metavar="import|say|numbers", required=True)
    bring = steps.add_parser(
        "import", help="转换并放入一段录音 / convert a recording and put it in"
    )
    bring.add_argument("file", type=Path, help="wav、mp3、m4a …")
    bring.add_argument("language", choices=("zh", "en", "ko", "ja"))
    bring.add_argument("prompt", help="提示音编号，例如 greeting / the prompt's id")
    bring.add_argument("--text", help="录音里说的话 / the words it speaks")
    of_site(bring)
    say = steps.add_parser("say", help="把文字合成语音（临时） / a text as speech, provisional")
    say.add_argument("language", choices=("zh", "en", "ko", "ja"))
    say.add_argument("prompt", help="提示音编号 / the prompt's id")
    say.add_argument("--text", required=True, help="要说的话 / the words")
    _voice(say, "say")
    count = steps.add_parser("numbers", help="合成数字、日期、时间 / figures, days and times")
    count.add_argument("language", choices=("zh", "en", "ko", "ja"))
    count.add_argument("--again", action="store_true", help="已有的也重做 / those that exist too")
    _voice(count, "numbers")


def _voice(parser: argparse.ArgumentParser, step: str) -> None:
    parser.add_argument(
        "--voice",
        metavar="COMMAND",
        default=ESPEAK,
        help="合成程序：从标准输入读文字，写到 {out} / reads the text, writes {out}",
    )
    parser.set_defaults(command=lazily("server.prompt_speech", step))
    of_site(parser)


def _passing(parser: argparse.ArgumentParser, command: str) -> None:
    parser.set_defaults(command=lazily("server.workshop", command), passes_on=True)


if __name__ == "__main__":
    sys.exit(main())
