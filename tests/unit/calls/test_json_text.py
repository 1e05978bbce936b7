"""Whatever a fact may hold is written, and read back as it was."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.json_text import to_text
from calls.reasons import Reason

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=12,
)  # fmt: skip


@given(VALUES)
def test_what_is_written_is_read_as_it_was(value: Any) -> None:
    assert json.loads(to_text(value)) == value


def test_chinese_is_legible_and_nothing_stands_between() -> None:
    assert to_text({"why": "市民", "at": (1.5, None)}) == '{"why":"市民","at":[1.5,null]}'


def test_a_reason_is_its_word() -> None:
    assert to_text([Reason.NO_ACK]) == '["no_ack"]'


@pytest.mark.parametrize("value", ["\ud800", 2**70, {1: "key"}])
def test_what_the_quick_way_refuses_is_written_all_the_same(value: Any) -> None:
    assert to_text(value) == json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass
class Stray:
    """Nothing that JSON knows."""

    at: float = 0.0


def test_what_is_no_json_is_a_fault() -> None:
    with pytest.raises(TypeError):
        to_text(Stray())
