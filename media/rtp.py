"""RTP packets and what a receiver counts (RFC 3550 §5.1, §6.4.1, appendix A)."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from media.serial import SEQUENCES, TIMESTAMPS

VERSION = 0x80
"""First octet of a packet without padding, extension or contributing sources."""
MARKER = 0x80
HEADER = struct.Struct("!BBHII")
"""First octet, marker and payload type, sequence number, timestamp, SSRC."""
LARGEST = 1280
"""Octets of payload that we take: 160 ms of G.711."""


FAR = 80000
"""Timestamp units (ten seconds) that mean no delay: the timestamp wrapped or jumped."""


class Malformed(ValueError):
    """Not an RTP packet."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet, as far as we need it."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes

    def __bytes__(self) -> bytes:
        kind = self.payload_type | (MARKER if self.marker else 0)
        head = HEADER.pack(VERSION, kind, self.sequence, self.timestamp, self.ssrc)
        return head + self.payload


def parse(datagram: bytes) -> Packet:
    """Read a datagram; extension, padding and contributing sources are skipped."""
    if len(datagram) < HEADER.size:
        raise Malformed("shorter than a header")
    first, kind, sequence, timestamp, ssrc = HEADER.unpack_from(datagram)
    if first >> 6 != 2:
        raise Malformed(f"version {first >> 6}")
    if 192 <= kind <= 223:  # RTCP on this port (RFC 5761 §4)
        raise Malformed(f"RTCP type {kind}")
    begin = HEADER.size + 4 * (first & 0x0F)
    if first & 0x10:
        begin += _extension(datagram, begin)
    end = len(datagram)
    if first & 0x20:
        end -= datagram[-1]
    if begin > end or (first & 0x20 and not datagram[-1]):
        raise Malformed("cut short")
    if end - begin > LARGEST:
        raise Malformed(f"{end - begin} octets of payload")
    return Packet(kind & 0x7F, kind >= MARKER, sequence, timestamp, ssrc, datagram[begin:end])


def _extension(datagram: bytes, begin: int) -> int:
    """Return the octets that a header extension takes (§5.3.1)."""
    if len(datagram) < begin + 4:
        raise Malformed("cut short")
    return 4 + 4 * int.from_bytes(datagram[begin + 2 : begin + 4], "big")


def is_report(datagram: bytes) -> bool:
    """Tell whether a datagram on a shared port is RTCP (RFC 5761 §4)."""
    return len(datagram) > 1 and 192 <= datagram[1] <= 223


@dataclass(frozen=True, slots=True)
class Row:
    """Packets of 20 ms that followed each other without a gap."""

    count: int
    heard: float
    """When the last came."""
    jitter: float
    """Until then."""


class Reception:
    """What came from one source: how much, how much is missing, how unevenly.

    A jump of more than `JUMP` packets, or a new SSRC, begins a new source; the
    totals go on. Deviation from appendix A.1: a source is believed at its first
    packet, since a caller who has just spoken should be heard at once.
    """

    JUMP = 3000  # MAX_DROPOUT of A.1: one minute at 50 packets a second

    __slots__ = (
        "_base",
        "_earlier_expected",
        "_expected_at_report",
        "_highest",
        "_received_at_report",
        "_received_here",
        "_transit",
        "jitter",
        "received",
        "ssrc",
    )

    def __init__(self) -> None:
        self.ssrc: int | None = None
        self.received = 0
        self.jitter = 0.0
        """In timestamp units of 1/8000 s."""
        self._received_here = 0
        self._base = self._highest = 0  # extended sequence numbers
        self._transit: float = 0.0
        self._earlier_expected = 0
        self._expected_at_report = self._received_at_report = 0

    def take(self, ssrc: int, sequence: int, timestamp: int, now: float) -> bool:
        """Count a packet that came at `now`; return whether it begins a new source."""
        step = (sequence - self._highest) % SEQUENCES
        if ssrc != self.ssrc or self.JUMP < step < SEQUENCES - self.JUMP:
            self._begin(ssrc, sequence, timestamp, now)
            return True
        if step < SEQUENCES // 2:
            self._highest += step
        self.received += 1
        transit = now * 8000 - timestamp
        change = abs(transit - self._transit)
        self._transit = transit
        if change < FAR:
            self.jitter += (change - self.jitter) / 16
        return False

    def goes_on(self, ssrc: int, sequence: int) -> bool:
        """Tell whether this is the very next packet of the source."""
        return sequence == (self._highest + 1) % SEQUENCES and ssrc == self.ssrc

    def take_row(self, timestamp: int, times: Sequence[float]) -> None:
        """Count packets of 20 ms that go on, from that timestamp."""
        self._highest += len(times)
        self.received += len(times)
        jitter, before = self.jitter, self._transit
        for now in times:
            transit = now * 8000 - timestamp
            timestamp += 160
            change = abs(transit - before)
            before = transit
            if change < FAR:
                jitter += (change - jitter) / 16
        self.jitter, self._transit = jitter, before

    def follow(self, row: Row, before: float) -> None:
        """Count packets that went on after one that came at `before`."""
        self._highest += row.count
        self.received += row.count
        self._transit += (row.heard - before) * 8000 - row.count * 160
        self.jitter = row.jitter

    def _begin(self, ssrc: int, sequence: int, timestamp: int, now: float) -> None:
        self._earlier_expected = self.expected
        self.ssrc = ssrc
        self._base = self._highest = sequence
        self.received += 1
        self._transit = now * 8000 - timestamp

    @property
    def expected(self) -> int:
        """How many packets were sent to us, judging by the numbers."""
        here = 0 if self.ssrc is None else self._highest - self._base + 1
        return self._earlier_expected + here

    @property
    def lost(self) -> int:
        """How many never came; doubled packets do not make it less than none."""
        return max(0, self.expected - self.received)

    @property
    def highest(self) -> int:
        """The extended highest sequence number (§6.4.1)."""
        return self._highest % TIMESTAMPS

    def fraction_lost(self) -> int:
        """Return the loss since this was last asked, in 1/256 (A.3)."""
        expected = self.expected - self._expected_at_report
        lost = expected - (self.received - self._received_at_report)
        self._expected_at_report, self._received_at_report = self.expected, self.received
        return min(255, 256 * lost // expected) if expected > 0 and lost > 0 else 0
