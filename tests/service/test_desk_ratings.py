"""Bad ratings and surveys at the desk: supervisors see and close them; nobody else does."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from calls.events import Rated
from calls.ids import AgentId, CallId
from calls.survey_events import SurveyEnded, SurveyPlanned, SurveyTried
from desk.live_ports import LivePorts, Role
from tests.helpers.desk_city import CALL, NASTY, City, story

AGENT = AgentId("1001")


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City(tmp_path)
    city.keep([*story(), Rated(CALL, 1100.0, AGENT, 1, False, True)])
    yield city
    city.engine.dispose()


@pytest.fixture
def led(city: City) -> City:
    """Return a desk at which 1001 is a supervisor."""
    city.ports = replace(city.ports, live=LivePorts(role=lambda _: Role.SUPERVISOR))
    city.open()
    return city


def test_a_bad_rating_is_listed_with_its_order_and_is_closed_from_the_page(led: City) -> None:
    browser = led.browser().signed_in()
    page = browser.get("/ratings").text
    assert "1 分" in page and "未解决" in page and f'href="/drafts/{CALL}"' in page
    (number,) = [one["number"] for one in browser.get("/api/v1/ratings").json()["ratings"]]
    assert number in page
    assert (
        browser.post(f"/ratings/{CALL}", csrf=browser.csrf(), note=f"已回电 {NASTY}").status == 303
    )
    assert "没有待处理的差评" in browser.get("/ratings").text
    closed = browser.get("/ratings?state=closed").text
    assert "已回电" in closed and NASTY not in closed
    assert ("1001", "closed_rating", CALL) in led.audit()


def test_a_program_closes_one_once_and_says_how(led: City) -> None:
    browser = led.browser().signed_in()
    path = f"/api/v1/ratings/{CALL}"
    assert browser.send("POST", path, {"note": " "}, browser.csrf()).status == 400
    assert browser.send("POST", path, {"note": 7}, browser.csrf()).status == 400
    assert browser.send("POST", path, {"note": "已解决"}, browser.csrf()).status == 200
    assert browser.send("POST", path, {"note": "已解决"}, browser.csrf()).status == 409
    (done,) = browser.get("/api/v1/ratings?state=closed").json()["ratings"]
    assert (done["note"], done["closed_by"], done["mark"]) == ("已解决", "1001", 1)


def test_what_surveys_found_out_is_shown_by_day(led: City) -> None:
    browser = led.browser().signed_in()
    assert "30 天里没有抽人回访" in browser.get("/surveys").text
    at, asking = led.ports.now() - 86_400.0, CallId("c-asking")
    led.keep(
        [
            SurveyPlanned(CALL, at, "13900000001"),
            SurveyTried(CALL, at, 1, asking),
            Rated(asking, at, None, 5, True, False),
            SurveyEnded(CALL, at, 1, "rated", None),
        ]
    )
    page = browser.get("/surveys").text
    assert "5.00 分" in page and "已评价" in page
    (found,) = browser.get("/api/v1/surveys").json()["days"].values()
    assert (found["drawn"], found["marks"], found["solved"]) == (1, {"5": 1}, 1)


def test_an_agent_neither_sees_nor_closes_ratings(city: City) -> None:
    browser = city.browser().signed_in()
    assert browser.get("/ratings").status == 403
    assert browser.get("/api/v1/ratings").status == 403
    assert browser.get("/surveys").status == browser.get("/api/v1/surveys").status == 403
    assert browser.post(f"/ratings/{CALL}", csrf=browser.csrf(), note="x").status == 403
    assert 'href="/ratings"' not in browser.get("/drafts").text
