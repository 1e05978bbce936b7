"""When something is open, and which rule says so; holidays and make-up workdays (调休) too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

DAY = 24 * 60
"""Minutes."""
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a day in minutes since midnight; it runs past midnight if it ends first."""

    begin: int
    end: int

    @property
    def minutes(self) -> int:
        """How long it is; `18:00-18:00` is a whole day."""
        return (self.end - self.begin - 1) % DAY + 1

    def holds(self, minute: int) -> bool:
        """Tell whether a minute, counted from midnight of the day it begins, lies within."""
        return self.begin <= minute < self.begin + self.minutes

    def __str__(self) -> str:
        return f"{_clock(self.begin)}-{_clock(self.end)}"


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days that are closed whatever the weekday."""

    first: date
    last: date
    name: str
    source: str = ""
    """Who says so, for the record; empty: the site's own calendar."""

    def days(self) -> list[date]:
        """Return every day of it."""
        return [self.first + timedelta(n) for n in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, slots=True)
class Workday:
    """One day that is worked like another weekday (调休)."""

    day: date
    weekday: int
    """Whose windows hold; Monday is 0."""
    name: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of a service, by the calendar of its time zone."""

    zone: tzinfo
    week: tuple[tuple[Window, ...], ...]
    """Seven days, Monday first."""
    holidays: tuple[Holiday, ...] = ()
    workdays: Mapping[date, Workday] = field(default_factory=dict)

    def is_open(self, at: datetime) -> tuple[bool, str]:
        """Tell whether it is open at a moment (with zone), and the rule in words for people."""
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        today = local.date()
        words = ""
        for day, since in ((today, minute), (today - timedelta(days=1), minute + DAY)):
            windows, rule = self._of(day)
            held = next((window for window in windows if window.holds(since)), None)
            if held is not None:
                return True, f"{rule} {held}"
            words = words or rule
        return False, f"{words} 不在服务时间"

    def holiday(self, at: datetime) -> str | None:
        """Return the name of the holiday that a moment falls on, unless that day is worked."""
        today = at.astimezone(self.zone).date()
        if today in self.workdays:
            return None
        days = (one.name for one in self.holidays if one.first <= today <= one.last)
        return next(days, None)

    def answer(self, at: datetime) -> tuple[str, str]:
        """Return `open`, `closed` or the holiday that closes, and the rule in words."""
        is_open, rule = self.is_open(at)
        return ("open" if is_open else self.holiday(at) or "closed"), rule

    def _of(self, day: date) -> tuple[tuple[Window, ...], str]:
        """Return a day's windows, and what made them so: make-up day, holiday, weekday."""
        made_up = self.workdays.get(day)
        if made_up is not None:
            return self.week[made_up.weekday], f"{day} {made_up.name}{made_up.source}"
        for holiday in self.holidays:
            if holiday.first <= day <= holiday.last:
                return (), f"{day} {holiday.name}{holiday.source}"
        return self.week[day.weekday()], WEEKDAYS[day.weekday()]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
