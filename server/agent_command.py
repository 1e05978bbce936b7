"""`./hotline agent …` and `./hotline waiting …`: asked of the engine that runs."""

import argparse
import getpass
import sys
import time
from datetime import UTC, datetime

from server.control_face import NotRunning, Values, ask

NAMES = {
    "off": "离线",
    "ready": "待机",
    "reserved": "振铃",
    "talking": "通话",
    "wrap_up": "话后处理",
    "paused": "小休",
}


def agents(arguments: argparse.Namespace) -> int:
    """List agents, or free one; returns 1 if that cannot be done."""
    wish: Values = {"do": "agents"}
    if arguments.act == "release":
        wish = {"do": "release", "agent": arguments.agent, "by": getpass.getuser()}
    said = _asked(arguments, wish)
    if "error" in said:
        return _not_done(said)
    if arguments.act == "release":
        print(f"{said['agent']}  {_doing(said['was'])} → {_doing(said['now'])}")
        return 0
    for agent in said["agents"]:
        since = datetime.fromtimestamp(agent["since"], UTC).astimezone().strftime("%H:%M:%S")
        about = " ".join(filter(None, (agent["reason"], agent["call"])))
        print(f"{agent['agent']}  {_doing(agent['doing']):<18} {since}  {agent['name']}  {about}")
    return 0


def waiting(arguments: argparse.Namespace) -> int:
    """List who waits, or change somebody's turn; returns 1 if that cannot be done."""
    wish: Values = {"do": "waiting"}
    if arguments.act == "prefer":
        by = getpass.getuser()
        wish = {"do": "prefer", "call": arguments.call, "more": arguments.more, "by": by}
    said = _asked(arguments, wish)
    if "error" in said:
        return _not_done(said)
    for place in said.get("waiting", ()):
        waited = max(0, round(time.time() - place["since"]))
        print(f"{place['call']}  {place['lane']}  {waited} s  {place['priority']}")
    return 0


def _asked(arguments: argparse.Namespace, wish: Values) -> Values:
    try:
        return ask(arguments.data.absolute(), wish)
    except NotRunning as error:
        return {"error": f"{arguments.data} 上没有运行的引擎 / no engine runs there: {error}"}


def _not_done(said: Values) -> int:
    print(f"没有做到 / not done: {said['error']}", file=sys.stderr)
    return 1


def _doing(doing: str) -> str:
    return f"{NAMES.get(doing, '')} {doing}"
