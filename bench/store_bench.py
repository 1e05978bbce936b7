"""What keeping a call costs: facts of many calls into a database on disk, batch by batch.

    ./hotline bench store --calls 2000 --batch 500

Prints one line of JSON. The calls come a hundred a second and last two seconds, so that
batches cut through them as they do in service; `spoken` of a hundred of them are answered,
recorded, transcribed and drafted. CPU is this process's own.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from calls.events import Arrived, Ended, Entered, Fact, FlowChosen, LegFigures, PickedUp
from calls.ids import CallId, NodeId
from calls.reasons import Reason
from storage import schema, unit_of_work
from storage.engines import connect
from storage.stories import Stories
from storage.tables import CallRow
from tests.helpers.call_stories import story

RATE = 100.0


def short(call: CallId, at: float) -> list[Fact]:
    """Return the facts of a call that only heard music."""
    return [
        Arrived(call, at, "13800138000", "12345", "127.0.0.1:5070", f"{call}@127.0.0.1"),
        FlowChosen(call, at, "music", "v1"),
        PickedUp(call, at + 0.005, "PCMA"),
        Entered(call, at + 0.01, NodeId("wait")),
        Ended(call, at + 2.0, "caller", Reason.HUNG_UP_IN_MENU),
        LegFigures(call, at + 2.01, "citizen", 0, 100, 0, 0.0, 0.001),
    ]


def told(calls: int, spoken: int) -> list[tuple[int, Fact]]:
    """Return the facts of all calls in the order of their time, numbered."""
    facts: list[Fact] = []
    for number in range(calls):
        call, at = CallId(f"c-{number:016x}"), number / RATE
        facts += story(call, at) if number % 100 < spoken else short(call, at)
    facts.sort(key=lambda fact: fact.at)
    return list(enumerate(facts, 1))


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Keep everything once; return the figures."""
    engines = connect(f"sqlite:///{folder / 'bench.sqlite3'}", busy_timeout=5)
    schema.upgrade(engines.writing)
    facts, stories = told(arguments.calls, arguments.spoken), Stories()
    began, watch = time.process_time(), time.monotonic()
    for start in range(0, len(facts), arguments.batch):
        with Session(engines.writing) as session, session.begin():
            unit_of_work.keep(session, "bench", facts[start : start + arguments.batch], stories)
    spent, took = time.process_time() - began, time.monotonic() - watch
    with Session(engines.reading) as session:
        ended = select(func.count()).select_from(CallRow).where(CallRow.ended.is_not(None))
        kept = session.scalar(ended)
    engines.dispose()
    return {
        "calls": kept,
        "facts": len(facts),
        "spoken_per_cent": arguments.spoken,
        "cpu_ms_a_call": round(1000 * spent / arguments.calls, 3),
        "cpu_us_a_fact": round(1e6 * spent / len(facts), 1),
        "wall_ms_a_call": round(1000 * took / arguments.calls, 3),
        "load_1min": round(os.getloadavg()[0], 2),
    }


def main() -> int:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=500, help="facts in one transaction")
    parser.add_argument("--spoken", type=int, default=0, help="per cent of calls that talk")
    with tempfile.TemporaryDirectory(prefix="store-bench-") as folder:
        print(json.dumps(measure(parser.parse_args(), Path(folder))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
