"""A sender whose clock is one per cent off, for ten minutes, on exact time."""

from itertools import pairwise

import pytest

from calls.ids import LegId
from media import commands as c
from media import g711, rtp
from media.concealing import STEP
from media.jitter import MOST
from media.recording import Recording
from media.sending import Numbers
from media.session import Session

PEER = ("192.0.2.1", 4000)
TEN_MINUTES = 30_000
"""Ticks of 20 ms."""
REST = b"\x2a" * 158


def numbered(n: int) -> bytes:
    """Return a frame that says which it is."""
    return REST + bytes((n // 200, n % 200))


def number(frame: bytes) -> int | None:
    """Return which frame it is; None for what fills the place of a missing one."""
    plain = frame[STEP:-2] == REST[STEP:] and frame[-2:] != REST[:2]
    return frame[-2] * 200 + frame[-1] if plain else None


def recorded(pace: float) -> list[int | None]:
    """Return which frame each 20 ms of a recording have, of a sender with a pace of its own."""
    leg = LegId("caller")
    session = Session(leg, Numbers(1, 1, 1), [])
    session.connect(c.ConnectLeg(leg, "PCMA", None, *PEER, True, True), 0.0)
    recording = Recording("PCMA")
    session.hearing.record(recording.left)
    sent = 0
    for tick in range(TEN_MINUTES):
        while (sent + 0.5) * pace <= tick:
            packet = bytes(rtp.Packet(8, False, sent % 65536, sent * g711.FRAME, 7, numbered(sent)))
            if sent:
                session.receive_known(bytearray(packet), tick * 0.02)
            else:
                session.receive(packet, PEER, tick * 0.02)
            sent += 1
        session.tick(tick * 0.02)
    session.catch_up()
    return [number(frame) for frame in recording.left.frames]


@pytest.mark.parametrize("pace", [0.99, 1.01])
def test_ten_minutes_of_a_clock_one_per_cent_off_are_recorded_without_growing_delay(
    pace: float,
) -> None:
    heard = recorded(pace)
    assert len(heard) == TEN_MINUTES, "the recording is as long as the time that passed"
    delays = [tick - (n + 0.5) * pace for tick, n in enumerate(heard) if n is not None]
    assert min(delays[100:]) >= 0 and max(delays) <= MOST + 2
    said = [n for n in heard if n is not None]
    assert said == sorted(set(said)), "in order, and none twice"
    left_out = [b - a - 1 for a, b in pairwise(said)]
    holes = [n is None for n in heard[5:]]
    assert max(left_out) <= 1, "never two frames together"
    assert not any(a and b for a, b in pairwise(holes))
    corrections = sum(left_out) + sum(holes)
    assert 280 <= corrections <= 310, "one frame in a hundred, no more than the clocks differ"
