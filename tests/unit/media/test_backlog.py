"""What is put off comes out as it would have at once."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.ids import LegId
from media import commands as c
from media import rtp
from media.hot import MOST
from media.jitter import WINDOW, JitterBuffer
from media.recording import Channel
from media.sending import Numbers
from media.session import Session

PEER = ("10.0.0.1", 4000)


class Both:
    """Two sessions that get the same packets at the same time, one of them put off."""

    def __init__(self) -> None:
        self.now, self.events = 100.0, [[], []]  # type: ignore[var-annotated]
        self.patient, self.prompt = (
            Session(LegId("leg"), Numbers(1, 2, 3), events) for events in self.events
        )
        self.channels = Channel("PCMA"), Channel("PCMA")
        for session, channel in zip((self.patient, self.prompt), self.channels, strict=True):
            session.connect(c.ConnectLeg(LegId("leg"), "PCMA", 101, *PEER, True, True), self.now)
            session.hearing.record(channel)

    def receive(self, packet: rtp.Packet) -> None:
        datagram = bytes(packet)
        if self.patient.latch.peer is None:
            self.patient.receive(datagram, PEER, self.now)
        else:
            self.patient.receive_known(bytearray(datagram), self.now)
        self.prompt.receive(datagram, PEER, self.now)

    def tick(self) -> None:
        self.now += 0.02
        self.patient.tick(self.now)
        self.prompt.tick(self.now)
        self.prompt.catch_up()

    def figures(self) -> list[tuple[int, int, float]]:
        sessions = (self.patient, self.prompt)
        for session in sessions:
            session.catch_up()
        took = [session.reception for session in sessions]
        return [(t.received, t.lost, pytest.approx(t.jitter)) for t in took]  # type: ignore[misc]


def voice(number: int, first: int = 65500, kind: int = 8, ssrc: int = 7) -> rtp.Packet:
    payload = bytes([number % 251]) * 160
    timestamp = (2**32 - 3000 + number * 160) % 2**32
    return rtp.Packet(kind, False, (first + number) % 65536, timestamp, ssrc, payload)


def test_an_even_stream_is_recorded_and_counted_alike_at_once_and_later() -> None:
    both = Both()
    for n in range(500):
        both.receive(voice(n))
        both.tick()
    first, second = both.figures()
    assert first == second and first[0] == 500
    assert both.channels[0].frames == both.channels[1].frames
    assert len(both.channels[0].frames) == 500


def test_the_even_stream_goes_through_whole_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = []
    row = JitterBuffer.row
    monkeypatch.setattr(JitterBuffer, "row", lambda *given: rows.append(row(*given)) or rows[-1])
    both = Both()
    for n in range(4 * MOST):
        both.receive(voice(n, first=10))
        both.tick()
    assert sum(len(frames) for frames in rows if frames) >= 2 * MOST


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), late=st.integers(0, 4), loss=st.sampled_from([0, 0, 0.02, 0.2]))
def test_whatever_comes_the_outcome_is_that_of_taking_each_at_once(
    seed: int, late: int, loss: float
) -> None:
    chance, both = random.Random(seed), Both()
    due: dict[int, list[rtp.Packet]] = {}
    for n in range(WINDOW * 2):
        if chance.random() < loss:
            continue
        kind, ssrc = chance.choice([8] * 200 + [13]), 7 if n < WINDOW * 1.5 else 8
        for _ in range(chance.choice([1] * 60 + [2])):
            due.setdefault(n + chance.randint(0, late), []).append(voice(n, kind=kind, ssrc=ssrc))
    for n in range(WINDOW * 2):
        for packet in due.get(n, ()):
            both.receive(packet)
        both.tick()
        if chance.random() < 0.02:
            both.patient.catch_up()
    first, second = both.figures()
    assert first == second
    assert len(both.channels[0].frames) == len(both.channels[1].frames) == WINDOW * 2
    if not any(session.hearing.jitter.dropped for session in (both.patient, both.prompt)):
        assert both.channels[0].frames == both.channels[1].frames


def test_what_waits_is_heard_before_a_tap_begins_and_a_bridge_joins() -> None:
    both = Both()
    for n in range(10):
        both.receive(voice(n))
        both.tick()
    assert len(both.channels[0].frames) < 10
    both.patient.hearing.tap(True)
    assert both.channels[0].frames == both.channels[1].frames
    other = Session(LegId("other"), Numbers(4, 5, 6), [])
    both.patient.hearing.tap(False)
    for n in range(10, 20):
        both.receive(voice(n))
        both.tick()
    both.patient.bridge(other)
    assert both.channels[0].frames == both.channels[1].frames
