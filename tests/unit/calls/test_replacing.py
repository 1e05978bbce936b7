"""`replaced` is `dataclasses.replace`, sooner done."""

from dataclasses import dataclass, replace

import pytest

from calls.replacing import replaced


@dataclass(frozen=True, slots=True)
class Point:
    name: str
    x: float = 0.0
    y: float = 0.0

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError("left of everything")


def test_other_parts_are_kept_and_the_first_value_stays() -> None:
    point = Point("here", 1.0, 2.0)
    assert replaced(point, y=3.0, name="there") == replace(point, y=3.0, name="there")
    assert replaced(point) == point == Point("here", 1.0, 2.0)


def test_what_the_value_checks_of_itself_is_checked_again() -> None:
    with pytest.raises(ValueError, match="left of everything"):
        replaced(Point("here"), x=-1.0)


def test_a_part_that_there_is_not_is_refused() -> None:
    with pytest.raises(TypeError, match="Point has no z"):
        replaced(Point("here"), z=1.0)
