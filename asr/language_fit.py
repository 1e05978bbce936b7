"""Whether a caller speaks the language that is listened for: when to look, and the judgement.

Pure: sound and likelihoods in, values out. The thresholds come from measured curves
(docs/recognition-measured.md, "Does the language fit?").
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from math import sqrt

from asr.recogniser import RATE, SAMPLE
from calls.ids import Language
from media.g711 import power
from media.speech import SpeechDetector

LOOKS = (4.0, 6.0)
"""Seconds of speech after which is looked; the second time only if the first was not sure."""
SURE = 0.95
"""The share that one of the site's languages must have of all of them together."""
OURS = 0.5
"""What the site's languages must have together of all that the model knows: else the caller
speaks a language that no lane is for, or it is no speech."""
PAUSE = 0.4
"""Seconds of quiet that still belong to speech."""
FRAME = RATE // 50 * SAMPLE
"""Bytes of 20 ms, which the detector hears at a time."""
ONSET = 8
"""Frames before speech was noticed that belong to it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was made of one look."""

    language: Language | None
    """None: not sure."""
    share: float
    """Of the likeliest language among the site's."""


def judge(likely: Mapping[str, float], site: Collection[Language], sure: float = SURE) -> Judged:
    """Say which of the site's languages is spoken, if that is certain enough."""
    ours = {language: likely.get(language, 0.0) for language in site}
    whole = sum(ours.values())
    if whole <= 0.0:
        return Judged(None, 0.0)
    best = max(sorted(ours), key=ours.__getitem__)
    share = ours[best] / whole
    return Judged(best if share >= sure and whole >= OURS else None, share)


@dataclass(slots=True)
class SpeechSoFar:
    """Gathers a caller's speech without its silences, and says when there is enough for a look."""

    looked: int = 0
    """How many looks there were."""
    _detector: SpeechDetector = field(default_factory=lambda: SpeechDetector(PAUSE))
    _speech: bytearray = field(default_factory=bytearray)
    _before: bytearray = field(default_factory=bytearray)
    """The last frames, which were not yet speech."""
    _rest: bytes = b""

    @property
    def seconds(self) -> float:
        """Speech so far."""
        return len(self._speech) / (RATE * SAMPLE)

    @property
    def over(self) -> bool:
        """Tell whether there will be no other look."""
        return self.looked == len(LOOKS)

    def hear(self, pcm: bytes) -> bytes | None:
        """Take the next sound, 16 bit at 8 kHz; return all speech so far when a look is due."""
        if self.over:
            return None
        sound = self._rest + pcm
        whole = len(sound) // FRAME * FRAME
        for at in range(0, whole, FRAME):
            self._take(sound[at : at + FRAME])
        self._rest = sound[whole:]
        if self.seconds < LOOKS[self.looked]:
            return None
        self.looked += 1
        return bytes(self._speech)

    def _take(self, frame: bytes) -> None:
        began = self._detector.hear(sqrt(power(frame)))
        if began:
            self._speech += self._before
            self._before.clear()
        if self._detector.on:
            self._speech += frame
            return
        self._before += frame
        del self._before[: -ONSET * FRAME]
