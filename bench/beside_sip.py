"""Signalling beside others: the engine, its stack alone and aiosipua, each called by SIPp.

Every call is INVITE, 200, ACK, two seconds, BYE; all servers run on one core, SIPp off it, and
whoever has no turn waits. The engine does all that a call asks for (flow, media worker, record,
journal, database, log); the other two answer and forget.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.sip_bench import children, sipp, unread
from bench.turns import Carried, Contestants, Processes, on_core, since, spent
from tests.helpers.peers import python_with, without
from tests.helpers.ports import free_port
from tests.helpers.serving import ROOT, Serving

SETTLING = 2.0
"""Seconds after the last BYE: the last facts are stored meanwhile."""
ANSWERS = Path(__file__).parent / "peers" / "answers_aiosipua.py"
START_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """How much is called, and the core that the servers share; None: any."""

    rate: int = 300
    seconds: int = 5
    core: int | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """Who answers at a port of loopback, with the processes that it takes."""

    port: int
    processes: Processes

    def called(self, asked: Asked) -> Carried:
        """Let SIPp call for a stretch."""
        before, dropped = spent(self.processes), unread(self.port)
        with TemporaryDirectory(prefix="beside-sip-") as folder:
            told = sipp(f"127.0.0.1:{self.port}", Path(folder), asked.rate, asked.seconds)
        time.sleep(SETTLING)  # noqa: TID251 - another process is waited for
        cost = since(before, self.processes)
        wrong = {"failed": "FailedCall(C)", "repeated": "Retransmissions(C)"}
        counts = {name: int(told[column]) for name, column in wrong.items()}
        counts["unread"] = unread(self.port) - dropped
        return Carried(cost, int(told["SuccessfulCall(C)"]), counts)


@contextmanager
def the_engine(core: int | None) -> Iterator[Server]:
    """Serve `bench/site` with the whole engine."""
    with TemporaryDirectory(prefix="beside-engine-", ignore_cleanup_errors=True) as folder:
        served = Serving(Path(folder) / "data", config=ROOT / "bench" / "site", rtp=(30000, 38998))
        try:
            with on_core(core):
                served.start()
            assert served.process is not None
            pid = served.process.pid
            yield Server(served.sip_port, {"engine": [pid], "media worker": children(pid)})
        finally:
            served.kill()


@contextmanager
def answering(program: list[str], core: int | None) -> Iterator[Server]:
    """Start a program that says `ready` once it listens at the port that is its last word."""
    port = free_port()
    with on_core(core):
        process = subprocess.Popen([*program, str(port)], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        if process.stdout.readline() != b"ready\n":
            raise SystemExit(f"{program[-1]} did not start: status {process.wait(START_LIMIT)}")
        yield Server(port, {"answers": [process.pid]})
    finally:
        process.kill()
        process.wait(START_LIMIT)


def servers(kept: ExitStack, core: int | None) -> tuple[dict[str, Server], dict[str, str]]:
    """Start all that are here, to be stopped with `kept`; return them, and why others are not."""
    stack = [sys.executable, "-m", "bench.stack_answers"]
    here = {
        "ours": kept.enter_context(the_engine(core)),
        "our stack alone": kept.enter_context(answering(stack, core)),
    }
    python = python_with("aiosipua")
    if python is None:
        return here, {"aiosipua": without("aiosipua")}
    # -O: one of its assertions does not hold on Python 3.11, where asyncio's own ports are of
    # another class than it expects; nothing else comes of it.
    peer = answering([str(python), "-O", str(ANSWERS)], core)
    return here | {"aiosipua": kept.enter_context(peer)}, {}


@contextmanager
def signalling(asked: Asked) -> Iterator[tuple[Contestants, dict[str, str]]]:
    """Start the servers and warm them for a second; yield who takes part, and who cannot."""
    with ExitStack() as kept:
        here, absent = servers(kept, asked.core)
        for server in here.values():
            server.called(Asked(asked.rate, 1, asked.core))
        yield {name: partial(server.called, asked) for name, server in here.items()}, absent
