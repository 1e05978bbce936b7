"""SIP over WebSocket (RFC 7118): what browsers send, and what anybody else does."""

from collections.abc import Callable, Iterator
from pathlib import Path
from socket import create_connection
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from calls.events import Ended, PickedUp
from server.sip_stream import StreamLimits
from server.sip_websocket import SipWebSocket
from sip.framing import FramingLimits
from sip.message import respond
from tests.helpers import sites
from tests.helpers.browser import Browser
from tests.helpers.serving import Serving, facts_of, until
from tests.helpers.sip_messages import request
from tests.service.test_sip_stream import Room

ASKED = request("OPTIONS")
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@pytest.fixture
def rooms() -> Iterator[Callable[..., Room]]:
    made: list[Room] = []

    def make(**framing: float) -> Room:
        limits = StreamLimits(framing=FramingLimits(**framing))  # type: ignore[arg-type]
        made.append(Room(None, limits))
        made[-1].streams.kinds = {"WS": SipWebSocket}
        return made[-1]

    yield make
    for room in made:
        room.stop()


def browser(port: int, protocol: str = "sip") -> Any:
    return connect(f"ws://127.0.0.1:{port}/", subprotocols=[Subprotocol(protocol)], open_timeout=60)


def test_one_websocket_message_is_one_sip_message(rooms: Callable[..., Room]) -> None:
    room = rooms()
    with browser(room.listen("WS")) as page:
        assert page.subprotocol == "sip"
        page.send(ASKED.decode())
        assert page.recv(timeout=60) == "answer"
        page.send(ASKED)
        assert page.recv(timeout=60) == "answer"
        page.send([ASKED[:20].decode(), ASKED[20:].decode()])
        assert page.recv(timeout=60) == "answer"
        page.send("\r\n\r\n")
        assert page.recv(timeout=60) == "\r\n"
        assert page.ping().wait(60)
    assert [message for message, _ in room.taken] == [ASKED] * 3
    assert {(flow.transport, flow.local) for _, flow in room.taken} == {("WS", 1)}
    until(lambda: room.gone_connections, 10, "told of the end")


def test_without_the_sub_protocol_nobody_comes_in(rooms: Callable[..., Room]) -> None:
    room = rooms()
    port = room.listen("WS")
    with pytest.raises(InvalidStatus, match="400"):
        browser(port, "chat")
    with create_connection(("127.0.0.1", port), timeout=60) as plain:
        plain.sendall(ASKED)
        assert plain.recv(1000) == b""
    with create_connection(("127.0.0.1", port), timeout=60) as curious:
        curious.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert curious.recv(1000).startswith(b"HTTP/1.1 426 ")
    assert room.taken == []


def test_what_is_too_large_ends_the_connection(rooms: Callable[..., Room]) -> None:
    room = rooms(message=2000)
    with browser(room.listen("WS")) as page:
        page.send("x" * 2001)
        with pytest.raises(ConnectionClosed):
            page.recv(timeout=60)
        assert page.close_code == 1009
    assert room.taken == []


@pytest.mark.parametrize(
    "begun",
    [b"", UPGRADE[:40], UPGRADE + b"Sec-WebSocket-Protocol: sip\r\n\r\n" + b"\x81\xfe\x01"],
    ids=["nothing", "half a request", "half a frame"],
)
def test_what_drips_is_cut_off(rooms: Callable[..., Room], begun: bytes) -> None:
    room = rooms(patience=0.3)
    with create_connection(("127.0.0.1", room.listen("WS")), timeout=60) as slow:
        slow.sendall(begun)
        until(lambda: room.streams.counters["overdue"], 10, "cut off")


def test_a_browser_that_is_gone_is_not_called_back(rooms: Callable[..., Room]) -> None:
    room = rooms()
    with browser(room.listen("WS")) as page:
        page.send(ASKED.decode())
        page.recv(timeout=60)
    flow = room.taken[0][1]
    until(lambda: room.gone_connections, 10, "told of the end")
    room.run(lambda: room.streams.send(b"hello", flow))
    until(lambda: flow in room.unreachable_peers, 10, "told that it cannot be reached")


SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 9 RTP/AVP 8\r\n"
)
REGISTERS = "Expires: 600\r\n"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[tuple[Serving, int]]:
    serving = Serving(tmp_path / "data", config=sites.copy(tmp_path / "site"))
    site = tmp_path / "site" / "site.yaml"
    text = site.read_text("utf-8")
    assert text.count("    - transport: tcp\n") == 1
    text = text.replace("    - transport: tcp\n", "    - transport: ws\n")
    site.write_text(text, encoding="utf-8")
    with serving:
        yield serving, serving.sip_port + 2


def test_a_browser_registers_calls_and_hangs_up(engine: tuple[Serving, int]) -> None:
    serving, port = engine
    with Browser(port, "1001", serving.passwords()["1001"]) as page:
        assert page.proven("REGISTER", "hotline", REGISTERS).status == 200
        answer = page.proven("INVITE", "12345@hotline", body=SDP, call_id="up")
        assert answer.status == 200
        contact = answer.headers.contact[0].uri
        assert contact.params.get("transport") == "ws"
        assert answer.headers.via.transport == "WS"
        tag, number = f";tag={answer.headers.to.tag}", answer.headers.cseq.number
        page.ask("ACK", "12345@hotline", tag=tag, call_id="up", cseq=f"{number} ACK")
        page.ask("BYE", "12345@hotline", tag=tag, call_id="up", cseq=f"{number + 1} BYE")
        assert page.final().status == 200
    (call,) = serving.ended(1)
    assert len(facts_of(call, PickedUp)) == 1
    assert [fact.by for fact in facts_of(call, Ended)] == ["caller"]


def test_a_page_that_is_closed_takes_its_phone_with_it(engine: tuple[Serving, int]) -> None:
    serving, port = engine
    ready = serving.health()["agents"].get("ready", 0)
    with Browser(port, "1001", serving.passwords()["1001"]) as page:
        assert page.proven("REGISTER", "hotline", REGISTERS).status == 200
        until(lambda: serving.health()["agents"].get("ready", 0) == ready + 1, 10, "signed in")
    until(lambda: serving.health()["agents"].get("ready", 0) == ready, 10, "signed out")


def test_a_citizens_call_rings_the_agents_page(engine: tuple[Serving, int]) -> None:
    serving, port = engine
    password = serving.passwords()["1001"]
    with Browser(port, "1001", password) as agent, Browser(port, "13900001111") as citizen:
        assert agent.proven("REGISTER", "hotline", REGISTERS).status == 200
        citizen.ask("INVITE", "12345@hotline", body=SDP)
        answer = citizen.final()
        tag = f";tag={answer.headers.to.tag}"
        citizen.ask("ACK", "12345@hotline", tag=tag, cseq="1 ACK")
        key, kind = "Signal=0\r\nDuration=160\r\n", "application/dtmf-relay"
        citizen.ask("INFO", "12345@hotline", body=key, kind=kind, tag=tag, cseq="2 INFO")
        assert citizen.final().status == 200
        invite = agent.asked("INVITE")
        assert invite.headers.via.transport == "WS"
        busy = respond(invite, 486, to_tag="agent")
        agent.socket.send(bytes(busy).decode())
        assert agent.asked("ACK").headers.to.tag == "agent"
