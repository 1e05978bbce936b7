"""Bridged packets that need no change go straight on, with the outcome of the long way."""

from random import Random

import pytest

from calls.ids import LegId
from media import commands as c
from media import g711, rtp
from media.sending import Numbers
from media.session import Session

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


@pytest.mark.parametrize("seed", range(4))
def test_what_goes_straight_on_is_what_the_long_way_makes_of_it(seed: int) -> None:
    (short, after), (long, other) = bridged(), bridged()
    packets = stream(Random(seed))
    for session in (short, long):
        session.receive(packets[0], PEER, 0.0)
    for n, packet in enumerate(packets[1:]):
        now = 0.02 * n
        assert short.receive_known(packet, now) == long.receive(packet, PEER, now)
    assert (after.sent, after.report(999.0)) == (other.sent, other.report(999.0))
    assert short.report(999.0) == long.report(999.0)


def test_a_long_talk_goes_on_without_a_seam_when_the_numbers_wrap() -> None:
    left, _ = bridged()
    left.receive(bytes(rtp.Packet(8, False, 0, 0, 7, bytes(160))), PEER, 0.0)
    numbers = []
    for n in range(1, 140_000):
        packet = bytes(rtp.Packet(8, False, n % 65536, n * 160 % 2**32, 7, bytes(160)))
        sent = left.receive_known(packet, 0.02 * n)
        assert sent is not None
        numbers.append(rtp.parse(sent).sequence)
    assert numbers == [(numbers[0] + n) % 65536 for n in range(len(numbers))]


def test_nothing_goes_straight_on_while_the_partner_hears_a_prompt() -> None:
    left, right = bridged()
    for n in range(3):
        left.receive(bytes(rtp.Packet(8, False, n, n * 160, 7, bytes(160))), PEER, 0.0)
    right.play(1, iter([bytes(160)]))
    packets = [bytes(rtp.Packet(8, False, n, n * 160, 7, bytes(160))) for n in range(3, 5)]
    assert left.receive_known(packets[0], 0.06) is None
    right.tick(0.06)
    right.tick(0.08)  # the prompt is over
    again = left.receive_known(packets[1], 0.08)
    assert again is not None and rtp.parse(again).marker, "and then with a mark"
