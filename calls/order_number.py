"""The number of a work order: what a citizen hears, writes down and keys in.

Twelve figures: the day in the city as YYMMDD, the order of that day from 00001 on, and a check
figure (ISO/IEC 7064, MOD 11,10), so that one wrong figure or two that changed places are told
at once instead of leading to somebody else's order. After 99 999 orders of one day, thirteen.
"""

from datetime import UTC, date, datetime, timedelta, timezone

CITY = timezone(timedelta(hours=8))
"""China has one time and no summer time."""
DAY, SEQUENCE = 6, 5
"""Figures of the day, and of the order within it."""
SHORTEST = DAY + SEQUENCE + 1
LONGEST = SHORTEST + 1


def day_of(at: float) -> str:
    """Return the day in the city, YYMMDD, of a moment in UTC seconds."""
    return f"{datetime.fromtimestamp(at, UTC).astimezone(CITY):%y%m%d}"


def order_number(day: str, place: int) -> str:
    """Return the number of an order: `place` counts those of the day from 1 on."""
    figures = f"{day}{place:0{SEQUENCE}}"
    return figures + check_figure(figures)


def is_order_number(typed: str) -> bool:
    """Tell whether figures can be the number of an order."""
    if not (typed.isascii() and typed.isdecimal() and SHORTEST <= len(typed) <= LONGEST):
        return False
    return typed[-1] == check_figure(typed[:-1]) and day(typed) is not None


def day(number: str) -> date | None:
    """Return the day that a number says; None if there is no such day."""
    try:
        return date(2000 + int(number[:2]), int(number[2:4]), int(number[4:DAY]))
    except ValueError:
        return None


def check_figure(figures: str) -> str:
    """Return the figure that belongs behind others."""
    product = 10
    for figure in figures:
        total = (int(figure) + product) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)
