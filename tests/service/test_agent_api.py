# mypy: allow-untyped-calls
# (Twisted's testing transport is not annotated.)
"""The API that agents and supervisors work with, and its events, through real HTTP."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.testing import StringTransport

from agents.agent import Agent, Doing
from calls.events import Answered, Arrived, DangerHeard, Drafted, Heard, Offered, Queued
from calls.ids import AgentId, CallId, LaneId
from calls.talk_events import HelpAsked, Supervised
from desk.live_ports import Choices, Denied, LaneNow, LivePorts, Role
from desk.push import BEAT, EVERY, MOST_OF_ONE
from tests.helpers.desk_city import CALL, DRAFT, HOST, Browser, City, a_field, story

ME, BOSS = AgentId("1001"), AgentId("1011")
LIVE = CallId("c-live")
ROLES = {BOSS: Role.SUPERVISOR, AgentId("1000"): Role.ADMINISTRATOR}


@dataclass
class Engine:
    """What the desk is told of an engine, and what it asked of it."""

    roles: dict[AgentId, Role] = field(default_factory=lambda: dict(ROLES))
    agents: tuple[Agent, ...] = (Agent(ME, "王晓琳", doing=Doing.READY, registered=True),)
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    answer: Denied | None = None

    def ports(self) -> LivePorts:
        return LivePorts(
            staff=self.staff,
            lanes=self.lanes,
            act=self.act,
            role=lambda agent: self.roles.get(agent, Role.AGENT),
            choices=lambda: Choices(
                lanes=[("lane:general", "综合受理")], breaks=[("rest", "小休")]
            ),
        )

    def staff(self) -> Sequence[Agent]:
        return self.agents

    def lanes(self) -> Sequence[LaneNow]:
        return [LaneNow(LaneId("general"), 1, 4990.0, 1, 0)]

    def act(self, agent: AgentId, action: str, values: Mapping[str, Any]) -> Denied | None:
        self.asked.append((agent, action, dict(values)))
        return self.answer

    def talking(self) -> None:
        self.agents = (replace(self.agents[0], doing=Doing.TALKING, call=LIVE, since=4990.0),)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def city(tmp_path: Path, engine: Engine) -> Iterator[City]:
    city = City(tmp_path)
    city.keep(story())
    known = ("1000", "1001", "1011")
    city.ports = replace(
        city.ports,
        live=engine.ports(),
        check_password=lambda agent, password: agent in known and password == "secret",
    )
    city.open()
    yield city
    city.site.push.close()
    city.engine.dispose()


def signed_in(city: City, agent: str = "1001") -> Browser:
    browser = city.browser()
    assert browser.post("/login", agent=agent, password="secret").status == 303
    return browser


def begin_talk(city: City, engine: Engine) -> None:
    engine.talking()
    for fact in (
        Arrived(LIVE, 4980.0, "13800138000", "12345", "10.0.0.1:5060", "l@t"),
        Queued(LIVE, 4982.0, LaneId("general")),
        Offered(LIVE, 4985.0, LaneId("general"), ME, "最闲"),
        Answered(LIVE, 4990.0, ME),
        Heard(LIVE, 4995.0, "citizen", "zh", 1.0, 2.0, "家里停水了。", 0.9),
    ):
        city.site.feed.fact(fact)


class Listening:
    """A browser that listens to events."""

    def __init__(self, city: City, browser: Browser, path: str) -> None:
        self.transport = StringTransport(peerAddress=IPv4Address("TCP", "10.1.1.1", 40000))
        self._protocol = city.site.buildProtocol(self.transport.getPeer())
        self._protocol.makeConnection(self.transport)
        head = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: hotline_desk={browser.cookie}\r\n"
        self._protocol.dataReceived(head.encode() + b"\r\n")
        self.head, _, _ = self.transport.value().partition(b"\r\n\r\n")

    @property
    def status(self) -> int:
        return int(self.head.split()[1])

    def told(self) -> list[tuple[str, Any]]:
        """Return the events since the last time that this was asked."""
        octets: bytes = self.transport.value()
        self.transport.clear()
        if octets.startswith(b"HTTP/1.1"):
            octets = octets.partition(b"\r\n\r\n")[2]
        text = b"".join(_chunks(octets)).decode()
        frames = [frame.split("\n", 1) for frame in text.split("\n\n") if "data: " in frame]
        return [(a.removeprefix("event: "), json.loads(b[6:])) for a, b in frames]


def _chunks(octets: bytes) -> Iterator[bytes]:
    while octets:
        size, _, rest = octets.partition(b"\r\n")
        length = int(size, 16)
        yield rest[:length]
        octets = rest[length + 2 :]


# How things are now.


def test_an_agent_is_told_who_they_are_and_what_call_there_is(city: City, engine: Engine) -> None:
    browser = signed_in(city)
    idle = browser.get("/api/v1/agent").json()
    assert (idle["me"]["state"], idle["me"]["words"]["zh"], idle["call"]) == ("ready", "待机", None)
    begin_talk(city, engine)
    now = browser.get("/api/v1/agent").json()
    assert now["call"]["caller"] == "13800138000"
    assert now["call"]["lane"] == {"id": "general", "name": "综合受理"}
    assert (now["call"]["part"], now["call"]["phase"], now["call"]["waited"]) == (
        "agent",
        "talking",
        8.0,
    )
    assert [line["text"] for line in now["lines"]] == ["家里停水了。"]


def test_nobody_is_shown_the_call_of_another(city: City, engine: Engine) -> None:
    begin_talk(city, engine)
    other = signed_in(city, "1011").get("/api/v1/agent").json()
    assert (other["call"], other["lines"]) == (None, [])
    assert other["me"]["state"] == "unknown", "the engine has no such agent"
    city.site.feed.fact(Supervised(LIVE, 4996.0, BOSS, "listen"))
    listening = signed_in(city, "1011").get("/api/v1/agent").json()["call"]
    assert (listening["call"], listening["part"], listening["how"]) == (
        LIVE,
        "supervisor",
        "listen",
    )


def test_whom_to_reach_and_why_to_pause_can_be_chosen(city: City) -> None:
    found = signed_in(city).get("/api/v1/agent/choices").json()
    assert found["lanes"] == [{"value": "lane:general", "label": "综合受理"}]
    assert found["breaks"] == [{"value": "rest", "label": "小休"}]
    assert found["agents"] == [], "oneself is nobody to transfer to"


# Actions.


def test_an_action_goes_to_the_engine_in_the_agents_own_name(city: City, engine: Engine) -> None:
    browser = signed_in(city)
    path = "/api/v1/agent/actions/take_break"
    reply = browser.send("POST", path, {"reason": "rest"}, browser.csrf())
    assert reply.status == 200
    assert reply.json()["me"]["agent"] == ME
    assert engine.asked == [(ME, "take_break", {"reason": "rest"})]
    assert ("1001", "asked_take_break", None) in city.audit()


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("bad_request", 400),
        ("forbidden", 403),
        ("unknown", 404),
        ("not_now", 409),
        ("no_way", 502),
    ],
)
def test_what_is_refused_says_why_to_programs_and_people(
    city: City, engine: Engine, code: str, status: int
) -> None:
    engine.answer = Denied(code, "现在不行", "not now")
    browser = signed_in(city)
    reply = browser.send("POST", "/api/v1/agent/actions/supervise", {"agent": ME}, browser.csrf())
    assert reply.status == status
    assert reply.json() == {
        "error": {"status": status, "code": code, "zh": "现在不行", "en": "not now"}
    }
    assert not [entry for entry in city.audit() if entry[1] == "asked_supervise"]


def test_listening_in_is_written_down_with_the_call_that_it_was(city: City, engine: Engine) -> None:
    begin_talk(city, engine)
    browser = signed_in(city, "1011")
    values = {"agent": ME, "how": "listen"}
    browser.send("POST", "/api/v1/agent/actions/supervise", values, browser.csrf())
    assert ("1011", "asked_supervise", LIVE) in city.audit()


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'"x"', b"\xff", b"[" * 9000])
def test_a_body_that_is_no_object_is_refused(city: City, engine: Engine, body: bytes) -> None:
    browser = signed_in(city)
    reply = browser.ask("POST", "/api/v1/agent/actions/hold", body, X_CSRF_Token=browser.csrf())
    assert (reply.status, engine.asked) == (400, [])


def test_no_other_site_and_nobody_unknown_can_act(city: City, engine: Engine) -> None:
    browser, path = signed_in(city), "/api/v1/agent/actions/hang_up"
    assert browser.send("POST", path, {}).status == 403
    assert browser.send("POST", path, {}, "guessed").status == 403
    evil = Browser(city.site, browser.cookie, headers={"Origin": "https://evil.example"})
    assert evil.send("POST", path, {}, browser.csrf()).status == 403
    assert city.browser().send("POST", path, {}, "x").status == 401
    assert city.browser().get("/api/v1/agent/events").status == 401
    assert browser.get(path).status == 405
    assert engine.asked == []


# Roles.


@pytest.mark.parametrize(
    "path", ["/board", "/api/v1/board", "/api/v1/board/events", "/api/v1/audit"]
)
def test_agents_are_refused_what_is_the_supervisors_and_it_is_written_down(
    city: City, path: str
) -> None:
    assert signed_in(city).get(path).status == 403
    assert any(action.startswith("refused_") for _, action, _ in city.audit())
    assert "/board" not in signed_in(city).get("/work").text


def test_roles_follow_the_settings_at_once(city: City, engine: Engine) -> None:
    browser = signed_in(city, "1011")
    assert browser.get("/api/v1/board").status == 200
    assert browser.get("/board").status == 200
    assert browser.get("/api/v1/audit").status == 403
    engine.roles[BOSS] = Role.ADMINISTRATOR
    entries = browser.get("/api/v1/audit").json()["entries"]
    assert {"at", "agent", "action", "call", "address", "note"} == set(entries[0])
    assert browser.get(f"/api/v1/audit?call={CALL}").json()["entries"] == []
    engine.roles[BOSS] = Role.AGENT
    assert browser.get("/api/v1/board").status == 403


def test_the_wallboard_has_lanes_agents_help_and_danger_with_numbers_masked(
    city: City, engine: Engine
) -> None:
    begin_talk(city, engine)
    city.site.feed.fact(HelpAsked(LIVE, 4996.0, ME, "听不懂"))
    city.site.feed.fact(DangerHeard(LIVE, 4997.0, 1.0, "着火了", "fire", "119", True))
    boss = signed_in(city, "1011")
    found = boss.get("/api/v1/board").json()
    (lane,) = found["board"]["lanes"]
    assert (lane["waiting"], lane["staffed"], lane["soon"], lane["level"]) == (1, 1, 1, 1.0)
    assert found["board"]["agents"][0]["words"]["zh"] == "通话"
    (help_asked,), (danger,) = found["alerts"]["help"], found["alerts"]["danger"]
    assert (help_asked["text"], danger["help"], danger["seen"]) == ("听不懂", "119", None)
    assert "13800138000" not in json.dumps(found)
    path = f"/api/v1/board/danger/{LIVE}"
    assert boss.send("POST", path, {}, boss.csrf()).json()["alerts"]["danger"][0]["seen"] == BOSS
    assert ("1011", "saw_danger", LIVE) in city.audit()
    assert boss.send("POST", "/api/v1/board/danger/c-no", {}, boss.csrf()).status == 404


# Events.


def test_a_browser_that_listens_is_told_how_things_are_and_then_what_is_new(
    city: City, engine: Engine
) -> None:
    page = Listening(city, signed_in(city), "/api/v1/agent/events")
    assert page.status == 200
    assert b"text/event-stream" in page.head
    assert [name for name, _ in page.told()] == ["hello", "me", "call"]
    begin_talk(city, engine)
    city.site.feed.words(f"{LIVE}/citizen/1", "已经两天", 3.0)
    city.site.push.changed()
    assert page.told() == [], "what comes at once is told at once"
    city.clock.advance(EVERY)
    told = dict(page.told())
    assert told["me"]["state"] == "talking"
    assert told["call"]["call"] == LIVE
    assert [line["text"] for line in told["lines"]["lines"]] == ["家里停水了。"]
    assert told["partials"]["partials"] == {"citizen": {"text": "已经两天", "start": 3.0}}
    city.site.feed.fact(Heard(LIVE, 4999.0, "citizen", "zh", 3.0, 4.0, "已经两天了。", 0.9))
    city.site.push.changed()
    city.clock.advance(EVERY)
    told = dict(page.told())
    assert set(told) == {"lines", "partials"}, "only what changed"
    assert (told["lines"]["from"], told["partials"]["partials"]) == (1, {})


def test_the_first_news_after_a_pause_goes_at_once_and_what_follows_it_together(
    city: City, engine: Engine
) -> None:
    page = Listening(city, signed_in(city), "/api/v1/agent/events")
    begin_talk(city, engine)
    city.clock.advance(2 * EVERY)
    page.told()

    def told_after(seconds: float, text: str = "") -> list[str]:
        if text:
            city.site.feed.words(f"{LIVE}/citizen/1", text, 3.0)
            city.site.push.changed()
        city.clock.advance(seconds)
        news = [event for name, event in page.told() if name == "partials"]
        return [event["partials"]["citizen"]["text"] for event in news]

    assert told_after(0.0, "路灯") == ["路灯"]
    assert told_after(EVERY / 4, "路灯坏") == []
    assert told_after(EVERY / 4, "路灯坏了") == []
    assert told_after(EVERY) == ["路灯坏了"]
    assert told_after(2 * EVERY) == []


def test_a_slow_browser_costs_nothing_and_is_told_how_things_are_when_it_can_take_it(
    city: City, engine: Engine
) -> None:
    page = Listening(city, signed_in(city), "/api/v1/agent/events")
    page.told()
    begin_talk(city, engine)
    page.transport.producer.pauseProducing()
    for n in range(1000):
        city.site.feed.words(f"{LIVE}/citizen/1", f"词{n}", 3.0)
        city.site.push.changed()
        city.clock.advance(EVERY)
    assert page.told() == []
    page.transport.producer.resumeProducing()
    told = dict(page.told())
    assert told["partials"]["partials"]["citizen"]["text"] == "词999"


def test_whoever_comes_again_begins_with_everything(city: City, engine: Engine) -> None:
    browser = signed_in(city)
    begin_talk(city, engine)
    first = Listening(city, browser, "/api/v1/agent/events")
    first.transport.producer.stopProducing()
    again = Listening(city, browser, "/api/v1/agent/events")
    told = dict(again.told())
    assert told["lines"]["from"] == 0
    assert len(told["lines"]["lines"]) == 1


def test_too_many_windows_of_one_agent_close_the_oldest(city: City) -> None:
    browser = signed_in(city)
    windows = [Listening(city, browser, "/api/v1/agent/events") for _ in range(MOST_OF_ONE + 1)]
    assert ("closed", {"why": "elsewhere"}) in windows[0].told()
    assert len(city.site.push) == MOST_OF_ONE


def test_listening_ends_with_the_session_and_with_the_role(city: City, engine: Engine) -> None:
    boss = signed_in(city, "1011")
    board = Listening(city, boss, "/api/v1/board/events")
    assert [name for name, _ in board.told()] == ["hello", "board", "alerts"]
    engine.roles[BOSS] = Role.AGENT
    city.clock.advance(BEAT)
    assert board.told() == [("closed", {"why": "signed_out"})]
    browser = signed_in(city)
    page = Listening(city, browser, "/api/v1/agent/events")
    page.told()
    browser.post("/logout", csrf=browser.csrf())
    city.clock.advance(BEAT)
    assert page.told() == [("closed", {"why": "signed_out"})]
    assert len(city.site.push) == 0


def test_work_keeps_a_session_and_a_pause_does_not(city: City, engine: Engine) -> None:
    page = Listening(city, signed_in(city), "/api/v1/agent/events")
    page.told()
    for _ in range(40):
        city.now += 60.0
        city.clock.advance(BEAT)
    assert {name for name, _ in page.told()} == {"beat"}
    engine.agents = (replace(engine.agents[0], doing=Doing.PAUSED),)
    for _ in range(31):
        city.now += 60.0
        city.clock.advance(BEAT)
    assert page.told()[-1] == ("closed", {"why": "signed_out"})


# The draft.


def put(browser: Browser, fields: object, **more: object) -> Any:
    path = f"/api/v1/agent/drafts/{CALL}"
    return browser.send("PUT", path, {"fields": fields, **more}, browser.csrf())


def texts(reply: Any) -> dict[str, str]:
    return {each["name"]: each["text"] for each in reply.json()["fields"]}


def test_what_is_typed_is_kept_though_the_draft_was_made_anew_meanwhile(city: City) -> None:
    browser = signed_in(city)
    draft = browser.get(f"/api/v1/agent/drafts/{CALL}")
    assert texts(draft)["place"] == "鼓楼路"
    city.keep([Drafted(CALL, 6000.0, {**DRAFT, "title": a_field("新标题")})])
    kept = put(browser, {"place": {"was": "鼓楼路", "text": "鼓楼路8号"}})
    assert kept.status == 200
    assert (texts(kept)["place"], texts(kept)["title"]) == ("鼓楼路8号", "新标题")
    city.keep([Drafted(CALL, 6001.0, {**DRAFT, "place": a_field("别处")})])
    assert texts(browser.get(f"/api/v1/agent/drafts/{CALL}"))["place"] == "鼓楼路8号"
    assert put(browser, {}, confirm=True).json()["confirmed_by"] == ME
    assert ("1001", "confirmed_draft", CALL) in city.audit()


def test_what_somebody_else_typed_is_not_written_over_unseen(city: City) -> None:
    change = {"place": {"was": "鼓楼路", "text": "鼓楼路8号"}}
    assert put(signed_in(city, "1011"), change).status == 200
    late = put(signed_in(city), {"place": {"was": "鼓楼路", "text": "别的路"}})
    assert late.status == 409
    assert "1011" in late.json()["error"]["zh"]
    seen = put(signed_in(city), {"place": {"was": "鼓楼路8号", "text": "别的路"}})
    assert texts(seen)["place"] == "别的路"


@pytest.mark.parametrize(
    "fields",
    [
        ["place"],
        {"place": "x"},
        {"place": {"text": "x"}},
        {"place": {"was": "", "text": None}},
        {"place": {"was": "", "text": "x" * 10_001}},
        {"no_such": {"was": "", "text": "x"}},
        {"missing": {"was": "", "text": "x"}},
    ],
)
def test_a_draft_takes_texts_of_its_own_fields_only(city: City, fields: object) -> None:
    assert put(signed_in(city), fields).status == 400


def test_a_call_without_a_draft_says_so(city: City) -> None:
    assert signed_in(city).get("/api/v1/agent/drafts/c-none").status == 404
