"""What was said, as it grows on disk: stereo PCM16 at 8 kHz, citizen left, all others right.

Writes are values, `(offset, octets)`. After each block the header is written again with
the size that is then true, so a file that stops growing at any moment is a whole WAV file.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from media import wav
from media.commands import Law
from media.g711 import FRAME, HIGH, LOW, SILENCE, TRANSLATE, added, decode

BLOCK = 45
"""Frames between two blocks: 0.9 s, so that with what is under way less than one second
is lost when the process dies."""
SAMPLE = 4
"""Octets of a stereo sample."""


@dataclass(frozen=True, slots=True)
class Write:
    """Octets that belong at an offset of the file."""

    offset: int
    octets: bytes | bytearray


class Channel:
    """One party's voice since the last block, as G.711 frames; the hot loop appends."""

    __slots__ = ("ended", "frames", "law", "muted")

    def __init__(self, law: Law) -> None:
        self.law = law
        self.ended = False
        """The leg is gone: what is missing is silence."""
        self.frames: list[bytes] = []
        self.muted = False
        """What is heard is not recorded; silence is, in its place."""

    def add(self, frames: Sequence[bytes]) -> None:
        """Take what was heard."""
        self.frames += [SILENCE[self.law]] * len(frames) if self.muted else frames

    def change(self, law: Law) -> None:
        """Go on in another law."""
        if law != self.law:
            table = TRANSLATE[self.law, law]
            self.frames[:] = [frame.translate(table) for frame in self.frames]
            self.law = law

    def take(self, frames: int) -> bytes:
        """Return the first `frames` of it, filled up with silence, and forget them."""
        taken = b"".join(self.frames[:frames])
        del self.frames[:frames]
        return taken + SILENCE[self.law] * (frames - len(taken) // FRAME)


class Recording:
    """One call's file: what to write when."""

    __slots__ = ("_octets", "_paused", "left", "rights")

    def __init__(self, law: Law) -> None:
        self.left = Channel(law)
        self.rights: list[Channel] = []
        """Of all but the citizen; what they say at once is added up."""
        self._octets = 0
        self._paused = False

    @property
    def seconds(self) -> float:
        """How much has been given out to be written."""
        return self._octets / (SAMPLE * 8000)

    @property
    def frames(self) -> int:
        """How many frames the citizen's channel has had, written or not."""
        return self._octets // (SAMPLE * FRAME) + len(self.left.frames)

    def begin(self) -> list[Write]:
        """Return the header of a file in which nothing has been said."""
        return [Write(0, wav.header(0, 2))]

    def add_right(self, law: Law) -> Channel:
        """Let one more speak from here on; before it, silence."""
        channel = Channel(law)
        channel.muted = self._paused
        channel.frames += [SILENCE[law]] * len(self.left.frames)
        self.rights.append(channel)
        return channel

    def pause(self, on: bool) -> None:
        """Record silence from here on, or what is said again."""
        self._paused = on
        for channel in (self.left, *self.rights):
            channel.muted = on

    def block(self) -> list[Write]:
        """Return what came since the last block; nothing if nothing did."""
        speaking = [channel for channel in (self.left, *self.rights) if not channel.ended]
        frames = min(len(channel.frames) for channel in speaking)
        return self._writes(frames) if frames else []

    def finish(self) -> list[Write]:
        """Return all that is left."""
        frames = len(self.left.frames)
        return self._writes(frames) if frames else []

    def _writes(self, frames: int) -> list[Write]:
        pcm = bytearray(SAMPLE * FRAME * frames)
        _lay(pcm, 0, self.left, frames)
        if len(self.rights) == 1:
            _lay(pcm, 2, self.rights[0], frames)
        elif self.rights:
            _lay_sum(pcm, 2, self.rights, frames)
        self.rights = [right for right in self.rights if right.frames or not right.ended]
        offset = wav.HEADER + self._octets
        self._octets += len(pcm)
        return [Write(offset, pcm), Write(0, wav.header(self._octets, 2))]


def _lay(pcm: bytearray, at: int, channel: Channel, frames: int) -> None:
    """Decode a channel into its two octets of each stereo sample."""
    voice = channel.take(frames)
    pcm[at::SAMPLE] = voice.translate(LOW[channel.law])
    pcm[at + 1 :: SAMPLE] = voice.translate(HIGH[channel.law])


def _lay_sum(pcm: bytearray, at: int, channels: Sequence[Channel], frames: int) -> None:
    """Decode several who may speak at once into two octets of each stereo sample."""
    total = added([decode(channel.take(frames), channel.law) for channel in channels])
    pcm[at::SAMPLE], pcm[at + 1 :: SAMPLE] = total[::2], total[1::2]
