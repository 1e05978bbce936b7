"""`./hotline knowledge`: bring entries in from a file, list them, search them."""

import argparse
import re
import sys
import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from config import reader
from config.faults import SettingsError
from config.values import CITY_ZONE
from server import text_lines
from storage import knowledge, schema
from storage.engines import connect
from workorders.knowledge import KINDS, Entry, EntryKind

USAGE = 2
NEEDED = ("id", "kind", "title", "text", "owner")
KNOWN = frozenset((*NEEDED, "from", "until", "retired"))
ID = re.compile(r"[A-Za-z0-9._-]{1,80}")
LONGEST = {"title": 200, "text": 4000}


def bring_in(arguments: argparse.Namespace) -> int:
    """Keep what a file has; with any fault in it, name them all and keep nothing."""
    try:
        units = frozenset(reader.read(arguments.config).units)
        entries, faults = read(arguments.file, units, time.time())
        if faults:
            print("\n".join(faults), file=sys.stderr)
            return USAGE
        with _books(arguments.data) as session, session.begin():
            kept = sum(knowledge.keep(session, entry) is not None for entry in entries)
    except (OSError, UnicodeDecodeError, SettingsError, SQLAlchemyError) as error:
        print(str(error).partition("\n")[0], file=sys.stderr)
        return USAGE
    same = len(entries) - kept
    print(f"{kept} 条存入 kept, {same} 条无变化 unchanged")
    return 0


def listed(arguments: argparse.Namespace) -> int:
    """Print every entry that is not retired."""
    return _printed(arguments, lambda session, _: knowledge.current(session))


def searched(arguments: argparse.Namespace) -> int:
    """Print what answers a question now."""
    return _printed(
        arguments, lambda session, now: knowledge.search(session, arguments.question, now)
    )


def _printed(arguments: argparse.Namespace, question: Any) -> int:
    try:
        with _books(arguments.data) as session:
            found: tuple[Entry, ...] = question(session, time.time())
    except (OSError, SQLAlchemyError) as error:
        print(str(error).partition("\n")[0], file=sys.stderr)
        return USAGE
    for entry in found:
        print(f"{entry.id}\t{entry.kind}\t{entry.owner}\tv{entry.version}\t{entry.title}")
    if not found:
        print("没有 / none", file=sys.stderr)
    return 0


def _books(data: Path) -> Session:
    """Open the database, bringing it up to date; the service may run meanwhile."""
    data.mkdir(parents=True, exist_ok=True)
    engines = connect(f"sqlite:///{data / 'hotline.sqlite3'}", busy_timeout=10.0, readers=1)
    schema.upgrade(engines.writing)
    return Session(engines.writing)


def read(file: Path, units: frozenset[str], now: float) -> tuple[list[Entry], list[str]]:
    """Read a file of objects, one a line; return the entries and every fault, by line."""
    entries: dict[str, Entry] = {}
    faults: list[str] = []
    for number, line in enumerate(file.read_text("utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        where = f"{file}:{number}"
        try:
            values = text_lines.object_in(where, line, NEEDED)
        except text_lines.BadLine as error:
            faults.append(str(error))
            continue
        found = list(_faults(values, units))
        if values["id"] in entries:
            found.append(f"编号重复：{values['id']} / id used twice")
        faults += [f"{where}: {fault}" for fault in found]
        if not found:
            entries[values["id"]] = _entry(values, now)
    return list(entries.values()), faults


def _faults(values: Mapping[str, Any], units: frozenset[str]) -> Any:
    for name in values.keys() - KNOWN:
        yield f"不认识的字段：{name} / unknown field: {name}"
    if ID.fullmatch(values["id"]) is None:
        yield "id 只用字母、数字和 . _ -，最多 80 个 / id: letters, figures and . _ -, at most 80"
    if values["kind"] not in KINDS:
        yield f"kind 应为 {'、'.join(KINDS)} / kind must be one of them: {values['kind']}"
    if values["owner"] not in units:
        yield f"units.yaml 里没有这个单位：{values['owner']} / no such unit in units.yaml"
    for name, most in LONGEST.items():
        if not 0 < len(values[name].strip()) <= most:
            yield f"{name} 应为 1 到 {most} 字 / {name} must have 1 to {most} characters"
    if not isinstance(values.get("retired", False), bool):
        yield "retired 应为 true 或 false / retired must be true or false"
    yield from _faults_of_days(values)


def _faults_of_days(values: Mapping[str, Any]) -> Any:
    bad = [name for name in ("from", "until") if not _is_day(values.get(name))]
    for name in bad:
        yield f"{name} 应写成 2026-11-18 / {name} is written 2026-11-18: {values[name]}"
    first, last = values.get("from"), values.get("until")
    if not bad and first is not None and last is not None and first > last:
        yield f"until 早于 from / until is before from: {last}"


def _is_day(value: object) -> bool:
    try:
        return value is None or (len(str(value)) == 10 and bool(date.fromisoformat(str(value))))
    except ValueError:
        return False


def _entry(values: Mapping[str, Any], now: float) -> Entry:
    last = values.get("until")
    return Entry(
        values["id"],
        cast(EntryKind, values["kind"]),
        values["title"].strip(),
        values["text"].strip(),
        values["owner"],
        valid_from=_begin(values["from"]) if values.get("from") else None,
        valid_until=_begin(last, 1) if last else None,
        by="import",
        at=now,
        retired=values.get("retired", False),
    )


def _begin(day: str, after: int = 0) -> float:
    """Return when a day begins in the city; `until` holds to the end of its day."""
    midnight = datetime.combine(date.fromisoformat(day), datetime.min.time(), CITY_ZONE)
    return (midnight + timedelta(days=after)).timestamp()
