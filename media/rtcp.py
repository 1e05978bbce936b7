"""RTCP: what we tell a peer of a stream, and what the peer tells us (RFC 3550 §6)."""

import struct
from dataclasses import dataclass

INTERVAL = 5.0
"""Seconds between reports: the least that §6.2 recommends."""
SENDER, RECEIVER, SOURCE, BYE = 200, 201, 202, 203
NTP_EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970."""

_HEAD = struct.Struct("!BBHI")
_SENDER = struct.Struct("!IIIII")
_BLOCK = struct.Struct("!IIIIII")


class Malformed(ValueError):
    """Not an RTCP packet."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What the sender of a report has sent (§6.4.1)."""

    at: float
    """UTC seconds."""
    timestamp: int
    packets: int
    octets: int


@dataclass(frozen=True, slots=True)
class Block:
    """What the sender of a report has received from one source."""

    ssrc: int
    fraction_lost: int
    """In 1/256, since the report before."""
    lost: int
    highest: int
    jitter: int
    """In timestamp units."""
    last_report: int = 0
    """Middle 32 bits of the NTP time of the last sender report, 0 for none."""
    delay: int = 0
    """Since that report came, in 1/65536 s."""


@dataclass(frozen=True, slots=True)
class Report:
    """A sender report if `sent` is there, else a receiver report."""

    ssrc: int
    sent: Sent | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The source leaves."""

    ssrc: int


def _packet(count: int, kind: int, ssrc: int, rest: bytes) -> bytes:
    return _HEAD.pack(0x80 | count, kind, 1 + len(rest) // 4, ssrc) + rest


def ntp(at: float) -> tuple[int, int]:
    """Return UTC seconds as seconds since 1900 and 1/2³² s."""
    whole = int(at)
    return (whole + NTP_EPOCH) & 0xFFFFFFFF, int((at - whole) * 4294967296) & 0xFFFFFFFF


def middle(at: float) -> int:
    """Return the middle 32 bits of a time as NTP writes it."""
    seconds, part = ntp(at)
    return (seconds & 0xFFFF) << 16 | part >> 16


def build(report: Report, name: str, *, bye: bool = False) -> bytes:
    """Return a compound packet: report, source description with CNAME (§6.1), perhaps BYE."""
    blocks = b"".join(
        _BLOCK.pack(
            b.ssrc,
            (b.fraction_lost & 0xFF) << 24 | max(-0x800000, min(b.lost, 0x7FFFFF)) & 0xFFFFFF,
            *(b.highest, b.jitter & 0xFFFFFFFF, b.last_report, b.delay & 0xFFFFFFFF),
        )
        for b in report.blocks
    )
    if report.sent is None:
        packet = _packet(len(report.blocks), RECEIVER, report.ssrc, blocks)
    else:
        s = report.sent
        head = _SENDER.pack(*ntp(s.at), s.timestamp, s.packets & 0xFFFFFFFF, s.octets & 0xFFFFFFFF)
        packet = _packet(len(report.blocks), SENDER, report.ssrc, head + blocks)
    text = name.encode()[:255]
    item = bytes((1, len(text))) + text + b"\0"
    item += bytes(-len(item) % 4)
    packet += _packet(1, SOURCE, report.ssrc, item)
    return packet + _packet(1, BYE, report.ssrc, b"") if bye else packet


def parse(datagram: bytes) -> list[Report | Goodbye]:
    """Read a compound packet; kinds that we do not need are skipped."""
    found: list[Report | Goodbye] = []
    at = 0
    while at < len(datagram):
        if len(datagram) - at < 4 or datagram[at] >> 6 != 2:
            raise Malformed("not RTCP")
        count, kind = datagram[at] & 0x1F, datagram[at + 1]
        end = at + 4 + 4 * int.from_bytes(datagram[at + 2 : at + 4], "big")
        if end > len(datagram):
            raise Malformed("cut short")
        try:
            found += _read(kind, count, datagram[at:end])
        except struct.error as error:
            raise Malformed(str(error)) from None
        at = end
    if not found:
        raise Malformed("no report")
    return found


def _read(kind: int, count: int, packet: bytes) -> list[Report | Goodbye]:
    if kind == BYE:
        return [Goodbye(*struct.unpack_from("!I", packet, 4 + 4 * n)) for n in range(count)]
    if kind not in (SENDER, RECEIVER):
        return []
    (ssrc,) = struct.unpack_from("!I", packet, 4)
    sent, at = None, 8
    if kind == SENDER:
        seconds, part, timestamp, packets, octets = _SENDER.unpack_from(packet, at)
        sent = Sent(seconds - NTP_EPOCH + part / 4294967296, timestamp, packets, octets)
        at += _SENDER.size
    blocks = tuple(_block(packet, at + n * _BLOCK.size) for n in range(count))
    return [Report(ssrc, sent, blocks)]


def _block(packet: bytes, at: int) -> Block:
    ssrc, loss, highest, jitter, last_report, delay = _BLOCK.unpack_from(packet, at)
    lost = loss & 0xFFFFFF
    lost -= 0x1000000 if lost & 0x800000 else 0
    return Block(ssrc, loss >> 24, lost, highest, jitter, last_report, delay)
