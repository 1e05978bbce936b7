import pytest

from queueing.ewt import expected_wait, never_rising, running_mean


def test_nobody_knows_how_long_when_nobody_is_there() -> None:
    assert expected_wait(3, 240.0, 0) is None


def test_the_wait_grows_with_those_ahead_and_shrinks_with_staff() -> None:
    assert expected_wait(0, 240.0, 4) == 60.0
    assert expected_wait(3, 240.0, 4) == 240.0
    assert expected_wait(3, 240.0, 8) == 120.0


@pytest.mark.parametrize(
    ("before", "estimate", "told"),
    [
        (None, 90.0, 90.0),
        (90.0, 60.0, 60.0),
        (60.0, 300.0, 60.0),
        (60.0, None, None),
        (None, None, None),
    ],
)
def test_a_caller_is_never_told_a_longer_wait(
    before: float | None, estimate: float | None, told: float | None
) -> None:
    assert never_rising(before, estimate) == told


def test_one_long_call_moves_the_mean_a_little() -> None:
    assert running_mean(200.0, 300.0) == pytest.approx(210.0)
