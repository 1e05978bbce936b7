"""Packets of other lengths than 20 ms leave on an even grid; keys take their time."""

from itertools import pairwise

import pytest

from media import dtmf, pressing
from media.packing import Packer


def leaving(ptime: int, ticks: int) -> list[tuple[int, bytes]]:
    """Return each packet with the millisecond that it leaves at."""
    packer, left = Packer(ptime), []
    for tick in range(ticks):
        frame = bytes([tick % 256]) * 160
        steps = [(20 * tick, packer.step(frame))]
        if packer.split:
            steps.append((20 * tick + 10, packer.step()))
        left += [(at, packed[0]) for at, packed in steps if packed is not None]
    return left


@pytest.mark.parametrize("ptime", [10, 30, 40, 50, 60])
def test_packets_leave_evenly_and_hold_all_that_was_given(ptime: int) -> None:
    left = leaving(ptime, 60)
    assert {after - before for (before, _), (after, _) in pairwise(left)} == {ptime}
    whole = b"".join(bytes([tick]) * 160 for tick in range(60))
    sent = b"".join(packet for _, packet in left)
    assert whole.startswith(sent) and len(whole) - len(sent) < 8 * (ptime + 20)


def test_an_interrupted_stream_begins_anew() -> None:
    packer = Packer(40)
    assert packer.step(b"a" * 160) is None
    packer.clear()
    assert packer.step(b"b" * 160) is None
    assert packer.step(b"c" * 160) == (b"b" * 160 + b"c" * 160, 0)


def test_a_press_lasts_100_ms_and_says_its_end_three_times() -> None:
    steps = list(pressing.pressed("a?"))
    assert [step is None for step in steps] == [False] * 7 + [True] * 3
    events = [dtmf.parse(step[1]) for step in steps if step is not None]
    assert [event.end for event in events if event] == [False] * 4 + [True] * 3
    assert {event.key for event in events if event} == {"A"}
    assert [step[0] for step in steps if step is not None] == list(range(7))
