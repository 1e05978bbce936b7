"""Numbers of orders: short, of figures only, and hard to mistake for another."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.order_number import check_figure, day, day_of, is_order_number, order_number

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31)).map(lambda d: f"{d:%y%m%d}")
PLACES = st.integers(1, 120_000)


def test_a_number_is_the_day_the_place_and_a_check_figure() -> None:
    number = order_number("261122", 17)
    assert number[:-1] == "26112200017"
    assert len(number) == 12
    assert day(number) == date(2026, 11, 22)


def test_the_check_figure_is_that_of_iso_7064() -> None:
    """ISO/IEC 7064 gives 0794 as an example for MOD 11,10: 5 belongs behind it."""
    assert check_figure("0794") == "5"


def test_the_day_is_the_citys_and_not_that_of_greenwich() -> None:
    assert day_of(1_795_364_400.0) == "261123"  # 00:20 in the city, the 22nd in UTC


@given(DAYS, PLACES)
def test_every_number_is_one_and_is_read_back(of: str, place: int) -> None:
    number = order_number(of, place)
    assert is_order_number(number)
    assert number.startswith(of)


@given(DAYS, PLACES, st.data())
def test_one_wrong_figure_is_told(of: str, place: int, data: st.DataObject) -> None:
    number = order_number(of, place)
    at = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([f for f in "0123456789" if f != number[at]]))
    assert not is_order_number(number[:at] + other + number[at + 1 :])


@given(DAYS, st.integers(1, 99_999), st.integers(1, 99_999))
def test_two_places_never_share_a_number(of: str, one: int, other: int) -> None:
    assert (order_number(of, one) == order_number(of, other)) is (one == other)


@pytest.mark.parametrize(
    "typed", ["", "1", "13900000000", "２６１１２２０００１７３", "99" * 6, "26112200017 "]
)
def test_other_figures_are_no_number(typed: str) -> None:
    assert not is_order_number(typed)


def test_a_day_that_does_not_exist_is_no_number() -> None:
    figures = "26023000017"
    assert not is_order_number(figures + check_figure(figures))
