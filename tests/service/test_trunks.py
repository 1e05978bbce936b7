"""A real engine with a provider: DNS, registration, fail-over, and what the trunk may bring."""

import json
from collections.abc import Iterator
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

import pytest

from calls.events import Ended
from calls.reasons import Reason
from sip.message import Response, parse
from tests.helpers import sites
from tests.helpers.carrier import LOGIN, PASSWORD, Host, NameServer
from tests.helpers.serving import Serving, facts_of, until

TRUNKS = """\
trunks:
  carrier:
    addresses: [127.0.0.1/32]
    hosts: [carrier.test]
    login: "{login}"
    register: true
    keep_alive: 5s
    max_calls: 1
    normalise:
      called: [{{match: "{login}", strip: 7, add: "12345"}}]
    called: ["12345"]
    callers: ["1[3-9]xxxxxxxxx"]
    dial_out: ["0577*"]
"""


@pytest.fixture
def hosts() -> Iterator[tuple[Host, Host]]:
    made = Host(), Host()
    yield made
    for host in made:
        host.stop()


@pytest.fixture
def engine(tmp_path: Path, hosts: tuple[Host, Host]) -> Iterator[Serving]:
    names = NameServer(*hosts)
    site = sites.copy(tmp_path / "site")
    (site / "trunks.yaml").write_text(TRUNKS.format(login=LOGIN), encoding="utf-8")
    text = (site / "site.yaml").read_text("utf-8")
    text = text.replace("nameservers: [] ", f'nameservers: ["127.0.0.1:{names.port}"] ')
    (site / "site.yaml").write_text(text, encoding="utf-8")
    secrets = tmp_path / "data" / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "trunks.json").write_text(json.dumps({"carrier": {"login": PASSWORD}}))
    with Serving(tmp_path / "data", config=site) as serving:
        yield serving
    names.stop()


def registration(engine: Serving) -> str:
    return str(engine.health()["trunks"]["carrier"]["registration"])


def hosts_up(engine: Serving) -> list[bool | None]:
    return [host["up"] for host in engine.health()["trunks"]["carrier"]["hosts"]]


SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 9 RTP/AVP 8\r\n"
)


def dial(engine: Serving, number: str, caller: str, call_id: str) -> Response:
    """Send an INVITE; return its final answer. The call is left up."""
    with socket(AF_INET, SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.settimeout(60)
        port = phone.getsockname()[1]
        phone.sendto(
            (
                f"INVITE sip:{number}@{engine.engine} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{call_id}\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:{caller}@carrier.test>;tag=c\r\n"
                f"To: <sip:{number}@carrier.test>\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\n"
                f"Contact: <sip:{caller}@127.0.0.1:{port}>\r\n"
                f"Content-Type: application/sdp\r\nContent-Length: {len(SDP)}\r\n\r\n{SDP}"
            ).encode(),
            ("127.0.0.1", engine.sip_port),
        )
        while True:
            answer = parse(phone.recv(65535))
            if isinstance(answer, Response) and answer.status >= 200:
                return answer


def test_the_provider_finds_us_and_its_calls_are_held_to_what_it_may(
    engine: Serving, hosts: tuple[Host, Host]
) -> None:
    until(lambda: registration(engine) == "registered", 20, "registered")
    first, second = hosts
    assert f"sip:{LOGIN}@{engine.engine}" in first.contacts[0][0]
    assert second.contacts == []
    until(lambda: hosts_up(engine) == [True, True], 20, "both hosts asked after")
    assert dial(engine, LOGIN, "1008611", "barred").status == 403
    assert dial(engine, "110", "13900001111", "unknown").status == 404
    assert dial(engine, LOGIN, "13900001111", "first").status == 200
    full = dial(engine, LOGIN, "13900001111", "second")
    assert (full.status, full.headers.get("retry-after")) == (503, "10")
    until(lambda: len(engine.calls()) >= 4, 20, "the refusals in the books")
    reasons = {fact.reason for call in engine.calls() for fact in facts_of(call, Ended)}
    assert reasons >= {Reason.BARRED, Reason.UNKNOWN_NUMBER, Reason.TRUNK_FULL}


def test_when_the_providers_first_host_dies_we_are_registered_at_the_second(
    engine: Serving, hosts: tuple[Host, Host]
) -> None:
    until(lambda: registration(engine) == "registered", 20, "registered")
    first, second = hosts
    assert second.contacts == []
    until(lambda: hosts_up(engine) == [True, True], 20, "both hosts asked after")
    first.stop()
    until(lambda: second.contacts, 60, "registered at the second host")
    until(lambda: hosts_up(engine) == [False, True], 20, "the first host known to be gone")
    assert registration(engine) == "registered"


def test_when_the_engine_stops_the_provider_is_told(
    engine: Serving, hosts: tuple[Host, Host]
) -> None:
    until(lambda: registration(engine) == "registered", 20, "registered")
    assert engine.terminate() == 0
    told = ["3600", "0"]
    until(lambda: [expires for _, expires in hosts[0].contacts] == told, 10, "taken back")


def test_a_trunk_without_its_password_is_named_before_a_socket_opens(tmp_path: Path) -> None:
    site = sites.copy(tmp_path / "site")
    (site / "trunks.yaml").write_text(TRUNKS.format(login=LOGIN), encoding="utf-8")
    serving = Serving(tmp_path / "data", config=site)
    with pytest.raises(AssertionError, match=r"carrier\.login: .*缺少密码.*lacks a password"):
        serving.start()
    serving.kill()
