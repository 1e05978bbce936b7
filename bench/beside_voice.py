"""Voice beside others: the media worker, plain Python and rtpengine, with the same callers.

Each stretch starts a process anew on the one core, connects the legs, lets them talk for a
second unmeasured, then measures; the callers live in this process, off that core. All run at
the niceness that the media worker gives itself, so that neighbours disturb them alike.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.media_bench import PTIME, ROOT, Caller, WorkerUnderLoad, connect, exchange, tone
from bench.peers.ng import rtpengine
from bench.turns import Carried, Contestants, Processes, on_core, since, spent
from media import commands as c
from media import g711, wav
from media.worker_settings import WorkerSettings
from server.media_process import NICENESS
from tests.helpers.peers import python_with, without
from tests.helpers.ports import free_port

WARM = 1.0
FIRST_PORT = 30000
AIORTP = Path(__file__).parent / "peers" / "plays_aiortp.py"
NICELY = ["nice", "-n", str(NICENESS)]
Opened = Callable[[list[Caller]], AbstractContextManager[Processes]]
"""Lets somebody talk to the callers, tells them where; gives who that is."""
NUMBERS = count()
"""Of callers: no two calls of a run have one name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How much is said, what kind of call it is, and the core; None: any."""

    calls: int = 50
    seconds: float = 5.0
    core: int | None = None
    legs: int = 2
    """Of one call."""

    def single(self) -> "Asked":
        """Return as many legs, each a call of its own."""
        return replace(self, calls=self.calls * self.legs, legs=1)

    def carried(self, opened: Opened) -> Carried:
        """Let all callers talk for a stretch; return what a call-second took."""
        callers = [Caller(next(NUMBERS)) for _ in range(self.legs * self.calls)]
        frames = g711.frames(tone(2.0), "PCMA")
        with opened(callers) as processes:
            said = exchange(callers, frames, WARM)
            for caller in callers:
                caller.forget()
            before, began = spent(processes), time.monotonic()
            exchange(callers, frames, self.seconds, said)
            cost, took = since(before, processes), time.monotonic() - began
            packets = [caller.all_that_came() for caller in callers]
        for caller in callers:
            caller.end.close()
        failed = sum(came < 0.98 * took * 50 for came in packets)
        return Carried(cost, sum(packets) / (50 * self.legs), {"failed": failed})


@contextmanager
def our_worker(work: str, core: int | None, callers: list[Caller]) -> Iterator[Processes]:
    """Start our media worker; `work` as `bench/media_bench.py` has it."""
    settings = WorkerSettings(
        FIRST_PORT, FIRST_PORT + 4 * len(callers), time.time() - time.monotonic()
    )
    with on_core(core):
        worker = WorkerUnderLoad(settings)
    try:
        with TemporaryDirectory(prefix="beside-voice-") as folder:
            Path(folder, "prompt.wav").write_bytes(wav.write(tone(2.0)))
            worker.wait(c.WorkerFigures, 1)
            connect(worker, callers, folder, work)
            yield {"worker": [worker.process.pid]}
    finally:
        worker.process.kill()
        worker.process.wait(10)
        worker.stream.close()


@contextmanager
def speaking(program: list[str], core: int | None, callers: list[Caller]) -> Iterator[Processes]:
    """Start a program that is told the callers' ports, and prints its own for them as JSON."""
    with on_core(core):
        process = subprocess.Popen(
            [*NICELY, *program, *(str(caller.port) for caller in callers)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
    try:
        assert process.stdout is not None
        for caller, port in zip(callers, json.loads(process.stdout.readline()), strict=True):
            caller.to = ("127.0.0.1", port)
        yield {"program": [process.pid]}
    finally:
        process.kill()
        process.wait(10)


@contextmanager
def their_relay(program: str, core: int | None, callers: list[Caller]) -> Iterator[Processes]:
    """Start rtpengine and let it relay each pair of callers."""
    with (
        TemporaryDirectory(prefix="beside-voice-") as folder,
        rtpengine([*NICELY, program], free_port(), Path(folder) / "log", core) as (control, pid),
    ):
        for left, right in zip(callers[::2], callers[1::2], strict=True):
            ports = control.joined(f"call-{left.number}", left.port, right.port)
            left.to, right.to = (("127.0.0.1", port) for port in ports)
        yield {"rtpengine": [pid]}


def bare(what: str, pause: float, core: int | None) -> Opened:
    """Return what opens plain Python: `what` and `pause` as `bench/peers/floor.py` has them."""
    return partial(speaking, [sys.executable, "-m", "bench.peers.floor", what, str(pause)], core)


def bridged(asked: Asked) -> tuple[Contestants, dict[str, str]]:
    """Return who relays pairs of legs, and why others do not."""
    relays: dict[str, Opened] = {
        "ours": partial(our_worker, "b", asked.core),
        "bare Python": bare("relay", 0.0, asked.core),
        "bare Python, 20 ms": bare("relay", PTIME, asked.core),
    }
    program, absent = shutil.which("rtpengine"), {}
    if program is None:
        absent["rtpengine"] = "rtpengine is not installed (Debian: rtpengine-daemon)"
    else:
        relays["rtpengine"] = partial(their_relay, program, asked.core)
    return {name: partial(asked.carried, opened) for name, opened in relays.items()}, absent


def prompted(asked: Asked) -> tuple[Contestants, dict[str, str]]:
    """Return who plays to as many single legs and hears them, and why others do not."""
    players: dict[str, Opened] = {
        "ours": partial(our_worker, "p", asked.core),
        "ours, recorded": partial(our_worker, "pr", asked.core),
        "bare Python": bare("play", 0.0, asked.core),
        "bare Python, 20 ms": bare("play", PTIME, asked.core),
    }
    one_leg = asked.single()
    python, absent = python_with("aiortp"), {}
    if python is None:
        absent["aiortp"] = without("aiortp")
    else:
        players["aiortp"] = partial(speaking, [str(python), "-O", str(AIORTP)], asked.core)
    return {name: partial(one_leg.carried, opened) for name, opened in players.items()}, absent
