"""Figures by their definitions: small lives with figures worked out by hand."""

import json
from zoneinfo import ZoneInfo

import pytest

from calls.events import (
    Answered,
    Arrived,
    Ended,
    Fact,
    LeftLane,
    Offered,
    OfferFailed,
    PickedUp,
    Queued,
)
from calls.ids import AgentId, CallId, LaneId
from calls.reasons import Reason
from workorders import call_figures, order_figures
from workorders.call_story import CallStory, story
from workorders.kpi import change
from workorders.order_figures import OrderStory

A, LANE, OTHER = AgentId("1001"), LaneId("general"), LaneId("medical")


def lived(name: str, at: float, *rest: Fact) -> CallStory:
    call = CallId(name)
    found = story([Arrived(call, at, "", "", "", ""), PickedUp(call, at, "PCMA"), *rest])
    assert found is not None
    return found


def answered(name: str, at: float, wait: float, talk: float) -> CallStory:
    call, joined = CallId(name), at + 10
    return lived(
        name,
        at,
        Queued(call, joined, LANE),
        Offered(call, joined, LANE, A, ""),
        Answered(call, joined + wait, A),
        Ended(call, joined + wait + talk, "caller", Reason.COMPLETED),
    )


def gone(name: str, at: float, wait: float) -> CallStory:
    call, joined = CallId(name), at + 10
    return lived(
        name,
        at,
        Queued(call, joined, LANE),
        LeftLane(call, joined + wait, LANE, "hung_up"),
        Ended(call, joined + wait, "caller", Reason.ABANDONED),
    )


DAY = [
    answered("a", 0.0, 4.0, 100.0),
    answered("b", 900.0, 20.0, 60.0),
    gone("c", 950.0, 5.0),
    gone("d", 1000.0, 40.0),
]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("connected", 1.0),
        ("answered", 2 / 4),
        ("in_15_of_answered", 1 / 2),
        ("in_15_or_gone", 2 / 4),
        ("in_15_of_all", 1 / 4),
        ("in_15_patient", 1 / 3),
        ("in_15_from_ring", 1 / 2),
        ("abandoned", 2 / 4),
        ("wait", 12.0),
        ("to_a_person", 22.0),
        ("wait_of_abandoned", 22.5),
        ("talk", 80.0),
        ("moved", 0.0),
        ("missed_offer", 0.0),
    ],
)
def test_a_figure_is_what_its_definition_says(name: str, value: float) -> None:
    assert call_figures.figures(DAY)[name].value == pytest.approx(value)


def test_without_anybody_in_the_denominator_there_is_no_figure() -> None:
    assert all(figure.value is None for figure in call_figures.figures([]).values())
    assert call_figures.worst_day([]) is None


def test_faults_of_ours_are_in_neither_part_of_the_rate_answered() -> None:
    call = CallId("e")
    lost = lived("e", 5.0, Queued(call, 6.0, LANE), Ended(call, 7.0, "us", Reason.WORKER_LOST))
    assert call_figures.figures([*DAY, lost])["answered"].denominator == 4


def test_a_caller_who_was_moved_and_missed_waits_in_both_lanes() -> None:
    call = CallId("m")
    one = lived(
        "m",
        0.0,
        Queued(call, 1.0, OTHER),
        Offered(call, 1.0, OTHER, A, ""),
        OfferFailed(call, 4.0, A, "no_answer"),
        LeftLane(call, 11.0, OTHER, "nobody"),
        Queued(call, 12.0, LANE),
        Answered(call, 15.0, A),
    )
    assert (one.wait, one.lane, one.failed_offers, one.talk) == (13.0, LANE, 1, None)
    assert call_figures.left([one]) == {"nobody": 1}
    assert call_figures.outcomes([one]) == {"up": 1}


def test_the_worst_day_is_the_worst_of_any_twenty_four_hours() -> None:
    def refused(name: str, at: float) -> CallStory:
        call = CallId(name)
        found = story([Arrived(call, at, "", "", "", ""), Ended(call, at, "us", Reason.FULL)])
        assert found is not None
        return found

    stories = [answered("a", 0.0, 1, 1), refused("b", 90_000.0), answered("c", 100_000.0, 1, 1)]
    assert call_figures.worst_day(stories) == 0.0
    assert call_figures.worst_day([stories[0], refused("b", 50_000.0)]) == 0.5


def test_waiting_bands_hold_every_answered_call_once() -> None:
    bands = call_figures.bands(DAY)
    assert bands["<=5"] == 1 and bands["<=30"] == 1 and sum(bands.values()) == 2


@pytest.mark.parametrize(
    ("zone", "keys"),
    [
        ("Asia/Shanghai", ["1970-01-01T08:00+0800", "1970-01-01T08:15+0800"]),
        ("Asia/Kathmandu", ["1970-01-01T05:30+0530", "1970-01-01T05:45+0530"]),
    ],
)
def test_quarters_are_of_the_clock_of_any_zone(zone: str, keys: list[str]) -> None:
    parts = call_figures.grouped(DAY, call_figures.quarter(ZoneInfo(zone)))
    assert list(parts) == keys
    assert [len(part) for part in parts.values()] == [1, 3]


def test_every_definition_is_data_with_both_languages_and_a_source() -> None:
    written = json.dumps(
        [
            *(kpi.described() for kpi in call_figures.CALLS),
            *(kpi.described() for kpi in order_figures.ORDERS),
        ]
    )
    read = json.loads(written)
    assert len({kpi["id"] for kpi in read}) == len(read)
    for kpi in read:
        for part in (kpi, kpi["numerator"], kpi["denominator"]):
            assert part["zh"] and part["en"]
        assert kpi["source"]


ORDERS = [
    OrderStory(
        call_ended=0.0, dispatched=40.0, signed=100.0, responded=1000.0, closed=5000.0,
        due=6000.0, urgent=True, to_be_called=True, reached=True, confirmed=True, solved=True,
        rating=5,
    ),
    OrderStory(
        call_ended=0.0, dispatched=80.0, signed=9000.0, responded=9000.0, closed=9500.0,
        due=6000.0, urgent=True, returned=1, redone=1, supervised=True, to_be_called=True,
        rating=2, reasonable=False,
    ),
    OrderStory(closed=100.0, in_the_call=True),
    OrderStory(),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dispatch_time", 60.0), ("right_first", 0.5), ("response_30", 0.5), ("signed_2h", 0.5),
        ("returned", 0.5), ("redone", 1 / 3), ("closed", 0.75), ("closed_in_time", 0.5),
        ("overdue", 0.5), ("in_the_call", 0.25), ("closed_once", 2 / 3),
        ("supervised_solved", 0.0), ("called_back", 0.5), ("confirmed", 1.0), ("satisfied", 0.5),
        ("reasonable_satisfied", 1.0), ("contacted", 1.0), ("solved", 1.0), ("really_solved", 1.0),
    ],
)  # fmt: skip
def test_a_figure_of_orders_is_what_its_definition_says(name: str, value: float) -> None:
    assert order_figures.figures(ORDERS)[name].value == pytest.approx(value)


def test_three_rates_take_local_weights() -> None:
    assert order_figures.three_rates(ORDERS, (30, 35, 35)) == pytest.approx(0.825)
    assert order_figures.three_rates([], (1, 1, 1)) is None
    assert order_figures.per_ten_thousand(50, 100_000) == 5.0
    assert change(12.0, 10.0) == pytest.approx(0.2) and change(1.0, 0.0) is None
