"""Who said what, when, how sure."""

from bisect import insort
from collections.abc import Iterable, Iterator
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


class Transcript:
    """Both parties' utterances, in the order in which they began to be said.

    Results of the two legs arrive in any order, and a recording transcribed later puts its
    words where they belong.
    """

    def __init__(self, utterances: Iterable[Utterance] = ()) -> None:
        self._utterances: list[Utterance] = []
        for utterance in utterances:
            self.add(utterance)

    def __iter__(self) -> Iterator[Utterance]:
        return iter(self._utterances)

    def __len__(self) -> int:
        return len(self._utterances)

    def add(self, utterance: Utterance) -> None:
        """Put an utterance in its place; one that is there already changes nothing."""
        if utterance not in self._utterances:
            insort(self._utterances, utterance, key=lambda u: (u.start, u.leg != "citizen"))

    def replace_leg(self, leg: Party, utterances: Iterable[Utterance]) -> None:
        """Put a better reading of one leg in the place of the one we had."""
        self._utterances = [u for u in self._utterances if u.leg != leg]
        for utterance in utterances:
            self.add(utterance)

    def text(self, leg: Party | None = None) -> str:
        """Return the words, one utterance a line, of one leg or of both."""
        return "\n".join(u.text for u in self._utterances if leg in (None, u.leg))

    def confidence(self, leg: Party | None = None) -> float | None:
        """Return the mean confidence weighed by duration; None when nothing was said."""
        chosen = [u for u in self._utterances if leg in (None, u.leg)]
        weight = sum(u.end - u.start for u in chosen)
        if weight <= 0:
            return None
        return sum(u.confidence * (u.end - u.start) for u in chosen) / weight
