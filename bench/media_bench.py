"""What the media worker costs: N legs on loopback, each playing, hearing and recording.

    ./hotline bench media --calls 100 --seconds 10 --json

Prints one line of JSON, or the same to be read. CPU is the worker's own (user and system,
all threads), divided by the call-seconds really carried: packets received here / 50.
Lateness is that of each packet against its stream's own grid, by the kernel's arrival
stamps. The load is made in this process, so figures of a small machine are
pessimistic.
"""

import argparse
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from itertools import pairwise
from math import pi, sin
from pathlib import Path
from select import EPOLLIN, epoll

from calls.ids import LegId
from media import commands as c
from media import g711, wav, wire
from media.worker_settings import WorkerSettings

ROOT = Path(__file__).resolve().parent.parent
PTIME = 0.02
STAMP = getattr(socket, "SO_TIMESTAMPNS", 35)
TICKS = os.sysconf("SC_CLK_TCK")


class WorkerUnderLoad:
    """A real worker process and our end of its stream."""

    def __init__(self, settings: WorkerSettings) -> None:
        self.stream, theirs = socket.socketpair()
        command = [sys.executable, "-m", "server.media_worker", str(theirs.fileno())]
        self.process = subprocess.Popen(
            [*command, wire.settings_to_text(settings)],
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        self.stream.settimeout(10)
        self._frames = wire.Frames()
        self.events: list[c.Value] = []

    def send(self, *commands: c.Command) -> None:
        self.stream.sendall(b"".join(map(wire.frame, commands)))

    def wait(self, kind: type, count: int) -> list[c.Value]:
        """Read events until `count` of a kind are there; return them."""
        while len(found := [e for e in self.events if isinstance(e, kind)]) < count:
            octets = self.stream.recv(1 << 18)
            if not octets:
                raise SystemExit("the worker is gone")
            self.events += map(wire.from_wire, self._frames.feed(octets))
            failed = [e for e in self.events if isinstance(e, c.LegFailed)]
            if failed:
                self.process.kill()
                raise SystemExit(f"{failed[0].leg}: {failed[0].why}; try another --first-port")
        return found

    def cpu(self) -> tuple[float, float]:
        """Seconds of user and of system time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) / TICKS, int(fields[12]) / TICKS

    def rss_kb(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(x.split()[1]) for x in status.splitlines() if x.startswith("VmRSS"))


class Caller:
    """One peer: sends a tone, measures what it gets."""

    def __init__(self, number: int) -> None:
        self.end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.end.bind(("127.0.0.1", 0))
        self.end.setsockopt(socket.SOL_SOCKET, STAMP, 1)
        self.port: int = self.end.getsockname()[1]
        self.leg = LegId(f"leg-{number}")
        self.to = ("127.0.0.1", 0)
        self.number = number
        self.came: list[tuple[float, int]] = []
        """Arrival in seconds, RTP timestamp."""
        self.numbers: list[int] = []
        """Sequence numbers, in the order of arrival."""

    def packet(self, count: int, payload: bytes) -> bytes:
        head = struct.pack(
            "!BBHII", 0x80, 8, count & 0xFFFF, count * 160 & 0xFFFFFFFF, self.number + 1
        )
        return head + payload

    def take(self) -> None:
        try:
            datagram, stamps, _, _ = self.end.recvmsg(2048, 64)
        except BlockingIOError:
            return
        if not 192 <= datagram[1] <= 223:  # RTCP of a neighbour's leg, on an odd port
            self._measure(datagram, stamps[0][2])

    def _measure(self, datagram: bytes, stamp: bytes) -> None:
        seconds, nanoseconds = struct.unpack_from("qq", stamp)
        number, timestamp = struct.unpack_from("!HI", datagram, 2)
        self.numbers.append(number)
        self.came.append((seconds + nanoseconds / 1e9, timestamp))

    def all_that_came(self, waiting: int = 50) -> int:
        """Return how many packets came, with those that wait unread because we are late."""
        for _ in range(waiting):
            self.take()
        return len(self.came)

    def forget(self) -> None:
        """Begin to measure anew."""
        self.came.clear()
        self.numbers.clear()

    def missed(self) -> int:
        """Count the packets that were sent and did not come; in silence few are sent."""
        steps = ((later - one) & 0xFFFF for one, later in pairwise(self.numbers))
        return sum(step - 1 for step in steps if step > 1)

    def lateness(self) -> list[float]:
        """Seconds behind the stream's own grid, which the earliest packet sets."""
        if not self.came:
            return []
        first = self.came[0][1]
        drift = [at - ((ts - first) & 0xFFFFFFFF) / 8000 for at, ts in self.came]
        origin = min(drift)
        return [d - origin for d in drift]


def tone(seconds: float, hertz: float = 440.0) -> bytes:
    count = int(seconds * 8000)
    return b"".join(
        struct.pack("<h", int(8000 * sin(2 * pi * hertz * n / 8000))) for n in range(count)
    )


def exchange(callers: list[Caller], frames: list[bytes], seconds: float, said: int = 0) -> int:
    """Send and receive for a while, the callers spread over the 20 ms.

    Each stream goes on from the `said` packets before; returns how many there are now.
    """
    poll = epoll()
    by_number = {caller.end.fileno(): caller for caller in callers}
    for number in by_number:
        poll.register(number, EPOLLIN)
    began = time.monotonic()
    queue = sorted((n * PTIME / len(callers), n) for n in range(len(callers)))
    count, at = 0, 0
    while (now := time.monotonic() - began) < seconds or at:  # to the end of a round
        while at < len(queue) and queue[at][0] + count * PTIME <= now:
            caller = callers[queue[at][1]]
            number = said + count
            caller.end.sendto(caller.packet(number, frames[number % len(frames)]), caller.to)
            at += 1
        if at == len(queue):
            count, at = count + 1, 0
        for number, _ in poll.poll(0.001):
            by_number[number].take()
    poll.close()
    return said + count


def connect(worker: WorkerUnderLoad, callers: list[Caller], folder: str, given: str) -> None:
    """Open and connect a leg for each caller and let it do all that a call does."""
    worker.send(*(c.OpenLeg(caller.leg, "127.0.0.1") for caller in callers))
    opened = worker.wait(c.LegOpened, len(callers))
    ports = {e.leg: e.port for e in opened if isinstance(e, c.LegOpened)}
    prompt = f"{folder}/prompt.wav"
    for caller in callers:
        leg = caller.leg
        caller.to = ("127.0.0.1", ports[leg])
        worker.send(c.ConnectLeg(leg, "PCMA", 101, "127.0.0.1", caller.port, True, True))
        if "p" in given:
            worker.send(c.Play(leg, 1, (prompt,), True))
        if "r" in given:
            worker.send(c.StartRecording(f"rec-{leg}", f"{folder}/{leg}.wav", leg))
        if "t" in given:
            worker.send(c.Tap(leg, True))
    if "b" in given:
        pairs = zip(callers[::2], callers[1::2], strict=False)
        worker.send(*(c.Bridge(left.leg, right.leg) for left, right in pairs))


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else -1.0


def measure(arguments: argparse.Namespace, folder: str) -> dict[str, object]:
    """Run the load once; return the figures."""
    speech = tone(2.0)
    Path(folder, "prompt.wav").write_bytes(wav.write(speech))
    frames = g711.frames(speech, "PCMA")
    first = arguments.first_port
    settings = WorkerSettings(
        first, first + 4 * arguments.legs, clock_offset=time.time() - time.monotonic()
    )
    worker = WorkerUnderLoad(settings)
    worker.wait(c.WorkerFigures, 1)
    empty = worker.rss_kb()
    callers = [Caller(n) for n in range(arguments.legs)]
    connect(worker, callers, folder, arguments.work)
    said = exchange(callers, frames, 1.0)
    for caller in callers:
        caller.came.clear()
    before, began = worker.cpu(), time.monotonic()
    exchange(callers, frames, arguments.seconds, said)
    user, system = (new - old for new, old in zip(worker.cpu(), before, strict=True))
    took = time.monotonic() - began
    full = worker.rss_kb()
    worker.send(*(c.CloseLeg(caller.leg) for caller in callers), c.Shutdown())
    closed = worker.wait(c.LegClosed, arguments.legs)
    worker.process.wait(10)
    packets = [len(caller.came) for caller in callers]
    late = [1000 * x for caller in callers for x in caller.lateness()]
    own = [e.late_p99 * 1000 for e in closed if isinstance(e, c.LegClosed)]
    lost = Counter(e.lost > 0 for e in closed if isinstance(e, c.LegClosed))[True]
    return {
        "legs": arguments.legs,
        "work": arguments.work,
        "seconds": round(took, 1),
        "cpu_ms_per_call_second": round(50_000 * (user + system) / sum(packets), 3),
        "of_it_user": round(50_000 * user / sum(packets), 3),
        "late_ms_p99": round(percentile(late, 0.99), 2),
        "late_ms_max": round(max(late, default=-1.0), 2),
        "late_ms_p99_by_worker": round(percentile(own, 0.5), 2),
        "failed": sum(n < 0.98 * took * 50 for n in packets),
        "legs_with_loss": lost,
        "rss_kb_per_leg": round((full - empty) / arguments.legs, 1),
        "rss_kb_empty": empty,
        "load_1min": round(os.getloadavg()[0], 2),
    }


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", "--legs", dest="legs", type=int, default=100)
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--first-port", type=int, default=42000)
    parser.add_argument(
        "--work", default="pr", help="p: prompt, r: recorded, b: bridged in pairs, t: tapped"
    )
    arguments = parser.parse_args()
    arguments.seconds = min(60.0, arguments.seconds)
    folder = tempfile.mkdtemp(prefix="media-bench-")
    try:
        figures = measure(arguments, folder)
    finally:
        shutil.rmtree(folder)
    if arguments.json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name:28} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
