"""One leg's media: its packets in and out, its keys, its voice, its figures.

`receive` and `tick` are the hot loop, a hundred calls a second and leg; what is rare is
in other methods. Events are appended to the list that the session was given.
"""

from collections.abc import Sequence

from calls.ids import LegId
from media import codecs, dtmf, g711, mix, playout, rtp
from media.backlog import MOST, PLAIN, Backlog
from media.commands import (
    CodecName,
    ConnectLeg,
    Event,
    FirstPacket,
    KeyHeard,
    Law,
    PlaybackFinished,
)
from media.figures import Figures
from media.hearing import Hearing
from media.latch import Address
from media.sending import Numbers
from media.serial import SEQUENCES, TIMESTAMPS

UNSPECIFIED = ("", "0.0.0.0", "::")

_HEADER = rtp.HEADER.pack
_NUMBERS = rtp.HEADER.unpack_from


class Session(Figures):
    """One leg. Two that are bridged know each other as `partner`."""

    __slots__ = (
        "_backlog",
        "_hurried",
        "_keys",
        "_live",
        "_paced",
        "_patient",
        "_speakers",
        "_straight",
        "_translation",
        "hearing",
        "partner",
    )

    def __init__(
        self,
        leg: LegId,
        numbers: Numbers,
        events: list[Event],
        hurried: set[LegId] | None = None,
    ) -> None:
        """`hurried`: legs whose packets may not wait; this one keeps itself in it or out of it."""
        super().__init__(leg, numbers, events)
        self._hurried = set() if hurried is None else hurried
        self.partner: Session | None = None
        self._translation: codecs.Transcoder | None = None  # from our codec to the partner's
        self._paced = False  # the partner is heard as in a mix: its packets are of other lengths
        self._keys = dtmf.KeyPresses()
        self._speakers: tuple[mix.Speaker, ...] = ()
        self.hearing = Hearing(leg, "PCMA", events, (self.catch_up, self._attend))
        self._backlog = Backlog()
        self._patient = -1  # second octet of the packets that may wait
        self._straight = -1  # second octet of the packets that are the partner's as they are
        self._live = False  # each frame is heard at its tick

    # --- what the engine wants -----------------------------------------------------

    def connect(self, terms: ConnectLeg, now: float) -> None:
        """Take what the peer agreed to, at first or anew."""
        self.catch_up()
        self.latch.signal(terms)
        if self._payload_type < 0 or terms.codec != self._codec:
            self._change_codec(terms.codec)
        self._number(codecs.PAYLOAD_TYPES[terms.codec] if terms.payload is None else terms.payload)
        self._pack(terms.ptime)
        self._event_type = -1 if terms.event_payload is None else terms.event_payload
        self._silence.expect(terms.receives, now)
        self._sends = terms.sends and terms.address not in UNSPECIFIED and terms.port > 0
        self.hearing.hear_tones(terms.tones and not self._keys.used)
        self._agree_with_partner()
        self._rewire()

    def _change_codec(self, codec: CodecName) -> None:
        before, self._codec = self._codec, codec
        self.hearing.change(codec)
        if self.playback is None:
            self._voice = self._background()
        else:
            self._turn_voice(before)

    @property
    def codec(self) -> CodecName:
        """What the peer sends and gets."""
        return self._codec

    @property
    def law(self) -> Law:
        """What is kept of what the peer says is in."""
        return codecs.law_of(self._codec)

    def play(self, playback: int, voice: playout.Voice) -> None:
        """Play from the next tick on, in place of what plays now."""
        self.playback = playback
        self._voice, self._voiced = voice, True
        self._rewire()

    def stop_playing(self) -> None:
        """Silence from the next tick on, if something plays."""
        if self.playback is None:
            return
        self.playback = None
        self._voice = self._background()
        self._rewire()

    def confer(self, speakers: Sequence[mix.Speaker], *, heard: bool) -> None:
        """Hear others in a mix, none ending it; `heard`: others hear this leg."""
        self._speakers = tuple(speakers)
        self.hearing.mix(heard)
        if self.playback is None:
            self._voice = self._background()

    @property
    def frame(self) -> bytes:
        """The latest 20 ms that the peer said, while it is heard in a mix."""
        return self.hearing.frame

    def _background(self) -> playout.Voice:
        """Return what is heard while nothing plays and nobody is bridged."""
        if self._paced and self.partner is not None:
            self._voiced = True
            return mix.Mixture(self._codec, (self.partner,))
        if self._speakers:
            self._voiced = True
            return mix.Mixture(self._codec, self._speakers)
        return self._silent_voice()

    def bridge(self, partner: "Session | None") -> None:
        """Let this leg's packets go to the partner; the worker says it to both."""
        self.catch_up()
        self._voiced = self._voiced or self.partner is not None
        self.partner = partner
        self._relay.source = None
        self._agree_with_partner()
        if partner is not None or self.playback is None:
            self.playback = None
            self._voice = self._background()
        self._rewire()

    def _agree_with_partner(self) -> None:
        """Work out anew how packets become the partner's: as they are, turned, or cut anew."""
        partner = self.partner
        paced = partner is not None and partner.ptime != self.ptime
        for one, other in ((self, partner), (partner, self)):
            if one is None:
                continue
            one._translation = None if other is None else one._turned_for(other)
            if one._paced != (paced and other is not None):
                one._paced = not one._paced
                one.hearing.mix(one._paced)
                if one.playback is None:
                    one._voice = one._background()
                one._rewire()
            alike = other is not None and one._translation is None and not paced
            one._straight = one._payload_type if alike else -1

    def _turned_for(self, other: "Session") -> codecs.Transcoder | None:
        return codecs.transcoder(self._codec, other._codec)

    def send_keys(self, keys: str) -> None:
        """Press keys; what else is sent gives way meanwhile."""
        if self._press(keys):
            self._rewire()

    def _rewire(self) -> None:
        """Work out anew what follows from direction, bridge, playing and keys."""
        alone = self.partner is None or self._paced
        busy = self.playback is not None or bool(self._pressing)
        ticking = self._sends and (alone or busy)
        if ticking and not self._ticking:
            self._begin_ticking()
        if ticking:
            self._relay.source = None  # when the relay comes back, it is a switch
        self._ticking = ticking
        self._attend()

    def _attend(self) -> None:
        """Work out anew whether packets of voice may wait."""
        patient = self.partner is None and not self.hearing.urgent
        self._patient = self._payload_type if patient else -1
        self._live = self.hearing.listening and not patient
        (self._hurried.discard if patient else self._hurried.add)(self.leg)

    # --- the hot loop ----------------------------------------------------------------

    def tick(self, now: float) -> bytes | None:
        """Return the packet that is due; hear what the peer said in these 20 ms."""
        self._backlog.turn += 1
        if self._live:
            self.hearing.hear(now)
        self._timestamp = timestamp = (self._timestamp + g711.FRAME) % TIMESTAMPS
        if not self._ticking:
            return None
        payload = next(self._voice, None)
        if not payload:
            payload = self._finish_playback() if payload is None else self._spared()
            if not payload:
                return None
        if self._special:
            return self._send_specially(payload)
        kind = self._kind
        self._kind = self._payload_type
        self._sequence = sequence = (self._sequence + 1) % SEQUENCES
        self.sent += 1
        return _HEADER(0x80, kind, sequence, timestamp, self._ssrc) + payload

    def _spared(self) -> bytes:
        """Pass over a frame of silence, unless it is part of a longer packet or of a key press."""
        if self._special:
            return codecs.SILENCE[self._codec]
        self._kind = self._payload_type | rtp.MARKER
        return b""

    def _send_specially(self, payload: bytes) -> bytes | None:
        pressing = bool(self._pressing)
        packet = self._tick_specially(payload)
        if pressing and not self._pressing:
            self._special = self._packer is not None
            self._rewire()
        return packet

    def receive_known(self, datagram: bytes, now: float) -> bytes | None:
        """Take a datagram that is certainly the peer's; return what goes to the partner."""
        if len(datagram) != PLAIN:
            return self._receive_peers(datagram, now)
        kind = datagram[1]
        if kind == self._straight:
            return self._pass_on(datagram, now)
        if kind == self._patient:
            backlog = self._backlog
            backlog.octets += datagram
            backlog.turns.append(backlog.turn)
            backlog.times.append(now)
            self._last_heard = now
            if len(backlog.times) >= MOST:
                self.catch_up()
            return None
        return self._receive_peers(datagram, now)

    def _receive_peers(self, datagram: bytes, now: float) -> bytes | None:
        assert self.latch.peer is not None, "a peer of nobody"
        return self.receive(datagram, self.latch.peer, now)

    def _pass_on(self, datagram: bytes, now: float) -> bytes | None:
        """Take a packet of 20 ms; return it as the partner's, whose codec is the same."""
        first, _, sequence, timestamp, ssrc = _NUMBERS(datagram)
        partner = self.partner
        assert partner is not None, "straight on to nobody"
        relay = partner._relay
        if first != rtp.VERSION or sequence != relay.following or ssrc != relay.source:
            return self._receive_peers(datagram, now)
        payload = datagram[12:]
        if self.reception.take(ssrc, sequence, timestamp, now):
            self._new_source()
        self._last_heard = now
        if self.hearing.listening:
            self.hearing.jitter.put(timestamp, payload)
        if partner._ticking or not partner._sends:
            return None
        partner.sent += 1
        partner._sequence, until = relay.follow(sequence, timestamp, g711.FRAME)
        return (
            _HEADER(0x80, partner._payload_type, partner._sequence, until, partner._ssrc) + payload
        )

    def catch_up(self) -> None:
        """Do what was put off."""
        backlog = self._backlog
        if backlog.octets and backlog.take_row(self.reception, self.hearing):
            return
        waiting, heard, upto = backlog.take_apart()
        replays = self.hearing.listening and not self._live
        for datagram, turn, now in waiting:
            if replays:
                self.hearing.hear_turns(turn - heard)
                heard = turn
            assert self.latch.peer is not None, "a peer of nobody"
            self._take(datagram, self.latch.peer, now)
        if replays:
            self.hearing.hear_turns(upto - heard)

    def report(self, at: float, *, bye: bool = False) -> bytes:
        """Return our RTCP report."""
        self.catch_up()
        return self._report(at, bye)

    def abandon(self) -> None:
        """Forget what was put off, after a fault in it: what remains is to close the leg."""
        self._backlog.take_apart()

    def receive(self, datagram: bytes, source: Address, now: float) -> bytes | None:
        """Take a datagram; return the packet that it makes for the partner, if any."""
        if self._patient >= 0:
            self.catch_up()
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
        kind = self.partner._event_type | (rtp.MARKER if packet.marker else 0)
        return self.partner._forward(kind, _numbers(packet), packet.payload)

    def _new_source(self) -> None:
        self._keys.forget()
        self.hearing.jitter.forget()

    def _finish_playback(self) -> bytes | None:
        """Say that what played is over; return what is sent now."""
        assert self.playback is not None, "silence came to an end"
        self._events.append(PlaybackFinished(self.leg, self.playback))
        self.stop_playing()
        return next(self._voice) if self._ticking else None

    def skip(self, rounds: int, now: float) -> None:
        """Leave out frames that could not be sent in time: a gap in what is sent."""
        self._timestamp = (self._timestamp + rounds * g711.FRAME) % TIMESTAMPS
        self._kind = self._payload_type | rtp.MARKER
        self._backlog.turn += rounds
        if self._live:
            for _ in range(rounds):
                self.hearing.hear(now)


def _numbers(packet: rtp.Packet) -> tuple[int, int, int]:
    return packet.ssrc, packet.sequence, packet.timestamp
