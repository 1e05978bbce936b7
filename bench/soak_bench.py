"""Whether the engine stays as it is: calls for minutes or hours over a network that loses.

    ./hotline bench soak --seconds 3600 --rate 20 --lost 2

SIPp calls through a relay that loses datagrams both ways, by seed: INVITE, 200, ACK, two
seconds, BYE. Prints one line of JSON: memory of the engine and of its media worker at even
intervals, what the tables hold after the last timer has passed, and calls that failed.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from threading import Event, Thread
from typing import Any

from bench.lossy_relay import LossyRelay
from bench.sip_bench import children, cpu_seconds, resident, sipp
from tests.helpers.serving import ROOT, Serving

SCENARIO = Path(__file__).parent / "scenarios" / "soak.xml"
SAMPLES = 20
LAST_TIMER = 40.0
"""Seconds after which no transaction of a call that is over is left (64*T1, and some more)."""


class Watching:
    """Samples the memory of processes in a thread, at even intervals."""

    def __init__(self, pids: list[int], every: float) -> None:
        self._pids, self._every, self._over = pids, every, Event()
        self.kilobytes: list[list[int]] = []
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Watching":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._over.wait(self._every):
            self.kilobytes.append([resident(pid) for pid in self._pids])


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Run the load once; return the figures."""
    data = folder / "data"
    with Serving(data, config=ROOT / "bench" / "site", rtp=(30000, 49998)) as engine:
        assert engine.process is not None
        pids = [engine.process.pid, *children(engine.process.pid)]
        to = ("127.0.0.1", engine.sip_port)
        every = max(5.0, arguments.seconds / SAMPLES)
        before = sum(map(cpu_seconds, pids))
        with (
            LossyRelay(to, arguments.lost / 100, arguments.seed) as relay,
            Watching(pids, every) as watching,
        ):
            told = sipp(relay.address, folder, arguments.rate, arguments.seconds, SCENARIO)
        spent = sum(map(cpu_seconds, pids)) - before
        time.sleep(LAST_TIMER)  # noqa: TID251 - the engine's own timers are waited for
        health, after = engine.health(), [resident(pid) for pid in pids]
    calls = int(told["SuccessfulCall(C)"])
    memory = {"engine_kb": [row[0] for row in watching.kilobytes] + after[:1]}
    memory["media_kb"] = [sum(row[1:]) for row in watching.kilobytes] + [sum(after[1:])]
    return {
        "seconds": arguments.seconds,
        "rate": arguments.rate,
        "calls": calls,
        "failed": int(told["FailedCall(C)"]),
        "datagrams": relay.passed,
        "lost": relay.dropped,
        "our_retransmissions": health["sip"]["resent"],
        "cpu_ms_a_call": round(1000 * spent / max(1, calls), 2),
        "memory_every_seconds": every,
        **memory,
        "tables": health["tables"],
        "facts_behind": health["database"]["behind"],
        "load_1min": round(os.getloadavg()[0], 2),
    }


def main() -> int:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=180)
    parser.add_argument("--rate", type=int, default=20, help="calls a second")
    parser.add_argument("--lost", type=float, default=2.0, help="per cent of datagrams, each way")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="soak-bench-"))
    try:
        print(json.dumps(measure(arguments, folder)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
