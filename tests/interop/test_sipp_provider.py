"""SIPp as a provider that challenges us, and checks the proof by its own digest."""

import json
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

import pytest

from server.trunk_rules import TrunkRules
from server.trunks_side import Placement, TrunkSide, WayOut
from sip.digest import Login
from sip.events import LegAnswered, LegRefused, SipEvent
from sip.numbers import NumberPattern
from sip.settings import StackSettings
from sip.stack import Stack
from sip.upstream import Upstream
from tests.helpers import sites
from tests.helpers.carrier import LOGIN, PASSWORD
from tests.helpers.ports import free_port, free_voice_port
from tests.helpers.serving import Serving, until
from tests.helpers.sip_messages import ANSWER

SCENARIOS = Path(__file__).parent / "sipp"
SIPP = pytest.mark.parametrize("program", ["sipp"], indirect=True)


@contextmanager
def provider(program: str, scenario: str, folder: Path) -> Iterator[tuple[int, object]]:
    """Let SIPp play a provider; its port, and its process."""
    port = free_port()
    ran = subprocess.Popen(
        [
            program, "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", "127.0.0.1",
            "-p", str(port), "-mp", str(free_voice_port()), "-m", "1", "-nostdin",
            "-timeout", "200s", "-timeout_error", "-trace_err",
        ],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(lambda: not port_is_free(port), 20, "SIPp listens")
        yield port, ran
    finally:
        ran.kill()
        ran.wait(60)


def port_is_free(port: int) -> bool:
    with socket(AF_INET, SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.mark.interop
@SIPP
def test_the_engine_registers_at_sipp(program: str, tmp_path: Path) -> None:
    with provider(program, "registrar", tmp_path) as (port, _):
        site = sites.copy(tmp_path / "site")
        (site / "trunks.yaml").write_text(
            f"trunks:\n  carrier:\n    addresses: [127.0.0.1/32]\n    hosts: ['127.0.0.1:{port}']\n"
            f"    login: '{LOGIN}'\n    register: true\n    keep_alive:\n",
            encoding="utf-8",
        )
        folder = tmp_path / "data" / "secrets"
        folder.mkdir(parents=True)
        (folder / "trunks.json").write_text(json.dumps({"carrier": {"login": PASSWORD}}))
        with Serving(tmp_path / "data", config=site) as engine:
            found = until(lambda: registered(engine), 20, "registered")
            assert 500 < found["seconds_left"] <= 600


def registered(engine: Serving) -> dict[str, float] | None:
    trunk = engine.health()["trunks"]["carrier"]
    return trunk if trunk["registration"] == "registered" else None


class OnSocket:
    """A stack on a socket of its own, run by the test."""

    def __init__(self) -> None:
        self.socket = socket(AF_INET, SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        settings = StackSettings("127.0.0.1", self.socket.getsockname()[1])
        self.stack = Stack(settings, None, lambda: secrets.token_hex(8))

    def run(self, seconds: float) -> list[SipEvent]:
        """Carry messages until something has happened; return what."""
        end, events = time.monotonic() + seconds, []
        while not events and (now := time.monotonic()) < end:
            self.stack.tick(now)
            for datagram, (host, port, *_) in self.stack.to_send():
                self.socket.sendto(datagram, (host, port))
            self.socket.settimeout(0.05)
            try:
                datagram, source = self.socket.recvfrom(65535)
            except TimeoutError:
                datagram = b""
            if datagram:
                self.stack.receive(datagram, source, time.monotonic())
            while (event := self.stack.next_event()) is not None:
                events.append(event)
        return events


def placed(port: int, password: str) -> Placement:
    """Return how a number is dialled by a trunk whose first host is dead."""
    upstream = Upstream("127.0.0.1", None)
    upstream.located([("127.0.0.1", free_port()), ("127.0.0.1", port)], 0.0)
    way = WayOut(
        TrunkRules("carrier", ()),
        (NumberPattern("0577*"),),
        (),
        "12345",
        Login(LOGIN, password),
        upstream,
    )
    (placement,) = TrunkSide((way,)).place("057788889999")
    return placement


@pytest.mark.interop
@SIPP
def test_a_call_leaves_a_dead_host_and_proves_itself_to_sipp(program: str, tmp_path: Path) -> None:
    with provider(program, "callee", tmp_path) as (port, _):
        ours = OnSocket()
        placement = placed(port, PASSWORD)
        leg = ours.stack.invite(placement.invitation(ANSWER), time.monotonic())
        (event,) = ours.run(90)
        assert isinstance(event, LegAnswered)
        ours.stack.hang_up(leg, time.monotonic())
        ours.run(1)
        assert ours.stack.legs() == 0
        ours.socket.close()


@pytest.mark.interop
@SIPP
def test_sipp_takes_no_call_with_a_wrong_password(program: str, tmp_path: Path) -> None:
    with provider(program, "callee", tmp_path) as (port, _):
        ours = OnSocket()
        ours.stack.invite(placed(port, "wrong").invitation(ANSWER), time.monotonic())
        (event,) = ours.run(90)
        assert isinstance(event, LegRefused)
        assert event.status == 403
        ours.socket.close()
