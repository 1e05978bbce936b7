"""China's public holidays and make-up workdays (调休), from the library that follows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from chinese_calendar import Holiday as Published
from chinese_calendar import constants

from ivr.hours import Holiday, Workday

SINCE = date(2024, 1, 1)
"""Earlier days are of no use to a running hotline."""
SOURCE = "（国家放假安排）"
"""Stands behind a rule that came from here, in the call's record."""
FESTIVALS = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}
"""Names that people use in full."""


@dataclass(frozen=True, slots=True)
class NationalDays:
    """What is published so far."""

    holidays: tuple[Holiday, ...]
    """One a day."""
    workdays: Mapping[date, Workday]


@cache
def national(make_up_like: int) -> NationalDays:
    """Return the published days; on make-up workdays the hours of this weekday hold."""
    holidays = tuple(
        Holiday(day, day, _chinese(name), SOURCE)
        for day, name in sorted(constants.holidays.items())
        if day >= SINCE
    )
    workdays = {
        day: Workday(day, make_up_like, f"{_chinese(name)}调休", SOURCE)
        for day, name in constants.workdays.items()
        if day >= SINCE
    }
    return NationalDays(holidays, workdays)


def names() -> frozenset[str]:
    """Return the names of the holidays that are published."""
    return frozenset(one.name for one in national(0).holidays)


def _chinese(english: str) -> str:
    name: str = Published(english).chinese
    return FESTIVALS.get(name, name)
