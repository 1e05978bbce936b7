"""Sound that waits: in order, bounded, with true times."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.backlog import Backlog
from asr.recogniser import RATE, SAMPLE

SECOND = RATE * SAMPLE


def test_sound_leaves_in_the_order_in_which_it_came() -> None:
    backlog = Backlog(60.0, offset=5.0)
    backlog.add(b"a" * SECOND)
    backlog.add(b"b" * SECOND)
    first, second = backlog.take(1.5), backlog.take(1.5)
    assert first is not None and second is not None
    assert first.pcm == b"a" * SECOND + b"b" * (SECOND // 2)
    assert second.pcm == b"b" * (SECOND // 2)
    assert (first.at, second.at) == (5.0, 6.5)
    assert backlog.take(1.5) is None


def test_the_oldest_goes_when_too_much_waits_and_the_times_stay_true() -> None:
    backlog = Backlog(2.0, offset=10.0)
    for letter in b"abcde":
        backlog.add(bytes([letter]) * SECOND)
    piece = backlog.take(10.0)
    assert piece is not None
    assert piece.pcm == b"d" * SECOND + b"e" * SECOND
    assert piece.at == 13.0
    assert backlog.dropped == 3.0


def test_half_a_sample_waits_for_its_other_half() -> None:
    backlog = Backlog(60.0, offset=0.0)
    backlog.add(b"\x01")
    assert backlog.take(1.0) is None
    backlog.add(b"\x02\x03")
    piece = backlog.take(1.0)
    assert piece is not None and piece.pcm == b"\x01\x02"
    assert len(backlog) == 1


@given(
    st.lists(st.integers(0, 3 * SECOND), max_size=12),
    st.floats(0.1, 3.0),
)
def test_nothing_is_lost_without_being_counted(sizes: list[int], limit: float) -> None:
    backlog = Backlog(limit, offset=0.0)
    for size in sizes:
        backlog.add(bytes(size))
        assert backlog.seconds <= limit
    taken = 0
    while (piece := backlog.take(0.7)) is not None:
        assert len(piece.pcm) % SAMPLE == 0
        assert piece.at * SECOND == pytest.approx(taken + backlog.dropped * SECOND)
        taken += len(piece.pcm)
    assert taken + backlog.dropped * SECOND + len(backlog) == pytest.approx(sum(sizes))
