"""Lanes without staff at some hour are found from the hours that agents are on duty."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from config.advice import advice
from config.faults import SettingsError
from config.reader import read
from config.staffing import gaps, staff_by_hour
from tests.helpers import sites

SHIFTS = """
  early:
    zone: Asia/Shanghai
    week: {mon-fri: ["06:00-14:00"], sat-sun: ["06:00-14:00"]}
  late:
    zone: Asia/Shanghai
    week: {mon-fri: ["14:00-22:00"], sat-sun: ["14:00-22:00"]}
  night:
    zone: Asia/Shanghai
    week: {mon-fri: ["22:00-06:00"], sat-sun: ["22:00-06:00"]}
  weekdays:
    zone: Asia/Shanghai
    calendar: national
    week: {mon-fri: ["00:00-24:00"]}
"""
Change = Callable[[dict[str, str]], Path]


@pytest.fixture
def on_duty(tmp_path: Path) -> Change:
    """Return a site in which agents have these hours."""
    site = sites.copy(tmp_path / "site")
    hours = site / "hours.yaml"
    text = hours.read_text("utf-8")
    shifts = SHIFTS.replace("00:00-24:00", "00:00-00:00")
    hours.write_text(text.replace("\nhours:\n", "\nhours:" + shifts, 1), "utf-8")

    def change(shifts: dict[str, str]) -> Path:
        path = site / "agents.yaml"
        shipped = (sites.SHIPPED / "agents.yaml").read_text("utf-8")
        lines = shipped.replace("hours: , ", "").splitlines()
        for place, line in enumerate(lines):
            agent = line.strip().partition(":")[0]
            if agent in shifts:
                lines[place] = line.replace("{name:", f"{{hours: {shifts[agent]}, name:", 1)
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return site

    return change


def said(folder: Path) -> list[str]:
    found = advice(read(folder), date(2026, 11, 22))
    return [f"{one.key} {one.zh}" for one in found if one.code == "lane-unstaffed-hours"]


def test_somebody_without_hours_counts_at_any_time(on_duty: Change) -> None:
    assert said(on_duty({"1003": "early"})) == [], "1012 can answer medical calls too"


def test_shifts_that_follow_each_other_round_the_clock_leave_no_gap(on_duty: Change) -> None:
    shifts = {"1003": "early", "1012": "late"}
    day_and_night = {"1003": "early", "1012": "night"}
    assert [one for one in said(on_duty(shifts)) if "medical" in one] == []
    weekdays, weekend = [one for one in said(on_duty(day_and_night)) if "medical" in one]
    assert "周五 14:00-22:00" in weekdays, "the afternoon, as long as the lane is open"
    assert "周六、周日 14:00-21:00" in weekend


def test_a_gap_is_told_with_its_days_and_times(on_duty: Change) -> None:
    (early, late) = [one for one in said(on_duty({"1009": "late"})) if "korean" in one]
    week = "lanes.korean 周一、周二、周三、周四、周五、周六、周日"
    assert early.startswith(f"{week} 00:00-14:00 开放")
    assert late.startswith(f"{week} 22:00-24:00 开放")


def test_a_shift_past_midnight_holds_on_the_day_after_too(on_duty: Change) -> None:
    site = read(on_duty({"1009": "night"}))
    (korean,) = [name for name in site.lanes if name == "korean"]
    assert [(gap.begin, gap.end) for gap in gaps(site, korean)] == [(6 * 60, 22 * 60)]
    assert staff_by_hour(site, korean)[2] == (*[1] * 6, *[0] * 16, 1, 1)


def test_a_lane_that_is_open_on_holidays_needs_somebody_then(on_duty: Change) -> None:
    (words,) = [one for one in said(on_duty({"1009": "weekdays"})) if "korean" in one]
    assert "周六、周日、节假日 00:00-24:00" in words


def test_hours_that_do_not_exist_are_a_fault(on_duty: Change) -> None:
    folder = on_duty({"1009": "nights"})
    with pytest.raises(SettingsError) as raised:
        read(folder)
    (fault,) = raised.value.faults
    assert (fault.file, fault.key, fault.code) == (
        "agents.yaml", "agents.1009.hours", "name-unknown",
    )  # fmt: skip
