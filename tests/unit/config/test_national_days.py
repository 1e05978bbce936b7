"""Public holidays of the country hold by themselves; what a site writes goes before them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from config.hours_schema import Calendar, HoursSettings, hours_of
from ivr.hours import Hours


def hours(calendar: Mapping[str, Any]) -> Hours:
    settings = HoursSettings.model_validate(
        {"id": "office", "zone": "Asia/Shanghai", "calendar": "national",
         "week": {"mon-fri": ("09:00-17:00",), "sat": ("10:00-11:00",)}}
    )  # fmt: skip
    return hours_of(settings, {"national": Calendar.model_validate({"id": "national", **calendar})})


def answer(at: str, **calendar: Any) -> tuple[str, str]:
    return hours({"country": "china", **calendar}).answer(datetime.fromisoformat(f"{at}:00+08:00"))


@pytest.mark.parametrize(
    ("at", "said", "rule"),
    [
        ("2026-02-17T10:00", "春节", "2026-02-17 春节（国家放假安排）"),
        ("2026-04-06T10:00", "清明节", "2026-04-06 清明节（国家放假安排）"),
        ("2026-02-14T16:00", "open", "2026-02-14 春节调休（国家放假安排） 09:00-17:00"),
        ("2026-03-04T10:00", "open", "周三 09:00-17:00"),
    ],
)
def test_the_rule_says_that_it_is_the_countrys(at: str, said: str, rule: str) -> None:
    found, words = answer(at)
    assert found == said
    assert words.startswith(rule)


def test_without_a_country_only_the_sites_own_days_hold() -> None:
    at = datetime.fromisoformat("2026-02-17T10:00:00+08:00")
    assert hours({}).answer(at) == ("open", "周二 09:00-17:00")


def test_a_site_that_works_on_a_holiday_is_open() -> None:
    own = {"day": "2026-02-17", "like": "mon", "name": "值班"}
    assert answer("2026-02-17T10:00", workdays=(own,)) == ("open", "2026-02-17 值班 09:00-17:00")


def test_a_site_that_is_closed_on_a_make_up_day_is_closed() -> None:
    own = {"first": "2026-02-14", "last": "2026-02-14", "name": "装修"}
    assert answer("2026-02-14T10:00", holidays=(own,))[0] == "装修"


def test_make_up_days_may_have_the_hours_of_another_weekday() -> None:
    assert answer("2026-02-14T16:00", make_up_like="sat")[0] == "closed"
