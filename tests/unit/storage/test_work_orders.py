"""What an agent put right stays right."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from calls.events import Arrived, Drafted
from calls.ids import AgentId, CallId
from storage import unit_of_work, work_orders
from storage.work_orders import Correction, DraftFilter, corrected

CALL = CallId("c-1")
LI = AgentId("1001")


def drafted(at: float, **values: Any) -> Drafted:
    fields: dict[str, object] = {
        name: {"value": value, "confidence": 0.6, "origin": "rule", "evidence": [{"words": "…"}]}
        for name, value in values.items()
    }
    return Drafted(
        CALL,
        at,
        {
            "version": 1,
            "call": CALL,
            **fields,
            "missing": [{"field": "place", "ask": "Where?", "ask_zh": "在哪里？"}],
        },
    )


@pytest.fixture
def kept(session: Session) -> Session:
    arrived = Arrived(CALL, 1.0, "13800138000", "12345", "127.0.0.1:5070", "x")
    unit_of_work.keep(session, "b1", [(1, arrived), (2, drafted(2.0, title="停水", place=None))])
    return session


def right(version: int, confirm: bool = False, **values: Any) -> Correction:
    return Correction(CALL, version, values, LI, 10.0 + version, confirm)


def test_a_corrected_field_survives_every_later_draft(kept: Session) -> None:
    work_orders.correct(kept, right(1, place="海甸岛"))
    later = [(n, drafted(20.0 + n, title=f"标题{n}", place="别处")) for n in range(3, 6)]
    unit_of_work.keep(kept, "b1", later)
    draft = work_orders.of_call(kept, CALL)
    assert draft is not None
    assert draft.draft["place"]["value"] == "海甸岛"
    assert draft.draft["place"]["origin"] == "agent"
    assert draft.draft["place"]["by"] == LI
    assert draft.draft["place"]["suggested"]["value"] == "别处"
    assert draft.draft["title"]["value"] == "标题5"


def test_a_corrected_field_survives_a_draft_that_no_longer_has_it(kept: Session) -> None:
    work_orders.correct(kept, right(1, place="海甸岛"))
    unit_of_work.keep(kept, "b1", [(3, drafted(30.0, title="x"))])
    draft = work_orders.of_call(kept, CALL)
    assert draft is not None
    assert draft.draft["place"]["value"] == "海甸岛"
    assert draft.draft["place"]["suggested"] is None
    again = work_orders.correct(kept, right(draft.version, place="海甸岛五西路"))
    assert again.draft["place"]["value"] == "海甸岛五西路"


def test_a_question_about_a_field_that_was_filled_in_is_no_longer_missing(kept: Session) -> None:
    before = work_orders.of_call(kept, CALL)
    assert before is not None
    assert len(before.draft["missing"]) == 1
    assert work_orders.correct(kept, right(1, place="海甸岛")).draft["missing"] == []


def test_whoever_saw_an_older_version_must_read_again(kept: Session) -> None:
    work_orders.correct(kept, right(1, title="a"))
    with pytest.raises(work_orders.OutOfDate) as raised:
        work_orders.correct(kept, right(1, title="b"))
    assert raised.value.version == 2
    draft = work_orders.of_call(kept, CALL)
    assert draft is not None
    assert draft.draft["title"]["value"] == "a"


@pytest.mark.parametrize("name", ["version", "missing", "call", "no_such"])
def test_only_fields_can_be_put_right(kept: Session, name: str) -> None:
    with pytest.raises(work_orders.UnknownField):
        work_orders.correct(kept, Correction(CALL, 1, {name: "x"}, LI, 10.0))


def test_a_field_that_nobody_said_anything_about_can_be_filled_in(kept: Session) -> None:
    empty = Drafted(CALL, 3.0, {"version": 1, "object": None, "lane": None})
    unit_of_work.keep(kept, "b1", [(3, empty)])
    assert work_orders.correct(kept, right(2, object="水务集团")).draft["object"] == {
        "value": "水务集团",
        "confidence": 1.0,
        "origin": "agent",
        "evidence": [],
        "by": LI,
        "at": 12.0,
        "suggested": None,
    }
    with pytest.raises(work_orders.UnknownField):
        work_orders.correct(kept, right(3, lane="general"))


def test_a_call_without_a_draft_has_nothing_to_put_right(kept: Session) -> None:
    with pytest.raises(work_orders.NoSuchDraft):
        work_orders.correct(kept, Correction(CallId("c-2"), 1, {}, LI, 1.0))


def test_what_was_confirmed_stands_and_a_newer_draft_is_only_announced(kept: Session) -> None:
    confirmed = work_orders.correct(kept, right(1, confirm=True, place="海甸岛"))
    assert (confirmed.confirmed_by, confirmed.newer) == (LI, False)
    unit_of_work.keep(kept, "b1", [(3, drafted(99.0, title="新的", place=None))])
    draft = work_orders.of_call(kept, CALL)
    assert draft is not None
    assert draft.draft["title"]["value"] == "停水"
    assert draft.draft["place"]["value"] == "海甸岛"
    assert draft.newer
    assert draft.confirmed_by == LI


def test_correcting_a_confirmed_draft_opens_it_again(kept: Session) -> None:
    work_orders.correct(kept, right(1, confirm=True))
    opened = work_orders.correct(kept, right(2, title="水压低"))
    assert opened.confirmed_by is None
    assert opened.draft["title"]["value"] == "水压低"


def test_the_list_can_ask_for_what_is_not_confirmed_yet(kept: Session) -> None:
    assert len(work_orders.listed(kept, DraftFilter(confirmed=False))) == 1
    work_orders.correct(kept, right(1, confirm=True))
    assert work_orders.listed(kept, DraftFilter(confirmed=False)) == ()
    assert len(work_orders.listed(kept, DraftFilter(confirmed=True))) == 1
    assert work_orders.listed(kept, DraftFilter(agent=LI)) == ()


def test_candidates_stay_to_choose_from_after_a_correction() -> None:
    unit = {"value": "water", "candidates": [{"unit": "water"}, {"unit": "roads"}]}
    laid = corrected({"unit": unit}, {"unit": {"value": "roads", "by": LI, "at": 1.0}})
    assert laid["unit"]["candidates"] == unit["candidates"]
    assert laid["unit"]["evidence"] == []
