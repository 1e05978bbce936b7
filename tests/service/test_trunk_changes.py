"""Other trunks published to an engine that runs: at once, and no call notices."""

import json
from collections.abc import Iterator
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

import pytest

from server.command_line import main
from sip.message import Response, parse
from tests.helpers import sites
from tests.helpers.carrier import LOGIN, PASSWORD, Host, NameServer
from tests.helpers.serving import Serving, until

HERE = 'trunks:\n  carrier: {{addresses: [127.0.0.1/32], max_calls: {most}, called: ["12345"]}}\n'
REGISTERED = f"""\
trunks:
  carrier:
    addresses: [127.0.0.1/32]
    max_calls: 2
    hosts: [carrier.test]
    login: "{LOGIN}"
    register: true
    keep_alive: 5s
    dial_out: ["0577*"]
"""
ELSEWHERE = "trunks:\n  other: {addresses: [127.0.0.2/32]}\n"
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 9 RTP/AVP 8\r\n"
)


class Caller:
    """One who calls through the trunk, and may stay on the line."""

    def __init__(self, engine: Serving, call_id: str) -> None:
        self._engine, self._call_id = engine, call_id
        self._socket = socket(AF_INET, SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(60)
        self._tag = ""

    def dial(self) -> int:
        """Call; return the final status, acknowledged."""
        self._send("INVITE", 1, SDP)
        answer = self._answer("INVITE")
        self._tag = f";tag={answer.headers.to.tag}"
        branch = "ack" if answer.status < 300 else "INVITE"
        self._send("ACK", 1, branch=branch)
        return answer.status

    def hang_up(self) -> int:
        """End the call; return what was said to that."""
        self._send("BYE", 2)
        status = self._answer("BYE").status
        self._socket.close()
        return status

    def _answer(self, method: str) -> Response:
        while True:
            message = parse(self._socket.recv(65535))
            final = isinstance(message, Response) and message.status >= 200
            if isinstance(message, Response) and final and message.headers.cseq.method == method:
                return message

    def _send(self, method: str, cseq: int, body: str = "", branch: str | None = None) -> None:
        port = self._socket.getsockname()[1]
        kind = "Content-Type: application/sdp\r\n" if body else ""
        text = (
            f"{method} sip:12345@{self._engine.engine} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{self._call_id}{branch or method}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:13900001111@carrier.test>;tag=c\r\n"
            f"To: <sip:12345@carrier.test>{self._tag}\r\nCall-ID: {self._call_id}\r\n"
            f"CSeq: {cseq} {method}\r\nContact: <sip:c@127.0.0.1:{port}>\r\n"
            f"{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        )
        self._socket.sendto(text.encode(), ("127.0.0.1", self._engine.sip_port))


@pytest.fixture
def host() -> Iterator[Host]:
    made = Host()
    yield made
    made.stop()


@pytest.fixture
def engine(tmp_path: Path, host: Host) -> Iterator[Serving]:
    names = NameServer(host)
    site = sites.copy(tmp_path / "site")
    (site / "trunks.yaml").write_text(HERE.format(most=1), encoding="utf-8")
    text = (site / "site.yaml").read_text("utf-8")
    text = text.replace("nameservers: [] ", f'nameservers: ["127.0.0.1:{names.port}"] ')
    (site / "site.yaml").write_text(text, encoding="utf-8")
    with Serving(tmp_path / "data", config=site) as serving:
        yield serving
    names.stop()


def publish(engine: Serving, trunks: str) -> int:
    site = engine.data.parent / "site"
    (site / "trunks.yaml").write_text(trunks, encoding="utf-8")
    return main(["publish", "-m", "线路", "--config", str(site), "--data", str(engine.data)])


def trunks(engine: Serving) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = engine.health()["trunks"]
    return found


def registered(engine: Serving) -> bool:
    return trunks(engine).get("carrier", {}).get("registration") == "registered"


def know_the_password(engine: Serving) -> None:
    secrets = engine.data / "secrets"
    (secrets / "trunks.json").write_text(json.dumps({"carrier": {"login": PASSWORD}}))


@pytest.mark.slow
def test_trunks_that_are_published_count_at_once_and_calls_that_are_up_go_on(
    engine: Serving, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = Caller(engine, "first"), Caller(engine, "second")
    assert first.dial() == 200
    assert second.dial() == 503, "one call is all that the trunk may have"
    know_the_password(engine)
    assert publish(engine, REGISTERED) == 0
    said = capsys.readouterr().out
    assert "引擎已切换" in said and "restart" not in said
    until(lambda: registered(engine), 20, "registered without a restart")
    assert Caller(engine, "third").dial() == 200, "two calls are allowed now"
    assert Caller(engine, "fourth").dial() == 503
    assert publish(engine, ELSEWHERE) == 0
    until(lambda: [e for _, e in host.contacts][-1:] == ["0"], 20, "the provider was told")
    assert trunks(engine) == {}
    assert Caller(engine, "fifth").dial() == 403, "nobody calls from there any more"
    assert first.hang_up() == 200, "but who was in a call is still in it"


@pytest.mark.slow
def test_what_has_not_changed_of_a_trunk_is_not_touched(engine: Serving, host: Host) -> None:
    know_the_password(engine)
    assert publish(engine, REGISTERED) == 0
    until(lambda: registered(engine), 20, "registered")
    assert publish(engine, REGISTERED.replace("max_calls: 2", "max_calls: 9")) == 0
    assert registered(engine)
    assert [expires for _, expires in host.contacts] == ["3600"], "neither left nor asked again"
    assert publish(engine, REGISTERED.replace("keep_alive: 5s", "keep_alive: 6s")) == 0
    until(lambda: len(host.contacts) > 1 and registered(engine), 20, "registered anew")
    assert [expires for _, expires in host.contacts] == ["3600"] * 2, "without leaving first"
    assert engine.terminate() == 0
    told = ["3600", "3600", "0"]
    until(lambda: [expires for _, expires in host.contacts] == told, 10, "taken back")


@pytest.mark.slow
def test_a_trunk_whose_password_is_missing_is_not_switched_to_and_everything_stays(
    engine: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    before = engine.health()["version"]
    assert publish(engine, REGISTERED) == 0
    said = capsys.readouterr().out
    assert "引擎没有切换" in said and "carrier.login" in said
    assert engine.health()["version"] == before
    assert trunks(engine) == {}
    assert Caller(engine, "first").dial() == 200
