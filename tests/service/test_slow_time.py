"""The clock that tests of sound fall back on: worker and phones in time that goes slower."""

import time

import pytest

from media import commands as c
from tests.helpers.media_phones import Phone, Worker, strength, talk, tone
from tests.helpers.slow_time import Pace


def test_in_slower_time_a_voice_is_as_whole_and_takes_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Pace, "slowness", 3)
    worker, began = Worker(), time.monotonic()
    try:
        left, right = Phone(worker, "l").connect(), Phone(worker, "r").connect()
        worker.send(c.Bridge(left.leg, right.leg))
        left.say(tone(440, 0.6))
        talk([left, right], 0.8)
    finally:
        worker.end()
    assert time.monotonic() - began >= 3 * 0.8
    heard = right.heard()
    assert strength(heard[-8000:-3200], 440) > 6000
