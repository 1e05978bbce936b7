"""Single values: what is read, and what is refused."""

import re
from typing import Any

import pytest
from pydantic_core import PydanticCustomError

from config.hours_schema import weekdays
from config.values import between, days, seconds


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500ms", 0.5), ("0s", 0.0), ("5s", 5.0), ("1.5s", 1.5), ("2min", 120.0), ("1h", 3600.0),
        ("1d", 86400.0), ("5 s", 5.0), ("30秒", 30.0), ("2分钟", 120.0), ("8小时", 28800.0),
    ],
)  # fmt: skip
def test_durations_carry_units(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["5", "s", "-5s", "5 m", "5S", "1e3s", "５s", "5s ", "1h30min"])
def test_other_texts_are_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        seconds(text)


@pytest.mark.parametrize("value", [5, 5.0, True, None, (), {}, "4s", "61s", "inf"])
def test_a_duration_is_strict_about_type_and_bounds(value: Any) -> None:
    with pytest.raises(PydanticCustomError):
        between("5s", "1min").read(value)


def test_bounds_themselves_are_within() -> None:
    reading = between("5s", "1min")
    assert (reading.read("5s"), reading.read("60s")) == (5.0, 60.0)


@pytest.mark.parametrize("value", ["0d", "12h", "1.5d", 180, None, "100000d"])
def test_days_are_whole(value: Any) -> None:
    assert days("180d") == 180
    with pytest.raises(PydanticCustomError):
        days(value)


def test_stretches_of_a_week() -> None:
    assert weekdays("mon-fri") == ("mon", "tue", "wed", "thu", "fri")
    assert weekdays("sat-sun") == ("sat", "sun")
    assert weekdays("wed") == ("wed",)
