"""Hours as they stand in hours.yaml, and the making of `ivr.hours` values of them."""

from collections.abc import Mapping
from typing import Literal

from pydantic import model_validator

from config.national_days import national
from config.values import Day, HoursName, Settings, Span, Text, Zone, fault
from ivr.hours import Holiday, Hours, Window, Workday


class HolidaySettings(Settings):
    """Days off, the first and the last included."""

    first: Day
    last: Day
    name: Text

    @model_validator(mode="after")
    def _ordered(self) -> "HolidaySettings":
        if self.last < self.first:
            raise fault("last 早于 first", "last is before first", "last")
        return self


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WeekdayKey = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "mon-fri", "sat-sun"]


class WorkdaySettings(Settings):
    """A day that is worked like another weekday (调休)."""

    day: Day
    like: Weekday
    name: Text


class Calendar(Settings):
    """Holidays and make-up workdays, as published each year."""

    id: str
    country: Literal["china"] | None = None
    """Whose public holidays and make-up workdays hold too, as far as they are published; what
    is written here goes before them. Empty: only what is written here."""
    make_up_like: Weekday = "mon"
    """Whose hours hold on a published make-up workday that `workdays` does not name."""
    holidays: tuple[HolidaySettings, ...] = ()
    workdays: tuple[WorkdaySettings, ...] = ()


class HoursSettings(Settings):
    """When a service is open."""

    id: HoursName
    zone: Zone
    week: dict[WeekdayKey, tuple[Span, ...]]
    """A day that is not named is closed."""
    calendar: Text | None = None

    @model_validator(mode="after")
    def _once(self) -> "HoursSettings":
        named = [day for key in self.week for day in weekdays(key)]
        twice = next((day for day in named if named.count(day) > 1), None)
        if twice is not None:
            raise fault(f"{twice} 写了两次", f"{twice} is given twice", "week")
        return self


def weekdays(key: WeekdayKey) -> tuple[Weekday, ...]:
    """Return the days that a key such as `mon-fri` stands for."""
    first, _, last = key.partition("-")
    begin, end = (WEEKDAYS.index(day) for day in (first, last or first))
    return WEEKDAYS[begin : end + 1]


def hours_of(settings: HoursSettings, calendars: Mapping[str, Calendar]) -> Hours:
    """Make hours of a week and the calendar that it names."""
    week: dict[str, tuple[Window, ...]] = {}
    for key, windows in settings.week.items():
        week |= dict.fromkeys(weekdays(key), windows)
    calendar = calendars.get(settings.calendar or "", Calendar(id=""))
    own_days = tuple(Holiday(h.first, h.last, h.name) for h in calendar.holidays)
    own_work = {w.day: Workday(w.day, WEEKDAYS.index(w.like), w.name) for w in calendar.workdays}
    holidays, workdays = own_days, own_work
    if calendar.country is not None:
        published = national(WEEKDAYS.index(calendar.make_up_like))
        taken = {*own_work, *(day for one in own_days for day in one.days())}
        holidays = (*own_days, *(one for one in published.holidays if one.first not in taken))
        made_up = {day: one for day, one in published.workdays.items() if day not in taken}
        workdays = {**made_up, **own_work}
    return Hours(settings.zone, tuple(week.get(day, ()) for day in WEEKDAYS), holidays, workdays)
