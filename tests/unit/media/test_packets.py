"""RTP, RTCP, and the numbers that wrap."""

import random
import struct

import pytest

from media import rtcp, rtp
from media.serial import TIMESTAMPS, ahead, newer


def test_numbers_are_compared_across_their_wrap() -> None:
    assert newer(0, 65535) and not newer(65535, 0)
    assert not newer(5, 5) and not newer(32768, 0)
    assert ahead(3, 65533) == 6 and ahead(65533, 3) == -6
    assert ahead(0, TIMESTAMPS - 160, TIMESTAMPS) == 160


def test_a_packet_is_read_as_it_was_written() -> None:
    packet = rtp.Packet(8, True, 65535, 2**32 - 1, 0xDEADBEEF, b"voice")
    assert rtp.parse(bytes(packet)) == packet


def test_extension_padding_and_contributors_are_skipped() -> None:
    head = struct.pack("!BBHII", 0x80 | 0x20 | 0x10 | 2, 8, 1, 2, 3) + bytes(8)
    datagram = head + struct.pack("!HH", 0xBEDE, 1) + bytes(4) + b"voice" + b"\0\0\x03"
    assert rtp.parse(datagram).payload == b"voice"


@pytest.mark.parametrize(
    ("what", "datagram"),
    [
        ("nothing", b""),
        ("eleven octets", b"\x80" + bytes(10)),
        ("version 1", b"\x40" + bytes(11)),
        ("RTCP", b"\x80\xc8" + bytes(26)),
        ("contributors that are not there", b"\x8f\x08" + bytes(10)),
        ("an extension that is not there", b"\x90\x08" + bytes(10)),
        ("an extension without end", b"\x90\x08" + bytes(10) + b"\xbe\xde\xff\xff"),
        ("padding of none", b"\xa0\x08" + bytes(12)),
        ("padding longer than all", b"\xa0\x08" + bytes(10) + b"\xff"),
        ("a payload too large", b"\x80\x08" + bytes(10) + bytes(1281)),
    ],
)
def test_garbage_is_malformed(what: str, datagram: bytes) -> None:
    with pytest.raises(rtp.Malformed):
        rtp.parse(datagram)


def test_no_datagram_does_anything_worse_than_malformed() -> None:
    chance = random.Random(12345)
    for _ in range(3000):
        datagram = chance.randbytes(chance.randrange(64))
        for parse, fault in ((rtp.parse, rtp.Malformed), (rtcp.parse, rtcp.Malformed)):
            try:
                parse(b"\x80" + datagram if chance.random() < 0.5 else datagram)
            except fault:
                continue


def received(sequences: list[int]) -> rtp.Reception:
    reception = rtp.Reception()
    for n, sequence in enumerate(sequences):
        reception.take(7, sequence % 65536, n * 160, n * 0.02)
    return reception


def test_loss_is_counted_across_the_wrap() -> None:
    reception = received([65533, 65534, 65536 + 1, 65536 + 2])
    assert (reception.received, reception.lost, reception.expected) == (4, 2, 6)
    assert reception.highest == 65536 + 2


def test_disorder_is_no_loss_and_doubles_do_not_hide_one_below_zero() -> None:
    assert received([1, 3, 2, 4]).lost == 0
    assert received([1, 1, 1, 2]).lost == 0


def test_a_new_source_begins_new_numbers_and_the_totals_go_on() -> None:
    reception = received([10, 12])
    assert reception.take(8, 40000, 5, 1.0)
    assert not reception.take(8, 40001, 165, 1.02)
    assert (reception.received, reception.lost) == (4, 1)


def test_a_jump_of_numbers_begins_a_new_source() -> None:
    reception = received([10, 11])
    assert reception.take(7, 30000, 320, 0.04)
    assert reception.lost == 0


def test_even_packets_have_no_jitter_and_uneven_ones_have() -> None:
    even, uneven = rtp.Reception(), rtp.Reception()
    for n in range(500):
        even.take(7, n, n * 160, 10 + n * 0.02)
        uneven.take(7, n, n * 160, 10 + n * 0.02 + (0.01 if n % 2 else 0.0))
    assert even.jitter < 0.01
    assert uneven.jitter == pytest.approx(80, rel=0.01)  # 10 ms in timestamp units


def test_a_timestamp_that_wraps_is_no_jitter() -> None:
    reception = rtp.Reception()
    for n in range(10):
        reception.take(7, n, (TIMESTAMPS - 800 + n * 160) % TIMESTAMPS, n * 0.02)
    assert reception.jitter < 0.01


def test_the_fraction_lost_is_that_since_the_last_report() -> None:
    reception = received([1, 2, 4, 5])
    assert reception.fraction_lost() == 256 // 5
    assert reception.fraction_lost() == 0


BLOCK = rtcp.Block(77, 12, -3, 65540, 9, 0x12345678, 65536)
SENT = rtcp.Sent(1790000000.5, 160, 3, 480)


@pytest.mark.parametrize(
    "report",
    [
        rtcp.Report(5, SENT, (BLOCK,)),
        rtcp.Report(5, SENT, ()),
        rtcp.Report(5, None, (BLOCK, BLOCK)),
    ],
)
def test_a_report_is_read_as_it_was_written(report: rtcp.Report) -> None:
    assert rtcp.parse(rtcp.build(report, "name")) == [report]


def test_a_report_carries_its_name_in_whole_words_and_may_say_goodbye() -> None:
    for name in ("", "a", "abc", "x" * 300):
        datagram = rtcp.build(rtcp.Report(5, None, ()), name, bye=True)
        assert len(datagram) % 4 == 0
        assert rtcp.parse(datagram) == [rtcp.Report(5, None, ()), rtcp.Goodbye(5)]


@pytest.mark.parametrize(
    "datagram", [b"", b"\x80", b"\x00\xc8\0\0", b"\x80\xc8\0\xff", b"\x81\xc9\0\1\0\0\0\5"]
)
def test_a_broken_report_is_malformed(datagram: bytes) -> None:
    with pytest.raises(rtcp.Malformed):
        rtcp.parse(datagram)


def test_the_time_of_a_report_is_that_of_ntp() -> None:
    assert rtcp.ntp(0.5) == (2208988800, 1 << 31)
    assert rtcp.middle(0.5) == (2208988800 & 0xFFFF) << 16 | 0x8000
