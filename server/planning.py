"""`./hotline plan`: one named switch for an event, at once or at a set time; all of it audited."""

import argparse
import getpass
import sys
import time
from datetime import UTC, datetime

from config import reader
from config.faults import SettingsError
from config.plan_board import PlanBoard, Switched
from config.publish import Entry, NotPublished, Shelf
from config.settings import Site
from config.values import CITY_ZONE, moment
from server.publishing import told


def main(arguments: argparse.Namespace) -> int:
    """List plans, switch one on or off; 2 with the reason if that cannot be."""
    shelf = Shelf(arguments.data.absolute())
    board = PlanBoard(shelf)
    try:
        site = _published(shelf)
        if arguments.act == "list":
            _list(site, board)
            return 0
        with shelf.locked():
            entry = _switch(site, board, arguments)
    except (NotPublished, SettingsError) as refused:
        print(refused, file=sys.stderr)
        return 2
    print(told(entry))
    return 0


def _switch(site: Site, board: PlanBoard, wanted: argparse.Namespace) -> Entry:
    who, now = getpass.getuser(), time.time()
    if wanted.act == "off":
        return board.switch_off(wanted.plan, who, wanted.message, now)
    if wanted.plan not in site.plans:
        listed = ", ".join(sorted(site.plans)) or "—"
        words = (
            f"当前版本没有预案“{wanted.plan}” / no plan {wanted.plan!r} in this version: {listed}"
        )
        raise NotPublished(words)
    begins = now if wanted.at is None else _instant(wanted.at)
    ends = None if wanted.until is None else _instant(wanted.until)
    if ends is not None and ends <= max(begins, now):
        raise NotPublished("--until 应晚于开始和现在 / --until must be later than that and now")
    return board.switch_on(Switched(wanted.plan, begins, ends), who, wanted.message, now)


def _published(shelf: Shelf) -> Site:
    current = shelf.current()
    if current is None:
        words = "先发布一次设置，才能启用预案 / publish the settings once before using plans"
        raise NotPublished(words)
    return reader.read(shelf.path(current))


def _instant(text: str) -> float:
    try:
        return moment(text).timestamp()
    except ValueError:
        raise NotPublished(f"时间应写成 2026-07-20 18:00 / not a moment: {text!r}") from None


def _list(site: Site, board: PlanBoard) -> None:
    switched = {one.plan: one for one in board.switched()}
    on = board.on(time.time())
    for name in sorted({*site.plans, *switched}):
        plan = site.plans.get(name)
        title = f"{plan.name.zh} {plan.name.en}" if plan is not None else "（当前版本没有）"
        state = "启用 on" if name in on else "未启用 off"
        times = _times(switched[name]) if name in switched else ""
        print(f"{name}: {title} · {state}{times}")
    if not site.plans and not switched:
        print("没有预案 / no plans")


def _times(one: Switched) -> str:
    def said(at: float) -> str:
        return f"{datetime.fromtimestamp(at, UTC).astimezone(CITY_ZONE):%Y-%m-%d %H:%M}"

    return f" · {said(one.begins)} → {'—' if one.ends is None else said(one.ends)}"
