"""Phones of every kind that the worker talks to, and a measure of what they hear."""

import math
import socket
import struct
from base64 import b64encode
from dataclasses import dataclass
from itertools import pairwise

from media import codecs, g711, g722, rtcp, rtp
from media import commands as c
from media.serial import TIMESTAMPS, ahead
from media.srtp import Shield
from tests.helpers.media_phones import Phone, Worker

THEIRS, OURS = bytes(range(30)), bytes(range(100, 130))
"""Master keys with salts: what a phone sends under, and what the worker does."""


@dataclass(frozen=True)
class Kind:
    """What a phone is like."""

    codec: c.CodecName = "PCMA"
    secret: bool = False
    ptime: int = 20
    """Milliseconds of its own packets, and of those that it wants."""
    mux: bool = False
    address: str = "127.0.0.1"


class VoicePhone(Phone):
    """A phone of some kind; `talk` makes it speak and listen."""

    def __init__(self, worker: Worker, name: str, kind: Kind) -> None:
        self.kind = kind
        self.shield = Shield(OURS, THEIRS) if kind.secret else None
        self.refused = 0
        self.reports: list[bytes] = []
        self._rest = b""
        self._clock = 0
        super().__init__(worker, name, "PCMU" if kind.codec == "PCMU" else "PCMA", kind.address)

    def terms(self) -> c.ConnectLeg:
        kind, key = self.kind, lambda octets: b64encode(octets).decode()
        return c.ConnectLeg(
            self.leg,
            kind.codec,
            101,
            kind.address,
            self.end.getsockname()[1],
            True,
            True,
            ptime=kind.ptime,
            mux=kind.mux,
            key_in=key(THEIRS) if kind.secret else None,
            key_out=key(OURS) if kind.secret else None,
        )

    def say(self, pcm: bytes) -> None:
        self.says = iter(codecs.frames(pcm, self.kind.codec))

    def send(self, payload: bytes, kind: int | None = None, timestamp: int | None = None) -> None:
        if kind is not None:
            self.emit(kind, payload, self._clock if timestamp is None else timestamp)
            return
        self._rest += payload
        size = 8 * self.kind.ptime
        while len(self._rest) >= size:
            voice, self._rest = self._rest[:size], self._rest[size:]
            self.emit(codecs.PAYLOAD_TYPES[self.kind.codec], voice, self._clock)
            self._clock += size

    def emit(self, kind: int, payload: bytes, timestamp: int) -> None:
        self.count += 1
        packet: bytes | None = bytes(rtp.Packet(kind, False, self.count, timestamp, 77, payload))
        if self.shield is not None and packet is not None:
            packet = self.shield.seal(packet)
        assert packet is not None
        self.end.sendto(packet, self.to)

    def hear(self, datagram: bytes) -> None:
        if rtp.is_report(datagram):
            report = self.shield.open_report(datagram) if self.shield else datagram
            if report is not None and rtcp.parse(report):
                self.reports.append(report)
            return
        packet = self.shield.open(datagram) if self.shield else datagram
        if packet is None:
            self.refused += 1
        else:
            self.packets.append(rtp.parse(packet))

    def voice(self) -> bytes:
        """Return what was heard as it would be played: PCM16, each packet at its time."""
        kind = codecs.PAYLOAD_TYPES[self.kind.codec]
        packets = [packet for packet in self.packets if packet.payload_type == kind]
        first = packets[0].timestamp
        decoder = g722.Decoder()
        played = bytearray()
        for packet in packets:
            at = 2 * ahead(packet.timestamp, first, TIMESTAMPS)
            assert -16000 < at < 2 * 8000 * 60, "a jump on the timeline"
            pcm = (
                decoder.decode(packet.payload)
                if self.kind.codec == "G722"
                else g711.decode(packet.payload, self.codec)
            )
            played += bytes(max(0, at + len(pcm) - len(played)))
            played[at : at + len(pcm)] = pcm
        return bytes(played)


@dataclass(frozen=True)
class Listened:
    """What a tone came to."""

    level: float
    """In dB, against what was said."""
    purity: float
    """Share of the power that is of its frequency."""
    gap: int
    """Longest silence within it, in milliseconds."""
    seconds: float


def listen(pcm: bytes, hertz: int, loud: int = 8000) -> Listened:
    """Judge the tone in a piece of PCM16, from where it begins to where it ends."""
    samples = struct.unpack(f"<{len(pcm) // 2}h", pcm)
    step = 80  # 10 ms
    energy = [
        math.sqrt(sum(s * s for s in samples[at : at + step]) / step)
        for at in range(0, len(samples) - step + 1, step)
    ]
    heard = [n for n, level in enumerate(energy) if level > loud / 4]
    if not heard:
        return Listened(-99.0, 0.0, 0, 0.0)
    gaps = [after - before - 1 for before, after in pairwise(heard)]
    tone = samples[(heard[0] + 6) * step : (heard[-1] - 3) * step]
    turn = 2 * math.pi * hertz / 8000
    real = sum(s * math.cos(turn * n) for n, s in enumerate(tone))
    imaginary = sum(s * math.sin(turn * n) for n, s in enumerate(tone))
    amplitude = 2 * math.hypot(real, imaginary) / max(1, len(tone))
    power = sum(s * s for s in tone) / max(1, len(tone))
    return Listened(
        20 * math.log10(max(1.0, amplitude) / loud),
        amplitude**2 / 2 / max(1.0, power),
        10 * max(gaps, default=0),
        (heard[-1] - heard[0] + 1) / 100,
    )


def ipv6_here() -> bool:
    """Tell whether this machine has the loopback address of IPv6."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as end:
            end.bind(("::1", 0))
    except OSError:
        return False
    return True
