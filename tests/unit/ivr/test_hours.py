"""Opening hours, to the minute, with holidays and make-up workdays."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.hours import Holiday, Hours, Window, Workday

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = (Window(8 * 60 + 30, 12 * 60), Window(14 * 60, 17 * 60 + 30))
OFFICE = Hours(
    SHANGHAI,
    (DAY, DAY, DAY, DAY, DAY, (), ()),
    (Holiday(date(2026, 10, 1), date(2026, 10, 7), "国庆节"),),
    {date(2026, 10, 10): Workday(date(2026, 10, 10), 2, "国庆节调休")},
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "is_open", "rule"),
    [
        ("2026-11-18 08:29", False, "周三 不在服务时间"),
        ("2026-11-18 08:30", True, "周三 08:30-12:00"),
        ("2026-11-18 11:59:59", True, "周三 08:30-12:00"),
        ("2026-11-18 12:00", False, "周三 不在服务时间"),
        ("2026-11-18 14:00", True, "周三 14:00-17:30"),
        ("2026-11-21 10:00", False, "周六 不在服务时间"),
        ("2026-10-01 10:00", False, "2026-10-01 国庆节 不在服务时间"),
        ("2026-10-07 10:00", False, "2026-10-07 国庆节 不在服务时间"),
        ("2026-10-08 10:00", True, "周四 08:30-12:00"),
        ("2026-10-10 10:00", True, "2026-10-10 国庆节调休 08:30-12:00"),
        ("2026-10-10 13:00", False, "2026-10-10 国庆节调休 不在服务时间"),
    ],
)
def test_each_rule_says_whether_and_why(moment: str, is_open: bool, rule: str) -> None:
    assert OFFICE.is_open(at(moment)) == (is_open, rule)


def test_a_moment_in_another_zone_is_read_by_the_clock_of_the_service() -> None:
    assert OFFICE.is_open(datetime(2026, 11, 18, 0, 30, tzinfo=UTC))[0]
    assert not OFFICE.is_open(datetime(2026, 11, 18, 4, 30, tzinfo=UTC))[0]


NIGHT = Hours(SHANGHAI, ((Window(22 * 60, 6 * 60),), (), (), (), (), (), ()))


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-16 21:59", False),  # Monday
        ("2026-11-16 22:00", True),
        ("2026-11-17 05:59", True),
        ("2026-11-17 06:00", False),
        ("2026-11-16 05:00", False),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_begins(moment: str, is_open: bool) -> None:
    assert NIGHT.is_open(at(moment))[0] is is_open


@pytest.mark.parametrize("window", [Window(0, 24 * 60), Window(18 * 60, 18 * 60)])
def test_a_window_may_last_a_whole_day(window: Window) -> None:
    assert window.minutes == 24 * 60
    assert all(window.holds(window.begin + minute) for minute in (0, 720, 1439))


def test_a_window_is_written_as_it_stands_in_the_settings() -> None:
    assert str(Window(510, 720)) == "08:30-12:00"
