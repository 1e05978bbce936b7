"""Bridged packets that need no change go straight on, with the outcome of the long way."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.ids import LegId
from media import commands as c
from media import g711, rtp
from media.recording import Channel
from media.sending import Numbers
from media.session import Session
from media.straight import Straight

PEER = ("192.0.2.1", 4000)


def bridged() -> tuple[Session, Session]:
    """Return two legs of one codec that hear each other; the first has heard its peer."""
    pair = []
    for name in ("left", "right"):
        session = Session(LegId(name), Numbers(5, 65000, 2**32 - 5000), [])
        session.connect(c.ConnectLeg(LegId(name), "PCMA", 101, *PEER, True, True), 0.0)
        pair.append(session)
    left, right = pair
    left.bridge(right)
    right.bridge(left)
    return left, right


def stream(chance: Random) -> list[bytes]:
    """Return packets with gaps, doubles, disorder, marks, keys and new sources among them."""
    ssrc, sequence, timestamp, packets = 7, 65000, 2**32 - 9000, []
    for n in range(9000):
        odd = chance.random()
        if odd < 0.002:
            ssrc, sequence = ssrc + 1, chance.randrange(65536)
        step = 1 + (0.002 < odd < 0.01)
        sequence, timestamp = (sequence + step) % 65536, (timestamp + 160 * step) % 2**32
        kind, payload = 8, bytes([n % 256]) * g711.FRAME
        if 0.01 < odd < 0.015:
            kind, payload = 101, b"\5\x0a\x01\x40"
        packets.append(bytes(rtp.Packet(kind, odd > 0.995, sequence, timestamp, ssrc, payload)))
        if 0.015 < odd < 0.02:
            packets.append(packets[-chance.randint(1, 3)])
    return packets


@pytest.mark.parametrize("tapped", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_what_goes_straight_on_is_what_the_long_way_makes_of_it(seed: int, tapped: bool) -> None:
    (short, after), (long, other) = bridged(), bridged()
    packets = stream(Random(seed))
    for session in (short, long):
        session.hearing.tap(tapped)
    for session in (short, long):
        session.receive(packets[0], PEER, 0.0)
    for n, packet in enumerate(packets[1:]):
        now = 0.02 * n
        assert short.receive_known(bytearray(packet), now) == long.receive(packet, PEER, now)
    assert (after.report(999.0), after.sent) == (other.report(999.0), other.sent)
    assert short.report(999.0) == long.report(999.0)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_recorded_of_it_later_is_what_was_heard_at_once(seed: int) -> None:
    (short, _), (long, _) = bridged(), bridged()
    channels = Channel("PCMA"), Channel("PCMA")
    for session, channel in zip((short, long), channels, strict=True):
        session.hearing.record(channel)
    for n, packet in enumerate(stream(Random(seed))[:2000]):
        now = 0.02 * n
        if n:
            short.receive_known(bytearray(packet), now)
        else:
            short.receive(packet, PEER, now)
        long.receive(packet, PEER, now)
        for session in (short, long):
            session.tick(now)
        long.catch_up()
        if n % 45 == 0:
            short.catch_up()
    short.catch_up()
    assert len(channels[0].frames) == len(channels[1].frames) == 2000
    jitters = short.hearing.jitter, long.hearing.jitter
    assert [j.late for j in jitters] == [jitters[0].late] * 2
    if not any(jitter.dropped for jitter in jitters):
        assert channels[0].frames == channels[1].frames


def test_a_tapped_talk_goes_straight_on_and_is_heard_as_it_comes() -> None:
    left, _ = bridged()
    left.hearing.tap(True)
    left.receive(bytes(rtp.Packet(8, False, 0, 0, 7, bytes(160))), PEER, 0.0)
    for n in range(1, 60):
        packet = bytes(rtp.Packet(8, False, n, n * 160, 7, bytes([n]) * 160))
        sent = left.receive_known(bytearray(packet), 0.02 * n)
        assert sent is not None and sent[12:] == packet[12:]
        left.tick(0.02 * n)
    left.hearing.tap(False)
    heard = b"".join(e.pcm for e in left._events if isinstance(e, c.TapAudio))
    assert g711.decode(b"".join(bytes([n]) * 160 for n in range(1, 50)), "PCMA") in heard


def test_silence_is_told_of_by_the_last_packet_that_went_straight_on() -> None:
    left, _ = bridged()
    for n in range(100):
        packet = bytes(rtp.Packet(8, False, n, n * 160, 7, bytes(160)))
        if n:
            left.receive_known(bytearray(packet), 0.02 * n)
        else:
            left.receive(packet, PEER, 0.0)
        left.check_silence(0.02 * n, 1.0, 1.0)
    left.check_silence(2.9, 1.0, 1.0)
    assert not [e for e in left._events if isinstance(e, c.MediaSilent)]
    left.check_silence(3.1, 1.0, 1.0)
    assert [e.seconds for e in left._events if isinstance(e, c.MediaSilent)] == [
        pytest.approx(3.1 - 1.98)
    ]


def test_after_a_row_is_ended_nothing_is_expected_and_nothing_counted_twice() -> None:
    straight = Straight()
    came = bytes(rtp.Packet(8, False, 5, 800, 7, bytes(160)))
    went = bytes(rtp.Packet(8, False, 9, 160, 3, bytes(160)))
    straight.begin((came, went), rtp.Row(0, 1.0, 0.0))
    after = [bytearray(bytes(rtp.Packet(8, False, n, 160 * n, 7, bytes(160)))) for n in (6, 7)]
    assert straight.pass_on(after[0], 1.02)
    assert bytes(after[0]) == bytes(rtp.Packet(8, False, 10, 320, 3, bytes(160)))
    assert straight.end().count == 1
    assert not straight.pass_on(after[1], 1.04)
    assert straight.end().count == 0 and not straight.heard


@given(garbage=st.binary(min_size=172, max_size=172))
def test_what_is_not_expected_never_goes_straight_on_nor_changes(garbage: bytes) -> None:
    packet = bytearray(garbage)
    assert not Straight().pass_on(packet, 0.0) and packet == garbage


def test_a_long_talk_goes_on_without_a_seam_when_the_numbers_wrap() -> None:
    left, _ = bridged()
    left.receive(bytes(rtp.Packet(8, False, 0, 0, 7, bytes(160))), PEER, 0.0)
    numbers = []
    for n in range(1, 140_000):
        packet = bytes(rtp.Packet(8, False, n % 65536, n * 160 % 2**32, 7, bytes(160)))
        sent = left.receive_known(bytearray(packet), 0.02 * n)
        assert sent is not None
        numbers.append(rtp.parse(sent).sequence)
    assert numbers == [(numbers[0] + n) % 65536 for n in range(len(numbers))]


def test_nothing_goes_straight_on_while_the_partner_hears_a_prompt() -> None:
    left, right = bridged()
    for n in range(3):
        left.receive(bytes(rtp.Packet(8, False, n, n * 160, 7, bytes(160))), PEER, 0.0)
    right.play(1, iter([bytes(160)]))
    packets = [bytes(rtp.Packet(8, False, n, n * 160, 7, bytes(160))) for n in range(3, 5)]
    assert left.receive_known(bytearray(packets[0]), 0.06) is None
    right.tick(0.06)
    right.tick(0.08)  # the prompt is over
    again = left.receive_known(bytearray(packets[1]), 0.08)
    assert again is not None and rtp.parse(again).marker, "and then with a mark"
