"""Co-units, duplicates, the level of an event, and the check before dispatch."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from asr.transcript import Utterance
from calls.ids import CallId, UnitId
from workorders.checking import check
from workorders.draft import DraftWorkOrder, Ranked, correct
from workorders.drafting import CallFacts, City, draft
from workorders.duplicates import WITHIN, OpenOrders
from workorders.level import level_of
from workorders.lines import lines_of
from workorders.units import co_units_of
from workorders.urgency import urgency_of
from workorders.wire import from_json, to_json

NOISE = "我要投诉人民路幸福小区门口的工地昨天半夜施工噪音太大吵得睡不着希望尽快处理"


def said(text: str) -> list[Utterance]:
    return [Utterance("citizen", "zh", 0.0, 5.0, text, 1.0)]


def drafted(text: str = NOISE, call: str = "a", at: float = 1e9, who: str = "13800138000") -> Any:
    return draft(CallFacts(CallId(call), who, None, "zh", at), said(text), City([]))


def ranked(unit: str, score: float, *because: str) -> Ranked:
    return Ranked(UnitId(unit), unit, score, because)


def codes(order: DraftWorkOrder, **written: Any) -> list[str]:
    """Check an order as a person left it: what was drafted stands under `suggested`."""
    values: dict[str, Any] = to_json(order)
    for name, value in written.items():
        values[name] = {"value": value, "origin": "agent", "suggested": values[name]}
    return [fault.code for fault in check(values)]


# --- event level ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("厂房爆炸了死了三个人", "较大"),
        ("大巴翻了有十二个人受伤", "较大"),
        ("火灾死了10个人", "重大"),
        ("一百多个学生中毒", "特别重大"),
        ("隔壁着火了快来", "一般"),
        ("路灯不亮了", None),
    ],
)
def test_an_event_is_as_grave_as_the_harm_that_is_told(text: str, level: str | None) -> None:
    lines = lines_of(said(text))
    found = level_of(lines, urgency_of(lines))
    assert (found.value if found else None) == level


# --- co-units --------------------------------------------------------------------------


def test_a_unit_with_words_of_its_own_works_with_the_lead() -> None:
    order = [
        ranked("noise", 0.5, "噪音", "施工"),
        ranked("same", 0.4, "施工"),
        ranked("police", 0.3, "施工", "打架"),
        ranked("weak", 0.05, "别的"),
    ]
    assert co_units_of(order) == (ranked("police", 0.3, "打架"),)
    assert co_units_of([]) == ()


# --- duplicates ------------------------------------------------------------------------


def test_many_callers_about_one_matter_in_one_place_are_seen() -> None:
    open_orders = OpenOrders()
    open_orders.remember(drafted())
    (found,) = open_orders.like(drafted(call="b", at=1e9 + 60, who="13900139000"))
    assert found.order == "a" and any("地点" in why for why in found.because)
    assert not any("号码" in why for why in found.because)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("我要投诉中山路阳光小区的垃圾没人清理", 1e9 + 60),
        (NOISE, 1e9 + WITHIN + 1),
        (NOISE, 1e9 - 1),
    ],
)
def test_another_matter_or_another_time_is_another_order(text: str, at: float) -> None:
    open_orders = OpenOrders()
    open_orders.remember(drafted())
    assert open_orders.like(drafted(text, "b", at)) == ()


def test_an_order_is_no_duplicate_of_itself_nor_of_one_that_is_done() -> None:
    open_orders = OpenOrders()
    open_orders.remember(drafted())
    assert open_orders.like(drafted()) == ()
    open_orders.close(CallId("a"))
    assert len(open_orders) == 0 and open_orders.like(drafted(call="b")) == ()


def test_a_draft_with_all_of_it_goes_through_json_and_an_older_one_is_still_read() -> None:
    open_orders = OpenOrders()
    open_orders.remember(drafted())
    mine = drafted(call="b")
    mine = replace(mine, duplicates=open_orders.like(mine), co_units=(ranked("u", 0.4, "词"),))
    assert mine.duplicates and from_json(to_json(mine)) == mine
    older: dict[str, Any] = to_json(drafted())
    for name in ("event_level", "co_units", "duplicates"):
        del older[name]
    assert from_json(older) == drafted()


# --- the check before dispatch ---------------------------------------------------------


def test_a_complaint_turned_into_an_enquiry_stops_the_order() -> None:
    assert "type_made_light" in codes(drafted(), type="咨询")
    assert "type_made_light" not in codes(drafted(), type="举报")
    assert "type_made_light" not in codes(drafted())


def test_secrecy_asked_for_and_danger_told_may_not_be_lost() -> None:
    secret = drafted(NOISE + "请给我保密")
    assert "secrecy_lost" in codes(secret, confidential=False)
    assert "secrecy_lost" not in codes(secret)
    assert "urgency_lowered" in codes(drafted("人民路隔壁着火了快来人"), urgency="normal")


def test_what_is_missing_is_named_with_its_question() -> None:
    faults = {fault.code: fault for fault in check(to_json(drafted("我要投诉施工噪音太大")))}
    assert faults["no_place"].weight == "stop" and "什么地方" in faults["no_place"].zh
    assert faults["no_time"].weight == "warn"
    assert faults["no_unit"].weight == "stop"


def test_an_order_that_says_what_was_said_has_no_fault_but_its_unit() -> None:
    assert codes(drafted()) == ["no_unit"]
    assert codes(correct(drafted(), "unit", "housing")) == []


def test_a_possible_duplicate_is_pointed_out() -> None:
    open_orders = OpenOrders()
    open_orders.remember(drafted())
    mine = drafted(call="b")
    assert "asked_again" in codes(replace(mine, duplicates=open_orders.like(mine)))


@pytest.mark.parametrize("odd", [{}, {"type": 7, "place": "text"}, {"type": {"value": ["x"]}}])
def test_an_order_of_another_form_is_checked_as_far_as_it_goes(odd: dict[str, Any]) -> None:
    assert all(asdict(fault)["weight"] in ("stop", "warn") for fault in check(odd))
