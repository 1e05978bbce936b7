"""The button of an order's page calls the order's number, and no other."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from calls.events import Drafted
from calls.ids import AgentId
from desk.live_ports import Denied, ToCall
from desk.order_calls import number_in
from tests.helpers.desk_city import CALL, DRAFT, City, a_field, story


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City(tmp_path)
    city.keep(story())
    numbered = {**DRAFT, "call_back": a_field("138-0013-8000")}
    city.keep([Drafted(CALL, 2000.0, numbered)], boot="b2")
    yield city
    city.engine.dispose()


def with_engine(city: City, answer: Denied | None = None) -> list[tuple[AgentId, ToCall]]:
    """Give the desk an engine that takes note of what it is asked."""
    asked: list[tuple[AgentId, ToCall]] = []

    def call_out(agent: AgentId, wanted: ToCall) -> Denied | None:
        asked.append((agent, wanted))
        return answer

    city.ports = replace(city.ports, live=replace(city.ports.live, call_out=call_out))
    city.open()
    return asked


def test_the_number_is_the_orders_whatever_the_form_says(city: City) -> None:
    asked = with_engine(city)
    browser = city.browser().signed_in()
    assert "回拨市民" in browser.get(f"/drafts/{CALL}").text
    answer = browser.post(f"/drafts/{CALL}/dial", csrf=browser.csrf(), number="0044999")
    assert (answer.status, answer.headers["location"]) == (303, f"/drafts/{CALL}?said=calling")
    ((agent, wanted),) = asked
    assert (agent, wanted.order, wanted.number) == ("1001", CALL, "13800138000")
    assert ("1001", "called_from_order", CALL) in city.audit()
    assert "正在回拨" in browser.get(answer.headers["location"]).text


def test_without_the_forms_token_nobody_is_called(city: City) -> None:
    asked = with_engine(city)
    assert city.browser().signed_in().post(f"/drafts/{CALL}/dial").status == 403
    assert asked == []


def test_a_refusal_is_told_in_words(city: City) -> None:
    with_engine(city, Denied("no_way", "没有能拨出这个号码的线路", "no trunk"))
    browser = city.browser().signed_in()
    answer = browser.post(f"/drafts/{CALL}/dial", csrf=browser.csrf())
    assert answer.status == 502 and "没有能拨出这个号码的线路" in answer.text


@pytest.mark.parametrize(
    "draft, number",
    [
        ({"call_back": {"value": "138-0013 8000"}, "caller": {"value": "1"}}, "13800138000"),
        ({"call_back": None, "caller": {"value": "+8613800138000"}}, "+8613800138000"),
        ({"call_back": {"value": "不便告知"}, "caller": {"value": "anonymous"}}, None),
        ({"caller": {"value": "sip:1@evil"}}, None),
        ({}, None),
    ],
)
def test_only_a_number_is_called(draft: dict[str, object], number: str | None) -> None:
    assert number_in(draft) == number
