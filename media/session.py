"""One leg's media: its packets in and out, its keys, its voice, its figures.

`receive_known` and `tick` are the hot loop, a hundred calls a second and leg; what is rare is
in other methods. Events are appended to the list that the session was given.
"""

from collections.abc import Sequence

from calls.ids import LegId
from media import codecs, g711, mix, playout, rtp
from media.commands import (
    CodecName,
    ConnectLeg,
    Event,
    Law,
    PlaybackFinished,
)
from media.pace import Beat, Pace
from media.receiving import Receiving
from media.sending import Numbers
from media.serial import TIMESTAMPS

UNSPECIFIED = ("", "0.0.0.0", "::")


class Session(Receiving):
    """One leg. Two that are bridged know each other as `partner`."""

    __slots__ = ("_pace", "_speakers")

    def __init__(
        self,
        leg: LegId,
        numbers: Numbers,
        events: list[Event],
        pace: Pace | None = None,
        beat: Beat | None = None,
    ) -> None:
        """`pace` is shared with the other legs, `beat` with those of a slot; alone, it needs none.

        With a beat, `tick` need not be called while the leg rests, as `pace` says.
        """
        self._pace = pace or Pace()
        super().__init__(leg, numbers, events, beat or Beat())
        self._speakers: tuple[mix.Speaker, ...] = ()

    # --- what the engine wants -----------------------------------------------------

    def connect(self, terms: ConnectLeg, now: float) -> None:
        """Take what the peer agreed to, at first or anew."""
        self._settle()
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
        self._settle()
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
            one.catch_up()
            one._straight = one._payload_type if alike else -1
            one._attend()

    def _turned_for(self, other: "Session") -> codecs.Transcoder | None:
        return codecs.transcoder(self._codec, other._codec)

    def send_keys(self, keys: str) -> None:
        """Press keys; what else is sent gives way meanwhile."""
        if self._press(keys):
            self._rewire()

    def _rewire(self) -> None:
        """Work out anew what follows from direction, bridge, playing and keys."""
        self.keep_time()
        if self.partner is not None:
            self.partner.count_straight()
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
        """Work out anew whether packets of voice may wait, and what is heard of them."""
        alone, hearing = self.partner is None, self.hearing
        self._waits = not hearing.urgent and (alone or self._straight >= 0)
        self._patient = self._payload_type if alone and self._waits else -1
        self._live = hearing.listening and not self._waits
        hurried = self._pace.hurried
        (hurried.discard if alone and self._waits else hurried.add)(self.leg)
        self._pace.rest(self.leg, not (alone or self._ticking or self._live))

    # --- the hot loop ----------------------------------------------------------------

    def tick(self, now: float) -> bytes | None:
        """Return the packet that is due; hear what the peer said in these 20 ms."""
        if self._live:
            self.hearing.hear(now)
        if self._ticking and not self._special:
            packet = self.step()
            return self.voice_over() if packet is None else packet or None
        self._backlog.turn += 1
        self._timestamp = (self._timestamp + g711.FRAME) % TIMESTAMPS
        if not self._ticking:
            return None
        payload = next(self._voice, None)
        return self.voice_over() if payload is None else self._send_frame(payload)

    def voice_over(self) -> bytes | None:
        """Return the packet of a tick at which what played was over."""
        payload = self._finish_playback()
        return self._send_frame(payload) if payload else None

    def _send_frame(self, payload: bytes) -> bytes | None:
        payload = payload or self._spared()
        if self._special:
            return self._send_specially(payload)
        return self._voice_packet(self._timestamp, payload) if payload else None

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

    # --- what is rare ------------------------------------------------------------------

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
