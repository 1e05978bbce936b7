"""What the house may know of a recogniser: feed it sound, get words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from asr.mandarin import join, tidy
from calls.events import Word
from calls.ids import Language

RATE = 8000
"""Samples a second of all sound given to a recogniser; telephone sound is never upsampled."""
SAMPLE = 2
"""Bytes a sample: signed 16 bits, little-endian, one channel."""
UNKNOWN = frozenset({"<unk>", "<UNK>", "[unk]", "[UNK]", "<eps>"})
"""What Vosk writes for sound that is no word of its vocabulary."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch of speech as text; times in seconds from the start of the recording."""

    text: str
    start: float
    end: float
    confidence: float
    """Mean of the words' confidences, 0 to 1; always 0 in a partial result, which has none."""
    words: tuple[Word, ...]
    """As the recogniser gave them, before any figure was written; empty in a partial result."""
    final: bool
    """False while the words may still change; a later final result takes its place."""


class Recogniser(Protocol):
    """Turns one speaker's sound into words, in order."""

    def feed(self, pcm: bytes) -> list[Heard]:
        """Take the next sound; return what became certain, and perhaps a last partial."""
        ...

    def flush(self) -> list[Heard]:
        """Return the words still owed; afterwards it is as new, for another speaker."""
        ...


def spell(words: Sequence[str], language: Language) -> str:
    """Write words down as the language is written."""
    match language:
        case "zh":
            return tidy(" ".join(words)).text
        case "ja":
            return join(words)
        case "en" | "ko":
            return " ".join(words)


def utterance(words: tuple[Word, ...], language: Language) -> Heard:
    """Make a final result of at least one word."""
    confidence = round(sum(word.confidence for word in words) / len(words), 3)
    text = spell([word.text for word in words], language)
    return Heard(text, words[0].start, words[-1].end, confidence, words, final=True)
