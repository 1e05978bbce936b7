"""Event plans at the desk: supervisors see which are on, and switch them; nobody else does."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred, succeed

from config.plan_board import PlanBoard
from config.publish import Shelf
from config.reader import read
from desk.live_ports import LivePorts, Role
from server.command_line import main
from server.plans_at_desk import PlansAtDesk
from tests.helpers import sites
from tests.helpers.desk_city import City


def at_once(work: Callable[[], Any]) -> "Deferred[Any]":
    return succeed(None).addCallback(lambda _: work())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def city(tmp_path: Path, data: Path) -> Iterator[City]:
    """Return a desk at which 1001 is a supervisor, over a site that was published."""
    site = sites.copy(tmp_path / "site")
    assert main(["publish", "--config", str(site), "--data", str(data), "-m", "原有"]) == 0
    city = City(tmp_path)
    plans = read(site).plans
    there = PlansAtDesk(data, lambda: plans, lambda: city.now, at_once)
    boss = LivePorts(role=lambda _: Role.SUPERVISOR)
    city.ports = replace(city.ports, live=boss, plans=there.ports())
    city.open()
    yield city
    city.engine.dispose()


def test_a_plan_is_switched_on_and_off_from_the_page(city: City, data: Path) -> None:
    browser = city.browser().signed_in()
    assert "台风" in browser.get("/plans").text
    sent = browser.post("/plans/typhoon", csrf=browser.csrf(), why="红色预警", do="on", until="")
    assert sent.status == 303
    assert PlanBoard(Shelf(data)).on(city.now) == ("typhoon",)
    assert "启用中" in browser.get("/plans").text
    entry = Shelf(data).history()[-1]
    assert (entry.act, entry.who, entry.why) == ("plan_on", "1001", "红色预警")
    assert browser.post("/plans/typhoon", csrf=browser.csrf(), why="解除", do="off").status == 303
    assert PlanBoard(Shelf(data)).on(city.now) == ()
    done = [action for _, action, _ in city.audit()]
    assert done[-2:] == ["switched_plan_on", "switched_plan_off"]


def test_a_program_switches_one_for_a_time(city: City, data: Path) -> None:
    browser = city.browser().signed_in()
    wanted = {"on": True, "why": "台风", "at": "2099-07-20 18:00", "until": "2099-07-21 08:00"}
    answer = browser.send("POST", "/api/v1/plans/typhoon", wanted, browser.csrf())
    (plan,) = answer.json()["plans"]
    assert (plan["id"], plan["on"], plan["ends"] - plan["begins"]) == ("typhoon", False, 50_400.0)
    assert PlanBoard(Shelf(data)).on(plan["begins"] + 1) == ("typhoon",)


@pytest.mark.parametrize(
    ("plan", "wanted", "status"),
    [
        ("typhoon", {"on": True, "why": " "}, 400),
        ("typhoon", {"on": "yes", "why": "x"}, 400),
        ("typhoon", {"on": True, "why": "x", "until": "tomorrow"}, 400),
        ("typhoon", {"on": True, "why": "x", "until": "1970-01-01 08:30"}, 400),
        ("flood", {"on": True, "why": "x"}, 409),
        ("typhoon", {"on": False, "why": "x"}, 409),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    city: City, data: Path, plan: str, wanted: dict[str, object], status: int
) -> None:
    browser = city.browser().signed_in()
    answer = browser.send("POST", f"/api/v1/plans/{plan}", wanted, browser.csrf())
    assert answer.status == status
    assert PlanBoard(Shelf(data)).switched() == []


def test_an_agent_neither_sees_nor_switches_plans(city: City, data: Path) -> None:
    city.ports = replace(city.ports, live=LivePorts())
    city.open()
    browser = city.browser().signed_in()
    assert browser.get("/plans").status == 403
    assert browser.post("/plans/typhoon", csrf=browser.csrf(), why="x", do="on").status == 403
    assert PlanBoard(Shelf(data)).switched() == []
