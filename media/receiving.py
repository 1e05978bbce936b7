"""One leg's receiving: what its peer sends goes to the partner, to whoever listens, to the figures.

`receive_known` is the hot loop; what is rare is at the end.
"""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from calls.ids import LegId
from media import codecs, dtmf, g711, rtp
from media.backlog import Backlog
from media.commands import Event, FirstPacket, KeyHeard
from media.figures import Figures
from media.hearing import Hearing
from media.hot import FULL, GOES_ON, OTHER, PLAIN
from media.latch import Address
from media.pace import Beat
from media.sending import Numbers
from media.serial import SEQUENCES, TIMESTAMPS
from media.straight import Straight

if TYPE_CHECKING:
    from media.session import Session

_NUMBERS = rtp.HEADER.unpack_from


class Receiving(Figures, ABC):
    """The receiving half of a session."""

    __slots__ = (
        "_keys",
        "_paced",
        "_translation",
        "_waits",
        "hearing",
        "partner",
    )

    def __init__(self, leg: LegId, numbers: Numbers, events: list[Event], beat: Beat) -> None:
        super().__init__(leg, numbers, events)
        self.partner: Session | None = None
        self._translation: codecs.Transcoder | None = None  # from our codec to the partner's
        self._paced = False  # the partner is heard as in a mix: its packets are of other lengths
        self._keys = dtmf.KeyPresses()
        self.hearing = Hearing(leg, "PCMA", events, (self.catch_up, self._attend))
        self._backlog = Backlog(beat)
        self._row = Straight()
        self._waits = True  # what the peer said may be heard later

    @abstractmethod
    def _attend(self) -> None:
        """Work out anew whether packets of voice may wait, and what is heard of them."""

    def receive_known(self, datagram: bytearray | memoryview, now: float) -> bytes | None:
        """Take a datagram that is certainly the peer's, and not to be read again afterwards.

        Return what goes to the partner.
        """
        if len(datagram) == PLAIN:
            became = self.take_usual(datagram, now)
            if became == GOES_ON:
                return bytes(datagram)
            if became != OTHER:
                if became == FULL:
                    self.catch_up()
                return None
            if datagram[1] == self._straight:
                return self._receive_straight(datagram, now)
        assert self.latch.peer is not None, "a peer of nobody"
        return self.receive(bytes(datagram), self.latch.peer, now)

    def _receive_straight(self, datagram: bytearray | memoryview, now: float) -> bytes | None:
        """Take a packet of 20 ms that is the partner's but for its numbers, and begins a row."""
        assert self.latch.peer is not None, "a peer of nobody"
        came = bytes(datagram)
        went = self.receive(came, self.latch.peer, now)
        if went is not None and came[0] == rtp.VERSION:
            self._begin_straight(came, went)
        return went

    def _begin_straight(self, came: bytes, went: bytes) -> None:
        """Let what follows go straight on, if this packet was the newest and nothing odd."""
        partner, (_, _, sequence, _, ssrc) = self.partner, _NUMBERS(came)
        assert partner is not None, "straight on to nobody"
        following = (sequence + 1) % SEQUENCES
        newest = self.reception.goes_on(ssrc, following) and partner._relay.following == following
        if newest and went[1] == partner._payload_type:
            assert self._last_heard is not None, "begun by nothing"
            keep = self.hearing.put if self._live else self._backlog
            row = rtp.Row(0, self._last_heard, self.reception.jitter)
            self._row.begin((came, went), row, keep if self.hearing.listening else None)

    def count_straight(self) -> None:
        """Count what went straight on; the next packet goes the long way."""
        row = self._row.end()
        if row.count:
            assert self.partner is not None and self._last_heard is not None, "went to nobody"
            self.partner.passed(row.count)
            self.reception.follow(row, self._last_heard)
            self._last_heard = row.heard

    def catch_up(self) -> None:
        """Do what was put off."""
        self.keep_time()
        self.count_straight()
        backlog, reception = self._backlog, None
        if self.partner is None and backlog.count:
            self._last_heard, reception = backlog.latest, self.reception
        replays = self.hearing.listening and not self._live
        if not (backlog.count or replays):
            backlog.clear()
            return
        if backlog.count and backlog.take_row(reception, self.hearing):
            return
        waiting, heard, upto = backlog.take_apart()
        for datagram, turn, now in waiting:
            if replays:
                self.hearing.hear_turns(turn - heard)
                heard = turn
            if self.partner is None:
                assert self.latch.peer is not None, "a peer of nobody"
                self._take(datagram, self.latch.peer, now)
            else:  # it went straight on, and is counted
                self.hearing.put(datagram)
        if replays:
            self.hearing.hear_turns(upto - heard)

    def keep_time(self) -> None:
        """Make up for the ticks that there were none of while the leg rested."""
        missed = self._backlog.rested()
        if missed:
            self._timestamp = (self._timestamp + missed * g711.FRAME) % TIMESTAMPS

    def _settle(self) -> None:
        """Do what was put off, and count all that was sent."""
        self.catch_up()
        if self.partner is not None:
            self.partner.count_straight()

    def report(self, at: float, *, bye: bool = False) -> bytes:
        """Return our RTCP report."""
        self._settle()
        return self._report(at, bye)

    @property
    def _latest(self) -> float | None:
        return self._backlog.latest or self._row.heard or self._last_heard

    def abandon(self) -> None:
        """Forget what was put off, after a fault in it: what remains is to close the leg."""
        self._backlog.clear()

    def receive(self, datagram: bytes, source: Address, now: float) -> bytes | None:
        """Take a datagram; return the packet that it makes for the partner, if any."""
        if self._waits:
            self.catch_up()
        else:
            self.count_straight()
        return self._take(datagram, source, now)

    def _take(self, datagram: bytes, source: Address, now: float) -> bytes | None:
        if source == self.latch.peer and len(datagram) > 12 and datagram[0] == 0x80:
            _, kind, sequence, timestamp, ssrc = _NUMBERS(datagram)
            if kind == self._payload_type:
                if self.reception.take(ssrc, sequence, timestamp, now):
                    self._new_source()
                self._last_heard = now
                return self._hear_voice((ssrc, sequence, timestamp), datagram[12:], 0)
        return self._receive_other(datagram, source, now)

    def _hear_voice(
        self, numbers: tuple[int, int, int], payload: bytes, marker: int
    ) -> bytes | None:
        if self.hearing.listening:
            self.hearing.jitter.put(numbers[2], payload)
        partner = self.partner
        if partner is None:
            return None
        partner.keep_time()
        if self._translation is not None:
            payload = self._translation(payload)
        return partner._forward(partner._payload_type | marker, numbers, payload)

    # --- what is rare ------------------------------------------------------------------

    def _receive_other(self, datagram: bytes, source: Address, now: float) -> bytes | None:
        """Take a datagram that is a first one, a key, of unusual form, or garbage."""
        if self.latch.shared and rtp.is_report(datagram):
            self.receive_report(datagram, source, now)
            return None
        packet = self._admit(datagram, source, now)
        if packet is None:
            self.dropped += 1
            return None
        if self.reception.take(packet.ssrc, packet.sequence, packet.timestamp, now):
            self._new_source()
        if self._last_heard is None:
            self._events.append(FirstPacket(self.leg, now))
        self._last_heard = now
        if packet.payload_type == self._event_type:
            return self._receive_event(packet, now)
        if packet.payload_type == self._payload_type and packet.payload:
            marker = rtp.MARKER if packet.marker else 0
            return self._hear_voice(_numbers(packet), packet.payload, marker)
        return None  # comfort noise (RFC 3389): a sign of life, and silence

    def _admit(self, datagram: bytes, source: Address, now: float) -> rtp.Packet | None:
        """Return a packet of the peer's; None for a stranger's, and for garbage."""
        if source[0] not in self.latch.hosts:
            return None
        try:
            packet = rtp.parse(datagram)
        except rtp.Malformed:
            return None
        if packet.payload_type not in (self._payload_type, self._event_type, 13):
            return None
        return packet if self.latch.believe(source, self._last_heard, now) else None

    def _receive_event(self, packet: rtp.Packet, now: float) -> bytes | None:
        event = dtmf.parse(packet.payload)
        if event is None:
            return None
        self.hearing.hear_tones(False)  # the same press may be in the voice too
        key = self._keys.hear(packet.timestamp, event)
        if key is not None:
            self._events.append(KeyHeard(self.leg, key, now))
        if self.partner is None or self.partner._event_type < 0:
            return None
        if self._paced:
            self.partner.send_keys(key or "")
            return None
        self.partner.keep_time()
        kind = self.partner._event_type | (rtp.MARKER if packet.marker else 0)
        return self.partner._forward(kind, _numbers(packet), packet.payload)

    def _new_source(self) -> None:
        self._keys.forget()
        self.hearing.jitter.forget()


def _numbers(packet: rtp.Packet) -> tuple[int, int, int]:
    return packet.ssrc, packet.sequence, packet.timestamp
