"""What was said, as it grows on disk: stereo PCM16 at 8 kHz, citizen left, agent right.

Writes are values, `(offset, octets)`. After each block the header is written again with
the size that is then true, so a file that stops growing at any moment is a whole WAV file.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from media import wav
from media.commands import Law
from media.g711 import FRAME, HIGH, LOW, SILENCE, TRANSLATE

BLOCK = 45
"""Frames between two blocks: 0.9 s, so that with what is under way less than one second
is lost when the process dies."""
SAMPLE = 4
"""Octets of a stereo sample."""


@dataclass(frozen=True, slots=True)
class Write:
    """Octets that belong at an offset of the file."""

    offset: int
    octets: bytes


class Channel:
    """One party's voice since the last block, as G.711 frames; the hot loop appends."""

    __slots__ = ("frames", "law", "muted")

    def __init__(self, law: Law) -> None:
        self.law = law
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

    __slots__ = ("_octets", "_paused", "left", "right", "right_ended")

    def __init__(self, law: Law) -> None:
        self.left = Channel(law)
        self.right: Channel | None = None
        self.right_ended = False
        """The agent's leg is gone: what is missing on the right is silence."""
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
        """Let the agent speak from here on; before it, silence."""
        if self.right is None:
            self.right = Channel(law)
            self.right.muted = self._paused
        self.right.change(law)
        missing = len(self.left.frames) - len(self.right.frames)
        self.right.frames += [SILENCE[law]] * missing
        self.right_ended = False
        return self.right

    def pause(self, on: bool) -> None:
        """Record silence from here on, or what is said again."""
        self._paused = on
        for channel in (self.left, self.right):
            if channel is not None:
                channel.muted = on

    def block(self) -> list[Write]:
        """Return what came since the last block; nothing if nothing did."""
        frames = len(self.left.frames)
        if self.right is not None and not self.right_ended:
            frames = min(frames, len(self.right.frames))
        return self._writes(frames) if frames else []

    def finish(self) -> list[Write]:
        """Return all that is left."""
        frames = len(self.left.frames)
        return self._writes(frames) if frames else []

    def _writes(self, frames: int) -> list[Write]:
        pcm = bytearray(SAMPLE * FRAME * frames)
        _lay(pcm, 0, self.left, frames)
        if self.right is not None:
            _lay(pcm, 2, self.right, frames)
        offset = wav.HEADER + self._octets
        self._octets += len(pcm)
        return [Write(offset, bytes(pcm)), Write(0, wav.header(self._octets, 2))]


def _lay(pcm: bytearray, at: int, channel: Channel, frames: int) -> None:
    """Decode a channel into its two octets of each stereo sample."""
    voice = channel.take(frames)
    pcm[at::SAMPLE] = voice.translate(LOW[channel.law])
    pcm[at + 1 :: SAMPLE] = voice.translate(HIGH[channel.law])
