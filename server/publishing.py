"""`./hotline publish`, `history`, `rollback`: what callers get, changed without dropping a call."""

import argparse
import getpass
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from config import flow_tests, reader
from config.faults import Fault, SettingsError
from config.publish import Entry, NotPublished, Shelf
from config.values import CITY_ZONE

SWITCH_LIMIT = 10.0
"""Seconds that a command waits for the running engine to say that it has switched."""
FOLDER_STAYS = (
    "设置文件夹里的文件没有变：不改回来，下次发布会再次带上这些改动；加 --restore 可以一并改回 / "
    "the folder of settings is as it was: the next publication brings its changes again; "
    "--restore replaces it too"
)
ACTS = {
    "publish": "发布 published",
    "rollback": "回退到 rolled back to",
    "plan_on": "启用预案 switched a plan on, over",
    "plan_off": "停用预案 switched a plan off, over",
}
LOOK = Event()
"""Nobody sets it: its `wait` is a pause."""


def publish(arguments: argparse.Namespace) -> int:
    """Check the folder, keep it as a version, and let new calls begin on it."""
    shelf = Shelf(arguments.data.absolute())
    why = arguments.message.strip()
    if not why:
        return _said("请用 -m 写明为什么发布 / say why with -m")
    try:
        with shelf.locked(), shelf.copied(arguments.config) as copy:
            faults = faults_of(copy)
            if faults:
                print("\n".join(map(str, faults)), file=sys.stderr)
                return _said(
                    f"没有发布：{len(faults)} 处错误 / not published: {len(faults)} faults"
                )
            entry = shelf.publish(copy, getpass.getuser(), why, time.time())
    except NotPublished as refused:
        return _said(str(refused))
    return _done(shelf, entry)


def roll_back(arguments: argparse.Namespace) -> int:
    """Let new calls begin on an earlier version again."""
    shelf = Shelf(arguments.data.absolute())
    try:
        with shelf.locked():
            version = _wanted(shelf, arguments.version)
            faults = faults_of(shelf.path(version))
            if faults:  # published by a program that took what this one does not
                print("\n".join(map(str, faults)), file=sys.stderr)
                return _said(f"{version} 不能用于现在的程序 / is not fit for this program")
            entry = shelf.roll_back(version, getpass.getuser(), arguments.message, time.time())
    except NotPublished as refused:
        return _said(str(refused))
    if arguments.restore:
        kept = shelf.folder.parent / "replaced" / f"{datetime.now(CITY_ZONE):%Y%m%d-%H%M%S}"
        shelf.restore(version, arguments.config, kept)
        print(
            f"设置文件夹也换成了 {version}；原来的文件在 {kept} / "
            f"the folder of settings is {version} too; its files before are in {kept}"
        )
    else:
        print(FOLDER_STAYS)
    return _done(shelf, entry)


def history(arguments: argparse.Namespace) -> int:
    """Print every publication and rollback, the newest first."""
    shelf = Shelf(arguments.data.absolute())
    entries = shelf.history()
    if not entries:
        print("还没有发布过 / nothing was published yet")
    current = shelf.current()
    for entry in reversed(entries):
        words = told(entry, current=entry is entries[-1] and entry.version == current)
        print(words.splitlines()[0] if arguments.short else words)
    return 0


def faults_of(folder: Path) -> Sequence[Fault]:
    """Return everything that keeps a folder from being published, flow tests included."""
    try:
        site = reader.read(folder)
    except SettingsError as error:
        return sorted([*error.faults, *flow_tests.read_tests(folder)[1]])
    return flow_tests.run_tests(site).faults


def told(entry: Entry, *, current: bool = False) -> str:
    """Return an entry as a person reads it."""
    when = datetime.fromtimestamp(entry.at, UTC).astimezone(CITY_ZONE)
    act = ACTS.get(entry.act, entry.act)
    mark = " ← 当前 current" if current else ""
    head = f"{when:%Y-%m-%d %H:%M:%S} {entry.who} {act} {entry.version}{mark}：{entry.why}"
    return "\n".join([head, *(f"    {change}" for change in entry.changes)])


def _wanted(shelf: Shelf, version: str | None) -> str:
    """Return the version asked for; none asked for: the next older one.

    Older by its number, so that two rollbacks in a hurry go back twice and not forth again.
    """
    if version is not None:
        return shelf.named(version)
    current, versions = shelf.current(), shelf.versions()
    older = versions[: versions.index(current)] if current in versions else []
    if not older:
        raise NotPublished(
            "没有更早的版本；第一次改设置之前要先发布一次原有设置 / "
            "there is no earlier version: publish the settings once before the first change"
        )
    return older[-1]


def _done(shelf: Shelf, entry: Entry) -> int:
    print(told(entry, current=True))
    print(switched(shelf, entry.version))
    return 0


def switched(shelf: Shelf, version: str, limit: float = SWITCH_LIMIT) -> str:
    """Wait for a running engine to take the version; say what it said."""
    if not _alive(shelf):
        return (
            "引擎没有在运行，下次启动时生效 / no engine is running; it counts from the next start"
        )
    until = time.monotonic() + limit
    while time.monotonic() < until and _alive(shelf):
        said = shelf.running()
        if str(said.get("wanted")).partition("+")[0] == version:
            return _outcome(said, version)
        LOOK.wait(0.05)
    return "引擎还没有切换，请看它的日志 / the engine has not switched yet; see its log"


def _outcome(said: dict[str, object], version: str) -> str:
    if str(said.get("version")).partition("+")[0] != version:
        return f"引擎没有切换 / the engine did not switch: {said.get('trouble')}"
    lines = [f"引擎已切换，新来电用 {version} / switched: new calls begin on it"]
    restart = said.get("restart")
    if isinstance(restart, list) and restart:
        listed = ", ".join(str(one) for one in restart)
        lines.append(f"重启后才生效 / these count only after a restart: {listed}")
    return "\n".join(lines)


def _alive(shelf: Shelf) -> bool:
    """Tell whether the engine that wrote `running` still runs."""
    number = shelf.running().get("pid")
    return isinstance(number, int) and Path(f"/proc/{number}").exists()


def _said(words: str) -> int:
    print(words, file=sys.stderr)
    return 2
