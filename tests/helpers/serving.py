"""A real engine in a process of its own, for tests that dial it."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, SOCK_STREAM, SocketKind, socket
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from calls.events import Fact
from calls.ids import CallId
from storage import call_details
from storage.call_details import CallFilter, WholeCall

ROOT = Path(__file__).parents[2]
START_LIMIT = 90.0  # seconds on a busy machine
_TURNS = cycle(range(10))
"""So that engines side by side, also those of other test processes, share no RTP port."""


def free_port(kind: SocketKind | None = None) -> int:
    """Return a port that nobody uses now, for datagrams and connections unless told which.

    Connections of others get their own ports from 32768 on: there, one that is free now may
    be taken before an engine is up.
    """
    kinds = (SOCK_DGRAM, SOCK_STREAM) if kind is None else (kind,)
    while True:
        port = secrets.randbelow(9_000) + 10_000
        if all(_is_free(port, each) for each in kinds):
            return port


def free_voice_port() -> int:
    """Return an even port that is free for datagrams with the three after it.

    SIPp takes them for voice and video, each with its reports.
    """
    while True:
        first = free_port(SOCK_DGRAM) & ~1
        if all(_is_free(port, SOCK_DGRAM) for port in range(first, first + 4)):
            return first


def _is_free(port: int, kind: SocketKind) -> bool:
    with socket(AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def until(happened: Callable[[], Any], limit: float, what: str) -> Any:
    """Look every 50 ms until something is true; fail by name after `limit` seconds.

    These tests watch other processes, which no clock of ours can move.
    """
    began = time.monotonic()
    while not (result := happened()):
        if time.monotonic() - began > limit:
            raise AssertionError(f"not within {limit} s: {what}")
        time.sleep(0.05)  # noqa: TID251 - another process is waited for
    return result


class Serving:
    """`./hotline serve` on free ports of loopback, with a data folder of its own."""

    def __init__(
        self,
        data: Path,
        *,
        config: Path | None = None,
        rtp: tuple[int, int] | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.data = data
        self.sip_port, self.http_port = free_port(), free_port(SOCK_STREAM)
        self._config = config or ROOT / "config" / "site"
        first = 20_000 + 400 * (os.getpid() % 30) + 40 * next(_TURNS)
        self._rtp = rtp or (first, first + 38)
        self._environment = {**os.environ, **(environment or {})}
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as the launcher does
        self.log = data / "engine.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def engine(self) -> str:
        """Where to dial: `host:port`."""
        return f"127.0.0.1:{self.sip_port}"

    def __enter__(self) -> "Serving":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start the process and wait until it takes calls."""
        self.launch()
        try:
            until(self._up, START_LIMIT, f"engine up; see {self.log.read_text()[-2000:]}")
        except BaseException:
            self.kill()  # nobody will leave the `with` that was never entered
            raise

    def launch(self) -> None:
        """Start the process; what it can do already is the caller's to find out."""
        self.data.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "server.command_line",
                    "serve",
                    f"--config={self._config}",
                    f"--data={self.data}",
                    f"--sip={self.engine}",
                    f"--http=127.0.0.1:{self.http_port}",
                    f"--rtp-ports={self._rtp[0]}-{self._rtp[1]}",
                ],
                cwd=ROOT,
                env=self._environment,
                stderr=log,
                stdout=log,
            )

    def _up(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"engine ended: {self.log.read_text()[-4000:]}")
        try:
            return bool(self.health()["ok"])
        except (OSError, ValueError):
            return False

    def health(self) -> dict[str, Any]:
        """Return what /health says, whatever its status."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}/health") as page:
                found: dict[str, Any] = json.load(page)
        except urllib.error.HTTPError as page:
            found = json.load(page)
        return found

    def figures(self) -> str:
        """Return /metrics."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}/metrics") as page:
            return str(page.read().decode())

    def passwords(self) -> dict[str, str]:
        """Return the phones' passwords."""
        found = next((self.data / "secrets").iterdir())
        return dict(json.loads(found.read_text()))

    def terminate(self, limit: float = 30.0) -> int:
        """Drain; return the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(limit)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    # --- what is in the books -----------------------------------------------------------

    def calls(self) -> list[WholeCall]:
        """Return every call of the database, oldest first."""
        database = create_engine(f"sqlite:///{self.data / 'hotline.sqlite3'}")
        try:
            with Session(database) as session:
                listed = call_details.listed(session, CallFilter(most=1000))
                whole = [call_details.whole(session, kept.record.call) for kept in listed]
        finally:
            database.dispose()
        return [call for call in reversed(whole) if call is not None]

    def ended(self, count: int, limit: float = 30.0) -> list[WholeCall]:
        """Wait until `count` calls have ended and their books are closed."""

        def closed() -> list[WholeCall] | None:
            calls = [c for c in self.calls() if c.call.record.ended is not None]
            settled = all(c.call.transcript_state or not c.recordings for c in calls)
            return calls if len(calls) >= count and settled else None

        found: list[WholeCall] = until(closed, limit, f"{count} calls ended")
        return found

    def recording(self, call: WholeCall) -> Path:
        """Return where a call's recording is."""
        return self.data / "recordings" / call.recordings[0].path


def facts_of(call: WholeCall, kind: type[Fact]) -> list[Any]:
    """Return a call's facts of one kind."""
    return [fact for fact in call.facts if isinstance(fact, kind)]


__all__ = ["CallId", "Serving", "facts_of", "free_port", "until"]
