"""`./hotline order`: orders by their numbers, as citizens know them; no speech, no telephone."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from calls.order_number import is_order_number
from config.values import CITY_ZONE
from storage import order_numbers, work_orders
from storage.engines import connect
from storage.work_orders import DraftFilter, KeptDraft
from workorders.private import mask_all

SHOWN = ("title", "type", "place", "unit", "urgency")
"""Fields of a draft that say what an order is about, and not whose it is."""
MISSING = 2
"""Exit status when there is nothing to show."""


def listed(arguments: argparse.Namespace) -> int:
    """Print the newest orders, one a line."""
    with reading(arguments.data) as session:
        if session is None:
            return _none(arguments.data)
        lines = work_orders.listed(session, DraftFilter(most=arguments.most))
    for line in lines:
        print(_line(line.draft))
    return 0


def shown(arguments: argparse.Namespace) -> int:
    """Print one order as JSON, by its number."""
    if not is_order_number(arguments.number):
        print("这不是工单号（检查码不对） / not an order's number", file=sys.stderr)
        return MISSING
    with reading(arguments.data) as session:
        call = None if session is None else order_numbers.call_of(session, arguments.number)
        kept = None if session is None or call is None else work_orders.of_call(session, call)
    if kept is None:
        print("没有这张工单 / there is no such order", file=sys.stderr)
        return MISSING
    print(json.dumps(_told(kept), ensure_ascii=False, indent=1))
    return 0


@contextmanager
def reading(data: Path) -> Iterator[Session | None]:
    """Open the database of a data folder for a while; None if there is none."""
    file = data / "hotline.sqlite3"
    if not file.exists():
        yield None
        return
    engines = connect(f"sqlite:///{file}", busy_timeout=2.0)
    try:
        with Session(engines.reading) as session:
            yield session
    finally:
        engines.dispose()


def _state(kept: KeptDraft) -> str:
    return "已确认 confirmed" if kept.confirmed_by else "待确认 to confirm"


def _when(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC).astimezone(CITY_ZONE):%Y-%m-%d %H:%M}"


def _value(kept: KeptDraft, name: str) -> Any:
    entry = kept.draft.get(name)
    return mask_all(entry["value"]) if isinstance(entry, dict) and "value" in entry else None


def _line(kept: KeptDraft) -> str:
    title = _value(kept, "title") or "—"
    return f"{kept.number or '—'}  {_when(kept.drafted_at)}  {_state(kept)}  {title}  {kept.call}"


def _told(kept: KeptDraft) -> dict[str, Any]:
    return {
        "number": kept.number,
        "call": kept.call,
        "drafted": _when(kept.drafted_at),
        "confirmed_by": kept.confirmed_by,
        "confirmed": None if kept.confirmed_at is None else _when(kept.confirmed_at),
        **{name: _value(kept, name) for name in SHOWN},
    }


def _none(data: Path) -> int:
    print(f"没有数据库 / no database: {data}", file=sys.stderr)
    return MISSING
