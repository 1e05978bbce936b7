"""What one leg says, in order, on its way to whoever wants it: recording, tap, detector."""

from collections.abc import Callable, Sequence

from calls.ids import LegId
from media import codecs, g711, g722
from media.commands import CodecName, Event, KeyHeard, SpeechStarted, SpeechStopped, TapAudio
from media.jitter import JitterBuffer
from media.playout import PTIME
from media.recording import Channel
from media.rtp import HEADER
from media.speech import BEGIN, SpeechDetector
from media.tones import ToneKeys

TAP_FRAMES = 5
"""Frames of 20 ms in a TapAudio."""


class Hearing:
    """20 ms of in-order audio at every tick, as long as anybody is `listening`."""

    __slots__ = (
        "_channel",
        "_clock",
        "_codec",
        "_decoder",
        "_events",
        "_law",
        "_leg",
        "_mixed",
        "_settle",
        "_settled",
        "_speech",
        "_tapped",
        "_tones",
        "frame",
        "jitter",
        "listening",
    )

    def __init__(
        self,
        leg: LegId,
        codec: CodecName,
        events: list[Event],
        around: tuple[Callable[[], None], Callable[[], None]],
    ) -> None:
        """`around` is called before and after listeners come or go."""
        self._settle, self._settled = around
        self._leg = leg
        self._events = events
        self._speak(codec)
        self.listening = False
        self._mixed = False
        self._channel: Channel | None = None
        self._clock = 0  # frames heard since the epoch
        self._tapped: list[bytes] | None = None
        self._speech: SpeechDetector | None = None
        self._tones: ToneKeys | None = None

    def change(self, codec: CodecName) -> None:
        """Go on in another codec."""
        self._give_tapped()
        self._speak(codec)
        if self._channel is not None:
            self._channel.change(self._law)

    def _speak(self, codec: CodecName) -> None:
        self._codec: CodecName = codec
        self._law = codecs.law_of(codec)
        self._decoder = g722.Decoder() if codec == "G722" else None
        self.jitter = JitterBuffer(codec)
        self.frame = g711.SILENCE[self._law]
        """The latest that was heard, in the leg's law."""

    def hear(self, now: float) -> None:
        """Pass on the 20 ms that are due."""
        frame = self.jitter.pull()
        if self._decoder is not None:
            frame = self._decoder.frame(frame)
        self.frame = frame
        self._clock += 1
        if self._channel is not None:
            self._channel.add((frame,))
        if self._tapped is not None:
            self._tapped.append(frame)
            if len(self._tapped) >= TAP_FRAMES:
                self._give_tapped()
        if self._tones is not None:
            key = self._tones.hear(g711.decode(frame, self._law))
            if key is not None:
                self._events.append(KeyHeard(self._leg, key, now))
        if self._speech is not None:
            self._watch(self._speech.hear(g711.loudness(frame, self._law)), now)

    def put(self, datagram: bytes | bytearray | memoryview, now: float = 0.0) -> None:
        """Take a packet of 20 ms; it is heard when it is due."""
        timestamp = int.from_bytes(datagram[4:8], "big")
        self.jitter.put(timestamp, bytes(datagram[HEADER.size :]))

    def hear_row(
        self, timestamp: int, payloads: Sequence[bytes], turns: Sequence[int], pulls: int
    ) -> bool:
        """Pass on what is due after many turns, as `JitterBuffer.row` says; False if it cannot."""
        assert not self.urgent, "what is wanted at once was put off"
        row = self.jitter.row(timestamp, payloads, turns, pulls)
        if row is None:
            return False
        if self._decoder is not None:
            row = self._decoder.row(row)
        self._clock += pulls
        if self._channel is not None:
            self._channel.add(row)
        return True

    def hear_turns(self, turns: int) -> None:
        """Pass on what was due, later than it was due."""
        for _ in range(turns):
            self.hear(0.0)

    @property
    def urgent(self) -> bool:
        """Somebody wants every frame as it comes."""
        wanted = (self._tapped, self._speech, self._tones)
        return self._mixed or any(listener is not None for listener in wanted)

    def _watch(self, changed: bool | None, now: float) -> None:
        if changed is True:
            self._events.append(SpeechStarted(self._leg, now - BEGIN * PTIME))
        elif changed is False:
            self._events.append(SpeechStopped(self._leg, now))

    def record(self, channel: Channel | None, clock: int = 0) -> None:
        """Append what is heard to a channel, or no more; `clock` is its frames so far."""
        self._settle()
        self._give_tapped()
        self._channel = channel
        if channel is not None:
            self._clock = clock
        self._listen()

    def tap(self, on: bool) -> None:
        """Give out what is heard as TapAudio, or no more: then an empty one ends it."""
        if not on and self._tapped is None:
            return
        self._settle()
        self._give_tapped()
        if not on:
            self._events.append(TapAudio(self._leg, self._clock * PTIME, b""))
        if on and self._tapped is None and self._channel is None:
            self._clock = 0
        self._tapped = [] if on else None
        self._listen()

    def watch_speech(self, silence: float | None) -> None:
        """Say when speech starts, and when it stops for `silence` seconds; or no more."""
        self._settle()
        self._speech = None if silence is None else SpeechDetector(silence)
        self._listen()

    def hear_tones(self, on: bool) -> None:
        """Say which keys are pressed by their tones, or no more."""
        if on != (self._tones is not None):
            self._settle()
            self._tones = ToneKeys() if on else None
            self._listen()

    def mix(self, on: bool) -> None:
        """Keep `frame` up to date for those who hear the leg in a mix, or no more."""
        self._settle()
        self._mixed = on
        if not on:
            self.frame = g711.SILENCE[self._law]
        self._listen()

    def _listen(self) -> None:
        listening = self.urgent or self._channel is not None
        if listening and not self.listening:
            self.jitter = JitterBuffer(self._codec)
        self.listening = listening
        self._settled()

    def _give_tapped(self) -> None:
        if self._tapped:
            start = (self._clock - len(self._tapped)) * PTIME
            pcm = g711.decode(b"".join(self._tapped), self._law)
            self._events.append(TapAudio(self._leg, start, pcm))
            self._tapped.clear()
