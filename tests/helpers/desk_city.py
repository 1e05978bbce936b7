# mypy: allow-untyped-calls
# (Twisted's testing transport is not annotated.)
"""The desk through real HTTP, over a real database in memory; no socket and no waiting."""

import json
import re
import sqlite3
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import Engine, StaticPool, create_engine
from sqlalchemy.orm import Session
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from calls.events import (
    Answered,
    Arrived,
    Drafted,
    Ended,
    Entered,
    Fact,
    Heard,
    Queued,
    RecordingStarted,
    RecordingStopped,
    Transcribed,
    Word,
)
from calls.ids import AgentId, CallId, LaneId, NodeId
from calls.reasons import Reason
from desk.ports import DeskPorts, DeskSettings, ports_over
from desk.site import DeskSite, make_site
from storage import audit, schema, unit_of_work
from storage.engines import prepare_sqlite

T = TypeVar("T")
CALL = CallId("c-00000000000000a1")
HOST = "desk.example"
NASTY = "<script>alert('x')</script>"


def evidence(words: str, start: float, end: float) -> dict[str, object]:
    return {"leg": "citizen", "start": start, "end": end, "words": words}


def a_field(value: Any, confidence: float = 0.8, **more: Any) -> dict[str, object]:
    stretch = [evidence("停水了", 1.0, 2.0)]
    return {"value": value, "confidence": confidence, "origin": "rule", "evidence": stretch, **more}


DRAFT: dict[str, object] = {
    "version": 1,
    "call": CALL,
    "language": "zh",
    "lane": "general",
    "arrived": 1000.0,
    "transcript_state": "done",
    "type": a_field("求助"),
    "title": a_field(f"小区停水{NASTY}"),
    "content": a_field("第一行\n第二行"),
    "place": a_field({"said": "古楼路", "standard": "鼓楼路", "district": "城东区", "choices": []}),
    "time": None,
    "caller": None,
    "confidential": a_field(False),
    "unit": a_field("water"),
    "candidates": [{"unit": "water", "name": "水务局", "score": 0.6, "because": ["停水"]}],
    "missing": [{"field": "time", "zh": "什么时候开始停的？", "words": "什么时候开始停的？"}],
    "of_the_future": a_field("新字段"),
}


def story(call: CallId = CALL, began: float = 1000.0) -> list[Fact]:
    words = (Word("家里", 0.5, 1.0, 0.9), Word("停水", 1.0, 1.5, 0.4), Word("了", 1.5, 2.0, 0.9))
    return [
        Arrived(call, began, "13800138000", "12345", "10.0.0.1:5060", "abc@trunk"),
        Entered(call, began + 1, NodeId("greeting")),
        RecordingStarted(call, began + 1, "2026/one.wav"),
        Queued(call, began + 2, LaneId("general")),
        Answered(call, began + 5, AgentId("1001")),
        Heard(call, began + 6, "citizen", "zh", 0.5, 2.0, "家里停水了。", 0.9, words),
        Heard(call, began + 8, "agent", "zh", 3.0, 4.0, NASTY, 0.9),
        RecordingStopped(call, began + 60, "2026/one.wav", 59.0, None),
        Ended(call, began + 60, "caller", Reason.COMPLETED),
        Transcribed(call, began + 61, "done", ""),
        Drafted(call, began + 61, {**DRAFT, "call": call}),
    ]


class MemoryBooks:
    """A database that answers at once, or is away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.away = False
        self.writes_away = False

    def ask(self, question: Callable[[Session], T]) -> Deferred[T]:
        if self.away:
            return fail(OSError("the database is away"))
        try:
            with Session(self._engine) as session, session.begin():
                return succeed(question(session))
        except Exception:
            return fail(Failure())

    def change(self, change: Callable[[Session], T]) -> Deferred[T]:
        if self.writes_away:
            return fail(OSError("the database is locked"))
        return self.ask(change)


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Browser:
    """A browser: keeps the cookie, and nothing else."""

    site: DeskSite
    cookie: str | None = None
    address: str = "10.1.1.1"
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
        lines = {"Host": HOST, "Connection": "close", **self.headers}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        if body and "Transfer-Encoding" not in lines:
            lines["Content-Length"] = str(len(body))
        if self.cookie:
            lines["Cookie"] = f"hotline_desk={self.cookie}"
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items())
        reply = _parsed(self.raw(head.encode() + b"\r\n" + body))
        found = re.match(r"hotline_desk=([^;]*)", reply.headers.get("set-cookie", ""))
        if found:
            self.cookie = found[1] or None
        return reply

    def raw(self, octets: bytes) -> bytes:
        transport = StringTransport(peerAddress=IPv4Address("TCP", self.address, 40000))
        protocol = self.site.buildProtocol(transport.getPeer())
        protocol.makeConnection(transport)
        protocol.dataReceived(octets)
        answered: bytes = transport.value()
        return answered

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, b"", **headers)

    def post(self, path: str, **fields: str) -> Reply:
        kind = "application/x-www-form-urlencoded"
        return self.ask("POST", path, urlencode(fields).encode(), Content_Type=kind)

    def send(self, method: str, path: str, values: object, csrf: str | None = None) -> Reply:
        token = {} if csrf is None else {"X_CSRF_Token": csrf}
        return self.ask(method, path, json.dumps(values).encode(), **token)

    def csrf(self) -> str:
        token: str = self.get("/api/v1/session").json()["csrf"]
        return token

    def signed_in(self) -> "Browser":
        assert self.post("/login", agent="1001", password="secret").status == 303
        return self


def _parsed(octets: bytes) -> Reply:
    head, _, body = octets.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}
    streams = headers.get("content-type", "").startswith("text/event-stream")  # it has no end
    if headers.get("transfer-encoding") == "chunked" and not streams:
        raise AssertionError("every answer says its length")
    return Reply(int(first.split()[1]), headers, body)


@cache
def empty_tables() -> bytes:
    """Run the migrations once for all tests here."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    schema.upgrade(engine)
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        tables = driver.serialize()
    engine.dispose()
    return tables


class City:
    """The desk with everything around it."""

    def __init__(self, folder: Path) -> None:
        self.now = 5000.0
        self.engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        prepare_sqlite(self.engine, writes=True)
        with self.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            connection.rollback()
            driver.deserialize(empty_tables())
        self.books = MemoryBooks(self.engine)
        self.health: dict[str, object] = {"ok": True, "calls": 0}
        self.recordings = folder / "recordings"
        (self.recordings / "2026").mkdir(parents=True)
        (folder / "secret.wav").write_bytes(b"not yours")
        with wave.open(str(self.recordings / "2026" / "one.wav"), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(bytes(range(256)) * 1000)
        self.wav = (self.recordings / "2026" / "one.wav").read_bytes()
        registry = CollectorRegistry()
        Gauge("hotline_calls_up", "Calls that are up", registry=registry).set(3)
        self.ports: DeskPorts = ports_over(
            self.books,
            check_password=lambda agent, password: (agent, password) == ("1001", "secret"),
            health=lambda: self.health,
            metrics=lambda: generate_latest(registry),
            now=lambda: self.now,
        )
        self.settings = DeskSettings(recordings=self.recordings, lanes={"general": "综合受理"})
        self.open()

    def open(self) -> None:
        self.clock = Clock()
        self.site = make_site(self.ports, self.settings, self.clock)

    def keep(self, facts: list[Fact], boot: str = "b1") -> None:
        with Session(self.engine) as session, session.begin():
            first = unit_of_work.kept_upto(session, boot) + 1
            unit_of_work.keep(session, boot, list(enumerate(facts, first)))

    def browser(self, **more: Any) -> Browser:
        return Browser(self.site, **more)

    def audit(self) -> list[tuple[str, str, CallId | None]]:
        with Session(self.engine) as session:
            return [(e.agent, e.action, e.call) for e in reversed(audit.entries(session))]
