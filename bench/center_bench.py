"""A whole call centre on one machine: citizens and agents' phones by SIPp, and faults at random.

    ./hotline bench center --seconds 600 --json
    ./hotline bench center --seconds 60 --calls 60 --agents 15 --rate 0.5

As many callers as are to wait or talk at once come first; then calls arrive at the rate, and
agents talk for as long as keeps up with it. Of 100 offers to an agent's phone about 15 go
wrong: busy, broken, dead, not answered, hung up at once, or answered by a phone that then vanishes.

`bridge_ms` is from an agent's 200 OK to the first packet of the caller's voice at that phone,
both taken outside the engine. `lost` counts calls that ended otherwise than with an agent.
`stuck` counts agents who are not free, nor will be by themselves, when all calls are over.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from sqlite3 import connect
from typing import Any

from bench.sip_bench import children, cpu_seconds
from bench.voices import VOICE, Voices
from server.control_face import ask
from tests.helpers.ports import free_port
from tests.helpers.serving import ROOT, Serving

SCENARIOS = Path(__file__).parent / "scenarios"
WRAP_UP = 3
_PORTS = count(50000, 3000)
"""For the voices of the callers of each SIPp."""
RINGING = 1.0
"""Seconds that agents let it ring, in the mean."""
BURST = 10
"""Calls a second until as many are there as are wanted."""
FREE_AFTER = 25.0
"""Seconds after the last call until no pause or wrap-up is left."""


def site(folder: Path, agents: int, phone: int | None, calls: int) -> Path:
    """Write the site of the run: one lane, and so many agents on one SIPp.

    `phone` is its port; None: the agents' phones register.
    """
    place = folder / "site"
    shutil.copytree(ROOT / "bench" / "site", place)
    at = "" if phone is None else ' contact: "sip:a{n:03}@127.0.0.1:{phone}",'
    line = f"  a{{n:03}}: {{{{name: A{{n:03}},{at} skills: {{{{bridge: 1}}}}}}}}"
    lines = [line.format(n=n, phone=phone) for n in range(1, agents + 1)]
    (place / "agents.yaml").write_text("\n".join(["agents:", *lines, ""]), "utf-8")
    (place / "lanes.yaml").write_text(
        "lanes:\n  bridge: {name: {zh: 桥接, en: Bridge}, needs: [bridge], music: moh,"
        f" wrap_up: {WRAP_UP}s, ring_time: 5s}}\n",
        "utf-8",
    )
    text = (place / "site.yaml").read_text("utf-8")
    text = text.replace("no_media_after: 2min, media_lost_after: 2min", "no_media_after: 10s")
    text = text.replace("no_answer: 0s", "no_answer: 5s").replace("rejected: 0s", "rejected: 3s")
    text = text.replace("unreachable: 0s", "unreachable: 5s")
    (place / "site.yaml").write_text(text, "utf-8")
    return place


def phones(
    folder: Path, port: int, voices: Voices, talk: float, *, faults: bool = True
) -> "subprocess.Popen[bytes]":
    """Start the agents' phones."""
    scenario = (SCENARIOS / "center_agent.xml").read_text("utf-8")
    if not faults:
        scenario = re.sub('value="[0-9]+"', 'value="-1"', scenario)
    words = {
        "VOICE RTP": f"{voices.port} RTP",
        "MUTE RTP": f"{free_port()} RTP",
        "TALK_LEAST": str(round(500 * talk)),
        "TALK_MOST": str(round(1500 * talk)),
    }
    head, _, body = scenario.partition("-->")
    for word, put in words.items():
        body = body.replace(word, put)
    (folder / "agent.xml").write_text(f"{head}-->{body}", "utf-8")
    return _sipp(
        folder, "-sf", "agent.xml", "-p", str(port), "-trace_logs", "-log_file", "answers.log"
    )


def callers(folder: Path, engine: str, rate: float, most: int) -> "subprocess.Popen[bytes]":
    """Start so many citizens, at a rate."""
    scenario = str(SCENARIOS / "center_caller.xml")
    (folder / "voice.raw").write_bytes(VOICE * 500)
    ports = next(_PORTS)
    step = 1000 if rate >= 1 else round(1000 / rate)
    return _sipp(
        folder, engine, "-sf", scenario, "-s", "bridgerec", "-p", str(free_port()),
        "-mp", str(ports),
        "-r", str(max(1, round(rate))), "-rp", str(step), "-m", str(most), "-l", "20000",
    )  # fmt: skip


def _sipp(folder: Path, *words: str) -> "subprocess.Popen[bytes]":
    program = shutil.which("sipp")
    if program is None:
        raise SystemExit("没有安装 sipp（Debian：sip-tester） / sipp is not installed (sip-tester)")
    return subprocess.Popen(
        [program, *words, "-i", "127.0.0.1", "-nostdin"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=(folder / "sipp.log").open("ab"),
    )  # fmt: skip


def bridges(log: Path, voices: Voices) -> tuple[list[float], int]:
    """Return the milliseconds from each answer to the caller's voice, and how many had none.

    An agent who hung up at once is in neither: the call may be over before a packet was due.
    """
    found, silent = [], 0
    for port, at in answers(log.read_text().splitlines() if log.exists() else ()):
        first = min((t for t in voices.began.get(port, ()) if t > at - 0.02), default=None)
        if first is None or first - at > 5:
            silent += 1
        else:
            found.append(1000 * (first - at))
    return sorted(found), silent


def answers(log: Iterable[str]) -> list[tuple[int, float]]:
    """Return the port and the moment of each answer that a talk followed."""
    found: list[tuple[int, float]] = []
    for line in log:
        if "answered" in line:
            port, seconds, micros = line.split("answered")[1].split()
            found.append((int(port), float(seconds) + float(micros) / 1e6))
        elif "hasty" in line:
            hung_up = int(line.split("hasty")[1])
            last = max(at for at, (port, _) in enumerate(found) if port == hung_up)
            del found[last]
    return found


def ends(data: Path) -> Counter[str]:
    """Count the calls by how they ended; one without an end is `never`."""
    with closing(connect(data / "hotline.sqlite3")) as database:
        rows = database.execute("SELECT coalesce(reason, 'never'), count(*) FROM calls GROUP BY 1")
        return Counter(dict(rows.fetchall()))


def part(sorted_values: list[float], share: float) -> float:
    """Return a percentile; -1 of nothing."""
    return sorted_values[int(share * (len(sorted_values) - 1))] if sorted_values else -1.0


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Run the load once; return the figures."""
    phone, calls, agents = free_port(), arguments.calls, arguments.agents
    talk = max(2.0, agents / arguments.rate - WRAP_UP - RINGING - 1.0)
    with ExitStack() as running:
        voices = running.enter_context(Voices())
        engine = running.enter_context(
            Serving(
                folder / "data",
                config=site(folder, agents, phone, calls),
                rtp=(30000, 49998),
            )
        )
        phoning = phones(folder, phone, voices, talk)
        running.callback(end, phoning)
        assert engine.process is not None
        pids = [engine.process.pid, *children(engine.process.pid)]
        before, most = sum(map(cpu_seconds, pids)), _run(arguments, folder, engine, running)
        spent = sum(map(cpu_seconds, pids)) - before
        time.sleep(FREE_AFTER)  # noqa: TID251 - the engine's own pauses are waited for
        doing = Counter(one["doing"] for one in ask(engine.data, {"do": "agents"})["agents"])
        mended = [line for line in engine.figures().splitlines() if "agents_mended_total{" in line]
        health = engine.health()
    return {
        "at_once": most,
        "agents": agents,
        "seconds": arguments.seconds,
        "stuck": agents - doing["ready"],
        "doing": dict(doing),
        "mended": mended,
        "faults": health["faults"],
        **_afterwards(folder, voices, spent),
        "load_1min": round(os.getloadavg()[0], 2),
    }


def _afterwards(folder: Path, voices: Voices, spent: float) -> dict[str, Any]:
    """Read from the records, and from what the phones noted, how the calls went."""
    by_end = ends(folder / "data")
    if not by_end:
        raise SystemExit("no call was made: " + (folder / "sipp.log").read_text()[-1000:])
    found, silent = bridges(folder / "answers.log", voices)
    total = sum(by_end.values())
    return {
        "calls": total,
        "lost": total - by_end["completed"],
        "ends": dict(by_end),
        "bridges": len(found),
        "bridge_ms_p50": round(part(found, 0.5), 1),
        "bridge_ms_p99": round(part(found, 0.99), 1),
        "bridge_ms_max": round(part(found, 1.0), 1),
        "never_heard": silent,
        "cpu_ms_a_call": round(1000 * spent / total, 1),
    }


def _run(arguments: argparse.Namespace, folder: Path, engine: Serving, running: ExitStack) -> int:
    """Let the first callers come, then the others; return how many were there at once."""
    first = arguments.calls + 2 * arguments.agents // 3  # the first have gone before the last come
    then = max(1, round(arguments.rate * arguments.seconds))
    going = [callers(folder, engine.engine, BURST, first)]
    most, began = 0, time.monotonic()
    limit = arguments.seconds + 4 * arguments.calls / arguments.rate + 120
    while any(one.poll() is None for one in going) and time.monotonic() - began < limit:
        if len(going) == 1 and time.monotonic() - began > first / BURST:
            going.append(callers(folder, engine.engine, arguments.rate, then))
        most = max(most, engine.health()["calls_up"])
        time.sleep(1)  # noqa: TID251 - other processes are waited for
    for one in going:
        running.callback(end, one)
    return most


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a program that may still run."""
    if process.poll() is None:
        process.kill()
    process.wait(10)


def main() -> int:
    """Read the command line, run, print; 1 if a call was lost or an agent is stuck."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=600, help="arrivals go on for so long")
    parser.add_argument("--calls", type=int, default=250, help="at once")
    parser.add_argument("--agents", type=int, default=60)
    parser.add_argument("--rate", type=float, default=2.0, help="calls a second")
    parser.add_argument("--json", action="store_true", help="one line, for programs")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="center-bench-"))
    try:
        figures = measure(arguments, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures, ensure_ascii=False, indent=None if arguments.json else 1))
    return 1 if figures["lost"] or figures["stuck"] else 0


if __name__ == "__main__":
    sys.exit(main())
