"""The knowledge base at the desk: found by a question, and rulings written into it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from desk.live_ports import LivePorts, Role
from storage import knowledge
from tests.helpers.desk_city import CALL, NASTY, City, story
from workorders.knowledge import Entry

PERMIT = Entry("permit", "answer", f"居住证怎么办理{NASTY}", "带身份证到派出所。", "water")


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City(tmp_path)
    city.keep(story())
    city.settings = replace(city.settings, choices={"unit": [("water", "水务局")]})
    city.open()
    with Session(city.engine) as session, session.begin():
        knowledge.keep(session, PERMIT)
    yield city
    city.engine.dispose()


def test_a_program_asks_and_gets_what_holds(city: City) -> None:
    browser = city.browser().signed_in()
    (found,) = browser.get("/api/knowledge?q=%E5%B1%85%E4%BD%8F%E8%AF%81").json()["entries"]
    assert (found["id"], found["version"], found["kind"]) == ("permit", 1, "answer")
    assert browser.get("/api/knowledge").json() == {"entries": []}


@pytest.mark.parametrize("most", ["0", "21", "-1", "x", "²"])
def test_a_number_out_of_bounds_is_refused(city: City, most: str) -> None:
    query = {"²": "%C2%B2"}.get(most, most)
    assert city.browser().signed_in().get(f"/api/knowledge?q=x&most={query}").status == 400


def test_nobody_reads_it_without_signing_in(city: City) -> None:
    assert city.browser().get("/api/knowledge?q=x").status == 401


def test_the_page_shows_what_was_found_as_text_and_an_entry_with_its_versions(city: City) -> None:
    browser = city.browser().signed_in()
    page = browser.get("/knowledge?q=%E5%B1%85%E4%BD%8F%E8%AF%81").text
    assert "居住证怎么办理" in page and NASTY not in page
    assert "第 1 版" in browser.get("/knowledge/permit").text
    assert browser.get("/knowledge/none").status == 404


@pytest.fixture
def led(city: City) -> City:
    """Return a desk at which 1001 is a supervisor."""
    city.ports = replace(city.ports, live=LivePorts(role=lambda _: Role.SUPERVISOR))
    city.open()
    return city


def ruling(**other: str) -> dict[str, str]:
    given = {"title": "桥下停水归水务局", "text": "由水务局办理。", "owner": "water", "call": CALL}
    return given | other


def test_a_ruling_is_kept_of_its_call_and_a_second_one_is_its_next_version(led: City) -> None:
    browser = led.browser().signed_in()
    csrf = browser.csrf()
    for text, version in (("由水务局办理。", 1), ("由自来水公司办理。", 2)):
        reply = browser.send("POST", "/api/knowledge", ruling(text=text), csrf)
        assert reply.json()["kept"]["version"] == version
    assert browser.send("POST", "/api/knowledge", ruling(text=text), csrf).json() == {"kept": None}
    (found,) = browser.get("/api/knowledge?q=%E6%A1%A5%E4%B8%8B").json()["entries"]
    assert (found["kind"], found["call"], found["text"]) == (
        "precedent",
        CALL,
        "由自来水公司办理。",
    )
    assert ("1001", "kept_ruling", CALL) in led.audit()


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"text": "字" * 4001}, {"owner": "nobody"}, {"call": "c-none"}],
)
def test_a_ruling_with_a_fault_is_refused(led: City, wrong: dict[str, str]) -> None:
    browser = led.browser().signed_in()
    reply = browser.send("POST", "/api/knowledge", ruling(**wrong), browser.csrf())
    assert reply.status == 400 and reply.json()["error"]["zh"]


def test_the_form_keeps_a_ruling_too(led: City) -> None:
    browser = led.browser().signed_in()
    reply = browser.post("/knowledge", **ruling(), csrf=browser.csrf())
    assert reply.headers["location"] == "/knowledge?said=kept"


def test_an_agent_reads_the_knowledge_base_and_writes_no_ruling_and_that_is_noted(
    city: City,
) -> None:
    browser = city.browser().signed_in()
    assert 'name="owner"' not in browser.get("/knowledge").text
    assert browser.send("POST", "/api/knowledge", ruling(), browser.csrf()).status == 403
    assert browser.post("/knowledge", **ruling(), csrf=browser.csrf()).status == 403
    assert [what for _, what, _ in city.audit()].count("refused_supervisors") == 2
    assert browser.get("/api/knowledge?q=%E6%A1%A5%E4%B8%8B").json() == {"entries": []}


def test_a_duty_leader_has_the_form(led: City) -> None:
    assert 'name="owner"' in led.browser().signed_in().get("/knowledge").text
