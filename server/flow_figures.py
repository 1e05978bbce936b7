"""`./hotline flow figures` and `flow draw --figures`: the ways that real calls took, by version."""

import argparse
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.orm import Session

from config import reader
from config.faults import SettingsError
from config.publish import NotPublished, Shelf
from ivr.flow import Flow
from ivr.paths import Paths
from storage.engines import connect
from storage.paths import ways_taken

DAY = 86400.0
Key = tuple[str, str]
"""A version, and a flow's name."""


def counted(data: Path, days: float) -> dict[Key, Paths]:
    """Count the ways of the calls of the last `days`; empty without a database."""
    file = data / "hotline.sqlite3"
    found: dict[Key, Paths] = {}
    if not file.exists():
        return found
    with Session(connect(f"sqlite:///{file}", busy_timeout=2.0).reading) as session:
        for chosen, facts in ways_taken(session, time.time() - days * DAY):
            found.setdefault((chosen.version, chosen.flow), Paths()).add(facts)
    return found


def main(arguments: argparse.Namespace) -> int:
    """Print the figures of each version that calls began on; 2 if there are none."""
    found = counted(arguments.data, arguments.days)
    if not found:
        print(
            f"{arguments.days:g} 天内没有通话 / no call within {arguments.days:g} days",
            file=sys.stderr,
        )
        return 2
    for (version, name), paths in sorted(found.items()):
        print(f"{version} · {name} · {paths.calls} 个通话 calls")
        flow = of_version(arguments.data, version, name)
        for line in paths.lines(flow.nodes if flow is not None else ()):
            print(f"  {line}")
    return 0


def of_version(data: Path, version: str, name: str) -> Flow | None:
    """Return a flow as a version has it; None if that is not kept, or not readable now."""
    shelf = Shelf(data)
    try:
        return reader.read(shelf.path(shelf.named(version.partition("+")[0]))).flows.get(name)
    except (NotPublished, SettingsError):
        return None


def newest(data: Path, days: float, name: str) -> tuple[str, Paths] | None:
    """Return the figures of the newest version that calls of a flow began on."""
    found: Mapping[Key, Paths] = counted(data, days)
    versions = sorted(version for version, flow in found if flow == name)
    return (versions[-1], found[versions[-1], name]) if versions else None
