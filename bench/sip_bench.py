"""What signalling costs: INVITE, 200, ACK, two seconds, BYE by SIPp against the whole engine.

    python -m bench.sip_bench --rate 100 --seconds 10        through `./hotline serve`
    python -m bench.sip_bench --stack                        the stack alone, without sockets
    python -m bench.sip_bench --idle 2000                    memory of a call that is up
    python -m bench.sip_bench --rate 300 --core 0            the engine on one core, SIPp off it

    ./hotline bench sip            the first of them with 100 calls a second, and the memory

Prints one line of JSON. CPU is user and system time of the engine process and of its
media worker, apart; a call is the whole of it, call control, journal, database and log
included. On a machine of two cores SIPp takes its share of them. What the kernel dropped
because we read too late is `unread`: each of them makes a peer repeat by our fault.
"""

import argparse
import csv
import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
from itertools import count
from pathlib import Path
from typing import Any

from bench.turns import cpu_seconds, off_core, on_core
from sip.settings import StackSettings
from sip.stack import Stack
from tests.helpers.ports import free_port
from tests.helpers.serving import ROOT, Serving
from tests.helpers.sip_messages import ANSWER, OFFER, PEER, request

SCENARIO = Path(__file__).parent / "scenarios" / "sig.xml"


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def resident(pid: int) -> int:
    """Return kilobytes of memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def sipp(
    engine: str, folder: Path, rate: int, seconds: int, scenario: Path = SCENARIO
) -> dict[str, str]:
    """Let SIPp call `host:port`; return the last line of its statistics."""
    program = shutil.which("sipp")
    if program is None:
        raise SystemExit("sipp is not installed (Debian: sip-tester)")
    subprocess.run(
        [
            program, engine, "-sf", str(scenario), "-s", "sig", "-i", "127.0.0.1",
            "-p", str(free_port()), "-r", str(rate), "-m", str(rate * seconds), "-l", "20000",
            "-nostdin", "-trace_stat", "-fd", "1", "-timeout", f"{seconds + 60}s",
        ],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    with next(folder.glob("*_.csv")).open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=";"))[-1]


def unread(port: int) -> int:
    """Return how many datagrams the kernel dropped for want of room at a UDP port."""
    rows = Path("/proc/net/udp").read_text().splitlines()[1:]
    return sum(int(row.split()[-1]) for row in rows if row.split()[1].endswith(f":{port:04X}"))


def through_the_engine(rate: int, seconds: int, core: int | None = None) -> dict[str, Any]:
    """Measure calls through a whole engine, which may have one core for itself and no other."""
    folder = Path(tempfile.mkdtemp(prefix="sip-bench-"))
    engine = Serving(folder / "data", config=ROOT / "bench" / "site", rtp=(30000, 49998))
    try:
        with on_core(core):
            engine.start()
        assert engine.process is not None
        main, others = engine.process.pid, children(engine.process.pid)
        before = cpu_seconds(main), sum(map(cpu_seconds, others))
        with off_core(core):
            told = sipp(engine.engine, folder, rate, seconds)
        time.sleep(3)  # noqa: TID251 - so that the last facts are stored
        after = cpu_seconds(main), sum(map(cpu_seconds, others))
        counters, late = engine.health()["sip"], unread(engine.sip_port)
    finally:
        engine.kill()
        shutil.rmtree(folder, ignore_errors=True)
    calls = int(told["SuccessfulCall(C)"])
    return {
        "rate": rate,
        "calls_a_second": round(calls / seconds, 1),
        "calls": calls,
        "failed": int(told["FailedCall(C)"]),
        "sipp_retransmissions": int(told["Retransmissions(C)"]),
        "our_retransmissions": counters["resent"],
        "unread": late,
        "load_1min": round(os.getloadavg()[0], 2),
        "engine_cpu_ms_a_call": round(1000 * (after[0] - before[0]) / max(1, calls), 2),
        "media_cpu_ms_a_call": round(1000 * (after[1] - before[1]) / max(1, calls), 2),
    }


def played(stack: Stack, number: int, now: float) -> None:
    """Let one call come up and end at a stack."""
    up(stack, number, now)
    (leg,) = stack._legs
    tag = stack._legs[leg].dialog.local_tag  # type: ignore[union-attr]
    stack.receive(request("BYE", cseq=2, to_tag=tag, call_id=f"call-{number}"), PEER, now)
    drained(stack)


def up(stack: Stack, number: int, now: float) -> None:
    """Let one call come up at a stack."""
    call_id = f"call-{number}"
    stack.receive(request("INVITE", call_id=call_id, body=OFFER), PEER, now)
    event = stack.next_event()
    stack.answer(event.leg, ANSWER, now)  # type: ignore[union-attr]
    drained(stack)
    tag = stack._legs[event.leg].dialog.local_tag  # type: ignore[union-attr]
    stack.receive(request("ACK", to_tag=tag, call_id=call_id), PEER, now)
    drained(stack)


def drained(stack: Stack) -> None:
    """Do with what a stack says what the edge does."""
    stack.to_send()
    while stack.next_event() is not None:
        pass
    stack.next_deadline()


def new_stack() -> Stack:
    """Return a stack with room."""
    names = (f"{number:016x}" for number in count())
    settings = StackSettings("192.0.2.1", max_legs=100_000, max_transactions=1_000_000)
    return Stack(settings, None, lambda: next(names))


def stack_alone(calls: int) -> dict[str, Any]:
    """Measure the stack without sockets; half of the messages' making is the peer's and counts."""
    stack, making = new_stack(), time.process_time()
    for number in range(calls):
        for method in ("INVITE", "ACK", "BYE"):
            request(method, call_id=f"call-{number}", body=OFFER if method == "INVITE" else b"")
    making = time.process_time() - making
    began, now = time.process_time(), 0.0
    for number in range(calls):
        now += 0.005
        played(stack, number, now)
        stack.tick(now)
    spent = time.process_time() - began - making
    return {"calls": calls, "stack_cpu_ms_a_call": round(1000 * spent / calls, 3)}


def idle(calls: int) -> dict[str, Any]:
    """Measure the memory of calls that are up, and whose transactions are over."""
    stack = new_stack()
    up(stack, 0, 0.0)
    gc.collect()
    tracemalloc.start()
    for number in range(1, calls + 1):
        up(stack, number, 0.0)
    stack.tick(40.0)
    gc.collect()
    octets = tracemalloc.get_traced_memory()[0]
    return {"idle": calls, "kilobytes_a_dialog": round(octets / calls / 1024, 1)}


def main() -> int:
    """Print the figures asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rate", type=int, default=100, help="calls a second")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--core", type=int, help="the only core that the engine may use")
    parser.add_argument("--stack", action="store_true", help="the stack alone")
    parser.add_argument("--calls", type=int, default=2000, help="with --stack")
    parser.add_argument("--idle", type=int, metavar="CALLS", help="memory of calls that are up")
    arguments = parser.parse_args()
    if arguments.idle:
        found = idle(arguments.idle)
    elif arguments.stack:
        found = stack_alone(arguments.calls)
    else:
        found = through_the_engine(arguments.rate, arguments.seconds, arguments.core) | idle(500)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
