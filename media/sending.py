"""Our stream of one leg: its numbers, what is in it, and how it is cut into packets."""

from collections import deque
from dataclasses import dataclass

from media import codecs, g711, playout, pressing, rtp
from media.bridge import Relay
from media.commands import CodecName
from media.hot import Strand
from media.packing import TICK, Packer
from media.serial import SEQUENCES, TIMESTAMPS, ahead

_HEADER = rtp.HEADER.pack


@dataclass(frozen=True, slots=True)
class Numbers:
    """Where a stream begins; drawn by chance (RFC 3550 §5.1, §8)."""

    ssrc: int
    sequence: int
    timestamp: int


class Sending(Strand):
    """The sending half of a session: a frame at every tick, or what the partner says."""

    __slots__ = (
        "_codec",
        "_event_type",
        "_packer",
        "_pressing",
        "_relay",
        "_sends",
        "_voiced",
        "playback",
    )

    def __init__(self, numbers: Numbers) -> None:
        super().__init__()
        self._ssrc = numbers.ssrc
        self._sequence = numbers.sequence
        self._timestamp = numbers.timestamp
        self._codec: CodecName = "PCMA"
        self._event_type = -1
        self._voice = playout.silence("PCMA")
        self._voiced = False  # something was heard since silence last began
        self.playback: int | None = None
        self._sends = False
        self._relay = Relay()
        self._packer: Packer | None = None  # for packets that are not of 20 ms
        self._pressing: deque[pressing.Step] = deque()

    @property
    def ptime(self) -> int:
        """Milliseconds of voice in our packets."""
        return TICK if self._packer is None else self._packer.ptime

    @property
    def split(self) -> bool:
        """Whether packets are due half-way between ticks too."""
        return self._packer is not None and self._packer.split

    def _number(self, payload_type: int) -> None:
        """Say what is in our packets by this number from now on."""
        if payload_type != self._payload_type:
            self._payload_type = payload_type
            self._kind = payload_type | rtp.MARKER

    def _pack(self, ptime: int) -> None:
        """Send packets of another length from now on."""
        if ptime != self.ptime:
            self._packer = None if ptime == TICK else Packer(ptime)
            self._special = self._packer is not None or bool(self._pressing)

    def _press(self, keys: str) -> bool:
        """Begin to press keys, after those that still are; False if the peer takes none."""
        if self._event_type < 0 or not self._sends:
            return False
        self._pressing += pressing.pressed(keys)
        self._special = self._special or bool(self._pressing)
        return True

    def _begin_ticking(self) -> None:
        """Go on from where the relay was."""
        self._kind = self._payload_type | rtp.MARKER
        last = self._relay.until
        if last is not None and ahead(last, self._timestamp, TIMESTAMPS) > 0:
            self._timestamp = last  # the partner's clock is ahead of ours
        if self._packer is not None:
            self._packer.clear()

    def _packet(self, kind: int, timestamp: int, payload: bytes) -> bytes:
        self._sequence = sequence = (self._sequence + 1) % SEQUENCES
        self.sent += 1
        return _HEADER(0x80, kind, sequence, timestamp, self._ssrc) + payload

    def _voice_packet(self, timestamp: int, payload: bytes) -> bytes:
        kind, self._kind = self._kind, self._payload_type
        return self._packet(kind, timestamp % TIMESTAMPS, payload)

    def _tick_specially(self, payload: bytes) -> bytes | None:
        """Return what is due in place of 20 ms of voice."""
        step = self._pressing.popleft() if self._pressing else None
        if step is not None:
            back, event = step
            kind = self._event_type | (0 if back else rtp.MARKER)
            begun = (self._timestamp - back * g711.FRAME) % TIMESTAMPS
            if self._packer is not None:
                self._packer.clear()
            return self._packet(kind, begun, event)
        if self._packer is None:
            return self._voice_packet(self._timestamp, payload)
        return self._packed(payload)

    def tick_between(self) -> bytes | None:
        """Return the packet that is due half-way between two ticks; only if `split`."""
        return self._packed(b"") if self._ticking else None

    def _packed(self, payload: bytes) -> bytes | None:
        assert self._packer is not None, "packets of 20 ms need none"
        packed = self._packer.step(payload)
        if packed is None:
            return None
        packet, left = packed
        return self._voice_packet(self._timestamp + g711.FRAME - left - len(packet), packet)

    def _forward(self, kind: int, numbers: tuple[int, int, int], payload: bytes) -> bytes | None:
        """Return the partner's packet as one of our stream."""
        if not self._sends or self._ticking:
            return None
        source, came, timestamp = numbers
        relay = self._relay
        if source != relay.source:
            relay.switch(
                source,
                (came, timestamp),
                ((self._sequence + 1) % SEQUENCES, (self._timestamp + g711.FRAME) % TIMESTAMPS),
            )
            kind |= rtp.MARKER
        renumbered = relay.renumber(came, timestamp)
        if renumbered is None:
            return None
        sequence, timestamp = renumbered
        if 0 < (sequence - self._sequence) % SEQUENCES < SEQUENCES // 2:
            self._sequence = sequence
            relay.until = timestamp
            relay.following = (came + 1) % SEQUENCES
        self.sent += 1
        relay.packets += 1
        relay.octets += len(payload)
        return _HEADER(0x80, kind, sequence, timestamp, self._ssrc) + payload

    def passed(self, packets: int) -> None:
        """Count packets of 20 ms that followed the newest and went straight on."""
        relay = self._relay
        relay.follow(packets, g711.FRAME)
        self._sequence = (self._sequence + packets) % SEQUENCES
        self.sent += packets

    def _silent_voice(self) -> playout.Voice:
        voiced, self._voiced = self._voiced, False
        return playout.silence(self._codec, after_voice=voiced)

    def _turn_voice(self, before: CodecName) -> None:
        """Let what plays go on in another codec."""
        turned = codecs.transcoder(before, self._codec)
        if turned is not None:
            self._voice = map(turned, self._voice)
