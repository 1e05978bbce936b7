"""Values as pages show them, and what a form's text means."""

from typing import Any

import pytest

from calls.events import Heard, Word
from calls.ids import CallId
from desk import views


@pytest.mark.parametrize(
    "number, shown",
    [
        ("13800138000", "138****8000"),
        ("08988812345", "089****2345"),
        ("110", "110"),
        ("12345", "1****45"),
        ("anonymous", "ano****mous"),
        ("", ""),
    ],
)
def test_a_number_in_a_list_hides_its_middle(number: str, shown: str) -> None:
    assert views.masked(number) == shown


@pytest.mark.parametrize(
    "value, text",
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        ("停水", "停水"),
        (3, "3"),
        (["a", "b"], "a、b"),
        ({"said": "古楼路", "standard": "鼓楼路"}, "鼓楼路"),
        ({"said": "昨晚", "begins": None}, "昨晚"),
        ({}, ""),
    ],
)
def test_a_value_of_any_shape_has_a_text(value: Any, text: str) -> None:
    assert views.text_of(value) == text


@pytest.mark.parametrize(
    "name, text, entry, value",
    [
        ("title", " 停水 ", {"value": "x"}, "停水"),
        ("title", "  ", {"value": "x"}, None),
        ("confidential", "true", None, True),
        ("confidential", "false", {"value": True}, False),
        ("of_the_future", "true", {"value": False}, True),
    ],
)
def test_a_forms_text_becomes_a_value_of_the_fields_kind(
    name: str, text: str, entry: Any, value: Any
) -> None:
    assert views.value_from(name, text, entry) == value


def test_an_agents_words_for_a_time_do_not_claim_a_moment() -> None:
    value = views.value_from("time", "上周三", {"value": {"said": "周三", "begins": "2026-11-18"}})
    assert value == {"said": "上周三", "begins": None, "ends": None, "every": None, "clock": None}


def heard(text: str, *words: str, language: Any = "zh", confidence: float = 0.9) -> Heard:
    own = tuple(Word(word, float(n), n + 1.0, 0.9) for n, word in enumerate(words))
    return Heard(CallId("c"), 0.0, "citizen", language, 0.0, 9.0, text, confidence, own)


def test_words_are_shown_one_by_one_where_they_make_up_the_text() -> None:
    chinese = views.pieces_of(heard("家里，停水了。", "家里", "停水", "了"))
    assert [text for text, *_ in chinese] == ["家里", "停水", "了"]
    english = views.pieces_of(heard("No water", "no", "water", language="en"))
    assert english == [("no ", 0.0, 1.0, False), ("water ", 1.0, 2.0, False)]


def test_a_tidied_text_is_one_piece() -> None:
    assert views.pieces_of(heard("13号楼", "十三", "号楼")) == [("13号楼", 0.0, 9.0, False)]
    assert views.pieces_of(heard("喂", confidence=0.2)) == [("喂", 0.0, 9.0, True)]


def test_fields_are_shown_whatever_else_the_draft_holds() -> None:
    draft = {
        "version": 1,
        "zzz": {"value": 1},
        "title": {"value": "t"},
        "lane": None,
        "object": None,
        "candidates": "nonsense",
        "missing": ["nonsense", {"field": "object", "ask_zh": "是谁？", "ask": "Who?"}],
        "unit": {"value": "u", "candidates": [{"unit": "u", "name": "水务局"}]},
    }
    fields = views.fields_of(draft, {"title": [("a", "A")]})
    assert [each.name for each in fields] == ["title", "object", "unit", "zzz"]
    title, about, unit, _ = fields
    assert title.choices == [("t", "t"), ("a", "A")]
    assert about.ask == ("是谁？", "Who?")
    assert unit.named_value == "水务局"


def test_lists_hide_personal_numbers_and_leave_the_draft_as_it_is() -> None:
    draft = {"call": "c-13800138000", "content": {"value": "打13800138000", "origin": "rule"}}
    masked = views.with_masked(draft)
    assert masked["content"] == {"value": "打138******00", "origin": "rule"}
    assert masked["call"] == "c-13800138000"
    assert draft["content"] == {"value": "打13800138000", "origin": "rule"}
