"""What a call costs by the size of its flow: `./hotline bench flow [--calls N] [--rounds N]`.

Two flows are generated, published, and read back from the shelf as the engine reads them: one
of 20 nodes and one of 2 000. The same caller takes the same way through each.
Printed are the medians of several rounds, in turns, so that a busy machine hits both alike,
and how many functions one call runs through, which is the same on any machine.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from types import FrameType

from config import reader
from config.pretending import world_of
from config.publish import Shelf
from config.values import CITY_ZONE
from ivr.flow import Flow
from ivr.pretend import World
from ivr.script import act_of
from ivr.trial import tried

SITE = Path(__file__).resolve().parent.parent / "config" / "site"
KEYS = "12345678"


def written(nodes: int) -> str:
    """Return a flow of so many nodes: rows of menus, of which a caller takes the first."""
    lines = ["begin: n0", "nodes:"]
    ends = ["person", "bye"]
    for number in range(nodes - len(ends)):
        ways = [f"n{number * 8 + place + 1}" for place in range(8)]
        known = [way if int(way[1:]) < nodes - len(ends) else "person" for way in ways]
        keys = ", ".join(f'"{key}": {way}' for key, way in zip(KEYS, known, strict=True))
        lines += [
            f"  n{number}: {{type: menu, prompts: [connecting], on_silence: person,",
            f'    keys: {{"0": person, {keys}}}}}',
        ]
    lines += [
        "  person: {type: enqueue, lane: general, on_full: bye, on_nobody: bye, on_late: bye}",
        "  bye: {type: hang_up, prompts: [goodbye]}",
    ]
    return "\n".join(lines) + "\n"


def published(folder: Path, nodes: int) -> tuple[Flow, World, float]:
    """Publish a site with such a flow; return it as read back, and the seconds of reading."""
    site, shelf = folder / f"site{nodes}", Shelf(folder / f"data{nodes}")
    shutil.copytree(SITE, site, ignore=shutil.ignore_patterns("tests"))
    for path in (site / "flows").glob("*.yaml"):
        path.unlink()
    (site / "flows/main.yaml").write_text(written(nodes), encoding="utf-8")
    settings = site / "site.yaml"
    text = settings.read_text("utf-8").replace("menu_depth: 1", "menu_depth: 5")
    settings.write_text(text, encoding="utf-8")
    with shelf.locked(), shelf.copied(site) as copy:
        version = shelf.publish(copy, "bench", "a flow to measure", time.time()).version
    began = time.process_time()
    read = reader.read(shelf.path(version))
    lasted = time.process_time() - began
    at = datetime(2026, 3, 4, 10, tzinfo=CITY_ZONE)
    return read.flows["main"], world_of(read, at, {}), lasted


ACTS = [act_of(key) for key in ("1", "#", "#", "1", "#", "0")]


def functions(flow: Flow, world: World) -> int:
    """Return how many functions one call runs through."""
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        tried(flow, world, ACTS)
    finally:
        sys.setprofile(None)
    return count


def cost(flow: Flow, world: World, calls: int) -> float:
    """Return the processor time of one call, in microseconds."""
    began = time.process_time()
    for _ in range(calls):
        tried(flow, world, ACTS)
    return (time.process_time() - began) / calls * 1e6


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=300, help="of one round")
    parser.add_argument("--rounds", type=int, default=9)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        flows = {nodes: published(Path(folder), nodes) for nodes in (20, 2000)}
    costs: dict[int, list[float]] = {nodes: [] for nodes in flows}
    for _ in range(wanted.rounds):
        for nodes, (flow, world, _) in flows.items():
            costs[nodes].append(cost(flow, world, wanted.calls))
    for nodes, (flow, world, lasted) in flows.items():
        middle, spread = statistics.median(costs[nodes]), max(costs[nodes]) - min(costs[nodes])
        print(
            f"{len(flow.nodes):5} nodes: {middle:7.1f} µs a call (spread {spread:.1f}), "
            f"{functions(flow, world)} functions; read and checked in {lasted:.2f} s of processor "
            "time when published"
        )
    ratio = statistics.median(costs[2000]) / statistics.median(costs[20])
    print(f"2000 / 20 = {ratio:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
