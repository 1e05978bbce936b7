"""Who said what, when, how sure."""

from dataclasses import dataclass

from asr.recogniser import Heard
from calls.events import Word
from calls.ids import Language, Party


@dataclass(frozen=True, slots=True)
class Utterance:
    """One stretch of one party's speech; times in seconds from the start of the recording."""

    leg: Party
    language: Language
    start: float
    end: float
    text: str
    confidence: float
    words: tuple[Word, ...] = ()

    @classmethod
    def of(cls, leg: Party, language: Language, heard: Heard) -> "Utterance":
        """Make an utterance of a recogniser's final result."""
        return cls(leg, language, heard.start, heard.end, heard.text, heard.confidence, heard.words)
