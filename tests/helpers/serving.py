"""A real engine in a process of its own, for tests that dial it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import SOCK_STREAM
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from calls.events import Fact
from storage import call_details
from storage.call_details import CallFilter, WholeCall
from tests.helpers.ports import engine_voices, free_port

ROOT = Path(__file__).parents[2]
START_LIMIT = 30.0  # seconds
BUSY = 5.0
"""How many times slower a busy machine may be; a test that passes waits for none of it."""


def until(happened: Callable[[], Any], limit: float, what: str) -> Any:
    """Look every 50 ms until something is true; fail by name if it does not come.

    `limit`: seconds in which it comes on a machine that does nothing else; BUSY times as
    many are waited for. These tests watch other processes, which no clock of ours can move.
    """
    began = time.monotonic()
    while not (result := happened()):
        if time.monotonic() - began > limit * BUSY:
            raise AssertionError(f"not within {limit * BUSY} s: {what}")
        time.sleep(0.05)  # noqa: TID251 - another process is waited for
    return result


def _program(pid: str) -> bytes:
    """Return what a process runs; nothing if it has just ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


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
        self._settle()
        self._settled = False
        self._config = config or ROOT / "config" / "site"
        self._rtp = rtp or engine_voices()
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
        self._spawn()

    def _spawn(self) -> None:
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
            said = self.log.read_text()
            if self._settled or "port is taken" not in said.splitlines()[-1]:
                raise AssertionError(f"engine ended: {said[-4000:]}")
            self._settle()
            self._spawn()
        try:
            well = bool(self.health()["ok"])
        except (OSError, ValueError):
            return False
        self._settled = self._settled or well
        return well

    def _settle(self) -> None:
        """Choose ports; others, if some stranger was quicker, as long as nobody knows them."""
        self.sip_port, self.http_port = free_port(), free_port(SOCK_STREAM)

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
        return self.process.wait(limit * BUSY)

    @contextmanager
    def mute(self) -> Iterator[None]:
        """Let the media worker stand still: calls that come meanwhile are answered afterwards."""
        (worker,) = self.media_workers()
        os.kill(worker, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(worker, signal.SIGCONT)

    def media_workers(self) -> list[int]:
        """Return the processes that carry voices: one, or none while it begins anew."""
        assert self.process is not None
        own = self.process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        return [int(pid) for pid in children if b"server.media_worker" in _program(pid)]

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(60)

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
