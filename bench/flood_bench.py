"""What callers notice of a flood: calls with voice are up while a stranger sends without end.

    ./hotline bench flood --calls 50 --rate 5000 --seconds 30 --sources 1

Prints one line of JSON. Lateness is that of each RTP packet of the calls against its
stream's own grid, by the kernel's arrival stamps: before the flood, and during it. Memory
and tables are the engine's, before and after. The load is made on the same machine, so
figures of a small machine are pessimistic.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

from bench.call_bench import Dialler, EngineUnderLoad
from bench.media_bench import ROOT, Caller, exchange, percentile, tone
from media import g711

QUIET = 5.0
"""Seconds of measuring before the flood."""


class EngineOfATrunk(EngineUnderLoad):
    """An engine that takes calls from 127.0.0.1 and from nowhere else."""

    @staticmethod
    def _site(folder: Path) -> Path:
        site = EngineUnderLoad._site(folder)
        trunks = site / "trunks.yaml"
        text = trunks.read_text("utf-8")
        assert "127.0.0.0/8" in text, "the shipped trunk has changed"
        trunks.write_text(text.replace("127.0.0.0/8", "127.0.0.1/32"), "utf-8")
        return site

    def health(self) -> dict[str, Any]:
        """Return what /health says."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._http}/health") as page:
            found: dict[str, Any] = json.load(page)
        return found


def late(callers: list[Caller]) -> dict[str, float]:
    """Say how late the packets were that came, and how many callers missed some."""
    found = [1000 * each for caller in callers for each in caller.lateness()]
    return {
        "late_ms_p99": round(percentile(found, 0.99), 2),
        "late_ms_max": round(max(found, default=-1.0), 2),
        "disturbed_calls": sum(not caller.numbers or caller.missed() > 0 for caller in callers),
    }


def exchanged(
    callers: list[Caller], frames: list[bytes], seconds: float, said: int
) -> tuple[int, dict[str, float]]:
    """Talk for a while; return how many packets were said, and what came."""
    for caller in callers:
        caller.forget()
    said = exchange(callers, frames, seconds, said)
    return said, late(callers)


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Run the load once; return the figures."""
    engine = EngineOfATrunk(folder, arguments.first_port, arguments.calls)
    try:
        dialler, callers = Dialler(engine.sip), [Caller(n) for n in range(arguments.calls)]
        frames = g711.frames(tone(2.0), "PCMA")
        for caller in callers:
            dialler.dial(caller)
        said, before = exchanged(callers, frames, QUIET, 0)
        memory, spent = engine.rss_kb(), engine.cpu()
        flooder = subprocess.Popen(
            [
                *(sys.executable, "-m", "bench.flooder", f"{engine.sip[0]}:{engine.sip[1]}"),
                *("--rate", str(arguments.rate), "--seconds", str(arguments.seconds)),
                *("--sources", str(arguments.sources)),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        said, during = exchanged(callers, frames, arguments.seconds, said)
        sent = int(flooder.communicate()[0])
        spent, grown, health = engine.cpu() - spent, engine.rss_kb() - memory, engine.health()
        for caller in callers:
            dialler.hang_up(caller)
    finally:
        engine.process.terminate()
    return {
        "calls": arguments.calls,
        "seconds": arguments.seconds,
        "datagrams_a_second": round(sent / arguments.seconds),
        "sources": arguments.sources,
        "quiet": before,
        "flooded": during,
        "rss_kb": memory,
        "rss_kb_grown": grown,
        "tables": health["tables"],
        "dropped": health["sip"]["dropped"],
        "cpu_share": round(spent / arguments.seconds, 2),
        "exit_status": engine.process.wait(30),
        "load_1min": round(os.getloadavg()[0], 2),
    }


def main() -> int:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--rate", type=int, default=5000, help="datagrams a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--sources", type=int, default=1, help="addresses that they come from")
    parser.add_argument("--first-port", type=int, default=44000)
    arguments = parser.parse_args()
    arguments.calls, arguments.seconds = min(500, arguments.calls), min(120.0, arguments.seconds)
    with tempfile.TemporaryDirectory(prefix="flood-bench-") as folder:
        print(json.dumps(measure(arguments, Path(folder))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
