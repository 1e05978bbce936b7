"""The desk: drafts, calls and the API."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from calls.events import (
    Drafted,
)
from calls.ids import CallId
from desk.openapi import DOCUMENT
from desk.site import ROUTES
from tests.helpers.desk_city import (
    CALL,
    DRAFT,
    City,
    a_field,
    story,
)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City(tmp_path)
    city.keep(story())
    yield city
    city.engine.dispose()


# Drafts.


def test_the_list_shows_the_fields_and_hides_the_middle_of_the_number(city: City) -> None:
    page = city.browser().signed_in().get("/drafts").text
    assert "138****8000" in page
    assert "13800138000" not in page
    assert "鼓楼路" in page
    assert "水务局" in page


def test_a_draft_shows_each_field_with_the_words_it_rests_on(city: City) -> None:
    page = city.browser().signed_in().get(f"/drafts/{CALL}").text
    assert 'data-spans="[[&#34;citizen&#34;, 1.0, 2.0]]"' in page
    assert 'data-play="1.0"' in page
    assert '<span class="w unsure" data-start="1.0" data-end="1.5">停水</span>' in page
    assert "什么时候开始停的？" in page
    assert "新字段" in page, "a field that the desk does not know is shown all the same"
    assert "综合受理" in page
    assert f'src="/recordings/{CALL}/0"' in page
    for name in ("type", "title", "content", "place", "time", "caller", "unit", "of_the_future"):
        assert f'id="f-{name}"' in page
    assert 'id="f-lane"' not in page
    assert ("1001", "read_draft", CALL) in city.audit()


def form_of(page: str) -> dict[str, str]:
    """Read a page's form back as a browser would send it, unchanged."""
    fields = dict(re.findall(r'<input[^>]* name="([^"]*)" value="([^"]*)"', page))
    for name, options in re.findall(r'<select[^>]* name="([^"]*)">(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    for name, text in re.findall(
        r'<textarea[^>]* name="([^"]*)"[^>]*>\n?(.*?)</textarea>', page, re.S
    ):
        fields[name] = text.replace("\n", "\r\n")
    return {name: unescape(text) for name, text in fields.items()}


def test_sending_the_form_back_unchanged_corrects_nothing(city: City) -> None:
    browser = city.browser().signed_in()
    form = form_of(browser.get(f"/drafts/{CALL}").text)
    assert form["content"] == "第一行\r\n第二行"
    reply = browser.post(f"/drafts/{CALL}", **form, do="keep")
    assert reply.headers["location"].endswith("said=unchanged")
    assert browser.get(f"/api/v1/drafts/{CALL}").json()["version"] == 1


def test_only_what_was_changed_becomes_the_agents_and_survives_a_newer_draft(city: City) -> None:
    browser = city.browser().signed_in()
    form = form_of(browser.get(f"/drafts/{CALL}").text)
    form |= {"place": "鼓楼路8号", "time": "昨天晚上", "confidential": "true", "caller": "王女士"}
    assert browser.post(f"/drafts/{CALL}", **form, do="keep").headers["location"].endswith("kept")
    city.keep([Drafted(CALL, 6000.0, {**DRAFT, "title": a_field("新标题")})])
    draft = browser.get(f"/api/v1/drafts/{CALL}").json()["draft"]
    mine = {name for name, each in draft.items() if isinstance(each, dict) and "by" in each}
    assert mine == {"place", "time", "confidential", "caller"}
    assert draft["place"]["value"] == {
        "said": "鼓楼路8号",
        "standard": "鼓楼路8号",
        "district": None,
        "by_sound": False,
        "choices": [],
    }
    assert draft["time"]["value"]["said"] == "昨天晚上"
    assert draft["confidential"]["value"] is True
    assert draft["title"]["value"] == "新标题"
    assert draft["missing"] == []
    page = browser.get(f"/drafts/{CALL}").text
    assert "系统建议" in page
    assert "人工修改" in page


def test_confirming_is_written_down_and_shown(city: City) -> None:
    browser = city.browser().signed_in()
    form = form_of(browser.get(f"/drafts/{CALL}").text)
    reply = browser.post(f"/drafts/{CALL}", **form, do="confirm")
    assert reply.headers["location"] == f"/drafts/{CALL}?said=confirmed"
    page = browser.get(f"/drafts/{CALL}").text
    assert "已由 1001" in page
    assert ("1001", "confirmed_draft", CALL) in city.audit()
    assert "小区停水" not in browser.get("/drafts").text
    assert "小区停水" in browser.get("/drafts?state=confirmed").text


def test_whoever_saw_an_older_draft_is_told_to_open_it_again(city: City) -> None:
    browser = city.browser().signed_in()
    form = form_of(browser.get(f"/drafts/{CALL}").text) | {"title": "别的"}
    city.keep([Drafted(CALL, 6000.0, DRAFT)])
    reply = browser.post(f"/drafts/{CALL}", **form, do="keep")
    assert reply.status == 409
    assert "重新打开" in reply.text


def test_a_call_without_a_draft_leads_to_the_call(city: City) -> None:
    other = CallId("c-2")
    city.keep([fact for fact in story(other, 2000.0) if not isinstance(fact, Drafted)])
    browser = city.browser().signed_in()
    assert browser.get(f"/drafts/{other}").headers["location"] == f"/calls/{other}"
    assert browser.get(f"/api/v1/drafts/{other}").status == 404
    reply = browser.post(f"/drafts/{other}", csrf=browser.csrf(), version="1", do="confirm")
    assert reply.status == 404


# Calls.


def test_a_call_shows_what_happened_what_was_said_and_who_looked(city: City) -> None:
    page = city.browser().signed_in().get(f"/calls/{CALL}").text
    for words in ("13800138000", "已办完", "greeting", "停水", "查看通话", "abc@trunk", "0:55"):
        assert words in page


def test_lists_go_on_page_by_page(city: City) -> None:
    for n in range(60):
        city.keep(story(CallId(f"c-{n:03d}"), 2000.0 + n))
    browser = city.browser().signed_in()
    for path in ("/calls", "/drafts"):
        first = browser.get(path).text
        older = re.search(rf'href="({path}\?[^"]*before=[^"]*)"', first)
        assert older
        second = browser.get(older[1].replace("&amp;", "&")).text
        shown = [set(re.findall(rf'href="{path}/(c-[0-9a-f]*)"', each)) for each in (first, second)]
        assert [len(each) for each in shown] == [50, 11]
        assert not shown[0] & shown[1]
    api = browser.get("/api/v1/calls").json()
    rest = browser.get(f"/api/v1/calls?before={api['before']}").json()
    assert (len(api["calls"]), len(rest["calls"]), rest["before"]) == (50, 11, None)


@pytest.mark.parametrize(
    "query",
    ["language=xx", "reason=bored", "since=yesterday", "before=x~y"],
)
def test_a_filter_that_makes_no_sense_is_refused(city: City, query: str) -> None:
    browser = city.browser().signed_in()
    assert browser.get(f"/calls?{query}").status == 400
    assert browser.get(f"/api/v1/calls?{query}").json()["error"]["status"] == 400


def test_a_filter_filters(city: City) -> None:
    browser = city.browser().signed_in()
    assert len(browser.get("/api/v1/calls?lane=general&agent=1001").json()["calls"]) == 1
    assert browser.get("/api/v1/calls?reason=abandoned").json()["calls"] == []
    assert browser.get("/api/v1/drafts?state=nonsense").status == 400
    assert browser.get("/api/v1/drafts?mine=1").json()["drafts"][0]["call"] == CALL


# The API.


def test_a_program_signs_in_reads_corrects_and_confirms(city: City) -> None:
    program = city.browser()
    assert program.get("/api/v1/calls").status == 401
    assert program.send("POST", "/api/v1/session", {"agent": "1001"}).status == 403
    session = program.send("POST", "/api/v1/session", {"agent": "1001", "password": "secret"})
    assert session.status == 201
    csrf = session.json()["csrf"]
    call = program.get(f"/api/v1/calls/{CALL}").json()
    assert call["transcript"][0]["words"][1]["text"] == "停水"
    assert call["recording"] == f"/recordings/{CALL}"
    path = f"/api/v1/drafts/{CALL}"
    right = {"version": 1, "values": {"title": "停水两天"}}
    kept = program.send("PUT", path, right, csrf)
    assert (kept.status, kept.json()["draft"]["title"]["value"]) == (200, "停水两天")
    assert program.send("PUT", path, right, csrf).status == 409
    done = program.send("POST", f"{path}/confirm", {"version": 2}, csrf).json()
    assert (done["confirmed_by"], done["version"]) == ("1001", 3)


@pytest.mark.parametrize(
    "body, status",
    [
        ({"version": 1, "values": {"missing": "x"}}, 400),
        ({"version": 1, "values": {"no_such": "x"}}, 400),
        ({"version": 1, "values": ["x"]}, 400),
        ({"values": {}}, 400),
        ({"version": 1, "values": {"title": "x" * 20_000}}, 400),
        (["x"], 400),
    ],
)
def test_what_a_program_sends_is_checked(city: City, body: object, status: int) -> None:
    program = city.browser().signed_in()
    reply = program.send("PUT", f"/api/v1/drafts/{CALL}", body, program.csrf())
    assert reply.status == status
    assert set(reply.json()["error"]) == {"status", "zh", "en"}


def test_the_description_names_every_address_for_programs_and_no_other(city: City) -> None:
    assert city.browser().get("/api/v1/openapi.json").json() == DOCUMENT
    described = {(m.upper(), path) for path, ms in DOCUMENT["paths"].items() for m in ms}
    routed = {
        (route.method, route.path)
        for route in ROUTES
        if route.path.startswith(("/api", "/health", "/metrics"))
        or route.path == "/recordings/{call}"
    }
    assert described | {("GET", "/api/v1/openapi.json")} == routed
    references = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(DOCUMENT)))
    assert references <= set(DOCUMENT["components"]["schemas"])


def test_the_description_says_what_the_answers_hold(city: City) -> None:
    browser = city.browser().signed_in()
    schemas = DOCUMENT["components"]["schemas"]
    call = browser.get("/api/v1/calls").json()["calls"][0]
    assert set(call) == set(schemas["Call"]["properties"])
    draft = browser.get(f"/api/v1/drafts/{CALL}").json()
    assert set(draft) == set(schemas["Draft"]["properties"])
    line = browser.get(f"/api/v1/calls/{CALL}").json()["transcript"][0]
    assert set(line) == set(schemas["Utterance"]["properties"])
