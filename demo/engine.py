"""The engine that the demonstration starts: a process of its own, asked over HTTP."""

import contextlib
import http.cookiejar
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from socket import AF_INET, SO_REUSEADDR, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET, SocketKind, socket
from typing import Any

ROOT = Path(__file__).parents[1]
START_LIMIT = 60.0  # seconds
STOP_LIMIT = 15.0


class NotStarted(Exception):
    """The engine did not come up; the words say why."""


def free_port(wanted: int, kind: SocketKind) -> int:
    """Return the wanted port if nobody has it, else one that nobody has."""
    if _free("127.0.0.1", wanted, kind):
        return wanted
    with socket(AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def _free(host: str, port: int, kind: SocketKind) -> bool:
    with socket(AF_INET, kind) as probe:
        if kind is SOCK_STREAM:  # else a port that was used a minute ago counts as taken
            probe.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _asked(address: str, kind: SocketKind) -> str:
    """Return an address that was asked for; raise NotStarted if it cannot be had."""
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or not _free(host, int(port), kind):
        raise NotStarted(f"地址不可用 / address cannot be used: {address}")
    return address


@dataclass(slots=True)
class DemoEngine:
    """`./hotline serve` over the shipped site, on loopback."""

    data: Path
    sip: str
    http: str
    models: str
    process: "subprocess.Popen[bytes] | None" = None
    passwords: dict[str, str] = field(default_factory=dict)
    _opener: urllib.request.OpenerDirector | None = None

    @staticmethod
    def addresses(sip: str | None, http: str | None) -> tuple[str, str]:
        """Return where SIP and the pages will be: as asked, else the usual port or a free one."""
        return (
            _asked(sip, SOCK_DGRAM) if sip else f"127.0.0.1:{free_port(5060, SOCK_DGRAM)}",
            _asked(http, SOCK_STREAM) if http else f"127.0.0.1:{free_port(8080, SOCK_STREAM)}",
        )

    def page(self) -> str:
        """Return the address where an agent opens the drafts."""
        return f"http://{self.http}/drafts"

    @property
    def greeting(self) -> Path:
        """The file that every caller hears first."""
        return ROOT / "config" / "site" / "prompts" / "zh" / "greeting.wav"

    def start(self, extra_phones: tuple[str, ...]) -> None:
        """Start it and wait until it takes calls and its recognisers are loaded."""
        self._add_phones(extra_phones)
        environment = {**os.environ, "HOTLINE_MODELS": self.models}
        log = (self.data / "engine.log").open("ab")
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "server.command_line",
                "serve",
                f"--data={self.data}",
                f"--sip={self.sip}",
                f"--http={self.http}",
            ],
            cwd=ROOT,
            env=environment,
            stderr=log,
            stdout=log,
            start_new_session=True,  # ^C is ours to pass on, once
        )
        self._wait_until_up()
        self.passwords = json.loads(self._secrets().read_text("utf-8"))

    def _secrets(self) -> Path:
        return self.data / "secrets" / "phones.json"

    def _add_phones(self, users: tuple[str, ...]) -> None:
        file = self._secrets()
        known = json.loads(file.read_text("utf-8")) if file.exists() else {}
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        known |= {user: secrets.token_urlsafe(12) for user in users if user not in known}
        file.write_text(json.dumps(known), "utf-8")
        file.chmod(0o600)

    def _wait_until_up(self) -> None:
        assert self.process is not None
        began = time.monotonic()
        while time.monotonic() - began < START_LIMIT:
            if self.process.poll() is not None:
                raise NotStarted((self.data / "engine.log").read_text("utf-8")[-1500:])
            health = self.health()
            if health.get("ok") and not self._loading(health):
                return
            time.sleep(0.1)  # noqa: TID251 - another process is waited for
        raise NotStarted(f"not ready within {START_LIMIT:.0f} s: {self.health()}")

    @staticmethod
    def _loading(health: dict[str, Any]) -> bool:
        states = health.get("recognition", {})
        return any(state.get("state") == "loading" for state in states.values())

    def health(self) -> dict[str, Any]:
        """Return what /health says; nothing while nobody answers."""
        try:
            with urllib.request.urlopen(f"http://{self.http}/health", timeout=5) as page:
                found: dict[str, Any] = json.load(page)
        except urllib.error.HTTPError as page:
            found = json.load(page)
        except OSError:
            return {}
        return found

    def stop(self) -> int:
        """Let it drain, then end at once, then by force; return its exit status."""
        if self.process is None:
            return 0
        for _ in range(2):
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self.process.wait(STOP_LIMIT)
        self.process.kill()
        return self.process.wait()

    # --- as an agent at the desk ---------------------------------------------------------

    def sign_in(self, agent: str) -> None:
        """Log in at the desk with the agent's password."""
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        who = {"agent": agent, "password": self.passwords[agent]}
        body = json.dumps(who).encode()
        self._opener.open(f"http://{self.http}/api/v1/session", body, timeout=10).close()

    def api(self, path: str) -> Any:
        """Ask the desk's API."""
        assert self._opener is not None, "sign in first"
        with self._opener.open(f"http://{self.http}/api/v1/{path}", timeout=10) as page:
            return json.load(page)

    def settled_calls(self, count: int, limit: float = 45.0) -> list[dict[str, Any]]:
        """Wait until `count` calls have ended and their drafts are final; return them whole.

        Whatever there is after `limit` seconds is returned: the judgement says what lacks.
        """
        self.sign_in("1001")
        began = time.monotonic()
        while True:
            calls = [self.api(f"calls/{line['call']}") for line in self.api("calls")["calls"]]
            settled = len(calls) >= count and all(map(_settled, calls))
            if settled or time.monotonic() - began > limit:
                return [self._with_draft(call) for call in reversed(calls)]
            time.sleep(0.3)  # noqa: TID251 - another process is waited for

    def _with_draft(self, call: dict[str, Any]) -> dict[str, Any]:
        """Add the draft and the recording's file to what the API gives of a call."""
        file = next((self.data / "recordings").rglob(f"{call['call']}.wav"), None)
        call = call | {"recording": str(file) if file else None}
        try:
            return call | {"draft": self.api(f"drafts/{call['call']}")}
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return call | {"draft": None}


def _settled(call: dict[str, Any]) -> bool:
    return call["ended"] is not None and call["transcript_state"] is not None
