"""`./hotline draft`, `order`, `learn`, `rank`, `knowledge`: orders, and what they rest on."""

import argparse
from pathlib import Path

from server.command_parts import data, lazily, of_site, site


def draft(parser: argparse.ArgumentParser) -> None:
    site(parser)
    data(parser)
    _texts(parser, "text、可选 lang、words / text, if wanted lang and words")
    parser.set_defaults(command=lazily("server.draft_command", "main"))


def order(parser: argparse.ArgumentParser) -> None:
    data(parser)
    steps = parser.add_subparsers(metavar="list|show", required=True)
    lines = steps.add_parser("list", help="最新的工单和编号 / the newest, with their numbers")
    lines.add_argument("--most", type=int, default=20, help="最多几张 / how many at most")
    lines.set_defaults(command=lazily("server.order_list", "listed"))
    one = steps.add_parser("show", help="按编号查一张 / one, by its number")
    one.add_argument("number", help="工单号 / the number")
    one.set_defaults(command=lazily("server.order_list", "shown"))
    for step in (lines, one):
        data(step, argparse.SUPPRESS)


def service(parser: argparse.ArgumentParser) -> None:
    site(parser)
    data(parser)
    steps = parser.add_subparsers(metavar="pin|list|revoke", required=True)
    made = steps.add_parser("pin", help="给一位坐席发服务号码的密码 / a PIN for an agent")
    gone = steps.add_parser("revoke", help="作废一个密码 / take one away")
    for step, name in ((made, "pin"), (gone, "revoke")):
        step.add_argument("agent", metavar="ID", help="工号 / the agent")
        step.set_defaults(command=lazily("server.service_command", name))
        of_site(step)
    people = steps.add_parser("list", help="谁有密码 / who has one")
    people.set_defaults(command=lazily("server.service_command", "listed"))
    of_site(people)


def learn(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="source",
        metavar="FILE.jsonl",
        type=Path,
        required=True,
        help="每行一个对象：text、label / one object a line",
    )
    _model(parser)
    parser.set_defaults(command=lazily("server.learn_command", "learn"))


def rank(parser: argparse.ArgumentParser) -> None:
    _model(parser)
    _texts(parser, "text")
    parser.set_defaults(command=lazily("server.learn_command", "rank"))


def _texts(parser: argparse.ArgumentParser, holds: str) -> None:
    parser.add_argument(
        "--texts",
        metavar="FILE.jsonl",
        type=Path,
        required=True,
        help=f"每行一个对象，- 为标准输入：{holds} (one object a line; - is standard input)",
    )


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", metavar="DIR", type=Path, required=True, help="模型目录 / the model's folder"
    )


def knowledge(parser: argparse.ArgumentParser) -> None:
    site(parser)
    data(parser)
    steps = parser.add_subparsers(metavar="import|list|search", required=True)
    bring = steps.add_parser("import", help="从文件导入 / bring entries in from a file")
    bring.add_argument(
        "file",
        metavar="FILE.jsonl",
        type=Path,
        help="每行一个对象：id、kind、title、text、owner，可选 from、until、retired / one a line",
    )
    bring.set_defaults(command=lazily("server.knowledge_command", "bring_in"))
    listing = steps.add_parser("list", help="列出 / every entry")
    listing.set_defaults(command=lazily("server.knowledge_command", "listed"))
    search = steps.add_parser("search", help="查找 / what answers a question")
    search.add_argument("question", help="要查的话 / the question")
    search.set_defaults(command=lazily("server.knowledge_command", "searched"))
    for one in (bring, listing, search):
        of_site(one)
