"""What whole calls cost: the served engine, its media worker, N callers on loopback.

    ./hotline bench calls --calls 10 --seconds 15

Each caller dials 12345, hears the greeting and then speaks its matter (key 1 is left out:
a caller who presses nothing waits in a lane or leaves a message, recorded all the same).
Prints one line of JSON. CPU is that of the engine and all its children, recognisers apart,
divided by the call-seconds really carried (packets received here / 50). Lateness is that of
each packet against its stream's own grid, by the kernel's arrival stamps. The load is made
on the same machine, so figures of a small machine are pessimistic.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from bench.media_bench import ROOT, TICKS, Caller, exchange, percentile, tone
from media import g711

START_LIMIT = 60.0  # seconds


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class EngineUnderLoad:
    """`./hotline serve` on free ports, without recognisers: they are measured apart."""

    def __init__(self, folder: Path, first_rtp: int, calls: int) -> None:
        self.sip = ("127.0.0.1", free_port(socket.SOCK_DGRAM))
        self._http = free_port(socket.SOCK_STREAM)
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "server.command_line",
                "serve",
                f"--config={self._site(folder)}",
                f"--data={folder / 'data'}",
                f"--sip={self.sip[0]}:{self.sip[1]}",
                f"--http=127.0.0.1:{self._http}",
                f"--rtp-ports={first_rtp}-{first_rtp + 4 * calls + 20}",
            ],
            cwd=ROOT,
            stderr=(folder / "engine.log").open("wb"),
        )
        began = time.monotonic()
        while not self._up():
            if self.process.poll() is not None or time.monotonic() - began > START_LIMIT:
                raise SystemExit((folder / "engine.log").read_text()[-2000:])
            time.sleep(0.1)  # noqa: TID251 - another process is waited for

    @staticmethod
    def _site(folder: Path) -> Path:
        """Copy the shipped site with recognition off and room for many calls."""
        site = folder / "site"
        shutil.copytree(ROOT / "config" / "site", site)
        text = (site / "site.yaml").read_text("utf-8")
        text = text.replace("languages: [zh, en, ko, ja]", "languages: []")
        text = text.replace("max_calls: 100", "max_calls: 2000").replace(
            "last: 31999", "last: 60001"
        )
        (site / "site.yaml").write_text(text, "utf-8")
        return site

    def _up(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._http}/health") as page:
                return bool(json.load(page)["ok"])
        except OSError:
            return False

    def processes(self) -> list[int]:
        """The engine and its children."""
        own = self.process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        return [own, *map(int, children)]

    def cpu(self) -> float:
        """Seconds of user and system time so far, of all processes."""
        total = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def rss_kb(self) -> int:
        total = 0
        for pid in self.processes():
            status = Path(f"/proc/{pid}/status").read_text().splitlines()
            total += next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        return total


class Dialler:
    """One UDP port that places calls for many callers."""

    def __init__(self, engine: tuple[str, int], dialled: str = "12345") -> None:
        self._dialled = dialled
        self._end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._end.bind(("127.0.0.1", 0))
        self._end.settimeout(10)
        self._engine = engine
        self._tags: dict[int, str] = {}

    def dial(self, caller: Caller) -> None:
        """Call, take the answer's port, acknowledge."""
        body = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {caller.port} RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
        )
        self._send("INVITE", caller.number, 1, body)
        answer = ""
        while not answer.startswith("SIP/2.0 200"):
            answer = self._end.recv(4096).decode()
            if answer.startswith(("SIP/2.0 4", "SIP/2.0 5")):
                raise SystemExit(f"refused: {answer.splitlines()[0]}")
        self._tags[caller.number] = answer.split("To: ")[1].split("\r\n")[0].split("tag=")[1]
        caller.to = ("127.0.0.1", int(answer.split("m=audio ")[1].split()[0]))
        self._send("ACK", caller.number, 1)

    def hang_up(self, caller: Caller) -> None:
        self._send("BYE", caller.number, 2)

    def _send(self, method: str, number: int, cseq: int, body: str = "") -> None:
        host, port = self._end.getsockname()
        tag = f";tag={self._tags[number]}" if number in self._tags else ""
        kind = "Content-Type: application/sdp\r\n" if body else ""
        text = (
            f"{method} sip:{self._dialled}@{self._engine[0]}:{self._engine[1]} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{method}{number}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{number}@{host}>;tag=b{number}\r\n"
            f"To: <sip:{self._dialled}@{host}>{tag}\r\n"
            f"Call-ID: bench-{number}\r\nCSeq: {cseq} {method}\r\n"
            f"Contact: <sip:{number}@{host}:{port}>\r\n{kind}Content-Length: {len(body)}\r\n\r\n"
        )
        self._end.sendto((text + body).encode(), self._engine)


def measure(calls: int, seconds: float, first_rtp: int, folder: Path) -> dict[str, object]:
    """Run the load once; return the figures."""
    engine = EngineUnderLoad(folder, first_rtp, calls)
    try:
        empty = engine.rss_kb()
        dialler, callers = Dialler(engine.sip), [Caller(n) for n in range(calls)]
        frames = g711.frames(tone(2.0), "PCMA")
        for caller in callers:
            dialler.dial(caller)
        said = exchange(callers, frames, 1.0)
        for caller in callers:
            caller.came.clear()
        before = engine.cpu()
        exchange(callers, frames, seconds, said)
        spent, full = engine.cpu() - before, engine.rss_kb()
        for caller in callers:
            dialler.hang_up(caller)
    finally:
        engine.process.terminate()
    status = engine.process.wait(30)
    packets = [len(caller.came) for caller in callers]
    late = [1000 * x for caller in callers for x in caller.lateness()]
    return {
        "calls": calls,
        "seconds": seconds,
        "cpu_ms_per_call_second": round(50_000 * spent / max(1, sum(packets)), 3),
        "late_ms_p99": round(percentile(late, 0.99), 2),
        "late_ms_max": round(max(late, default=-1.0), 2),
        "failed": sum(count < 0.98 * seconds * 50 for count in packets),
        "rss_kb_per_call": round((full - empty) / calls, 1),
        "rss_kb_empty": empty,
        "exit_status": status,
        "load_1min": round(os.getloadavg()[0], 2),
    }


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--first-port", type=int, default=44000)
    arguments = parser.parse_args()
    calls, seconds = min(arguments.calls, 1000), min(arguments.seconds, 60.0)
    with tempfile.TemporaryDirectory(prefix="call-bench-") as folder:
        print(json.dumps(measure(calls, seconds, arguments.first_port, Path(folder))))


if __name__ == "__main__":
    main()
