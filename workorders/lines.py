"""Utterances as the rules read them: tidied, with every character traced to its words."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from asr.mandarin import tidy
from calls.events import Word
from calls.ids import Language, Party
from workorders.draft import Evidence, Field, V

REMEMBERED = 8192
"""Texts whose reading each rule remembers: a call's lines are read again for each new draft of it,
and some hundreds of calls may be up at a time."""
Span = tuple[int, int]


class Said(Protocol):
    """One utterance: `asr.transcript.Utterance` and the fact `Heard` both are."""

    @property
    def leg(self) -> Party: ...
    @property
    def language(self) -> Language: ...
    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def text(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def words(self) -> tuple[Word, ...]: ...


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance. `text` is what the rules read, `spoken` what was recognised."""

    said: Said
    text: str
    spoken: str
    places: tuple[tuple[int, int], ...]
    """For each character of `text`, from where to where in `spoken` it comes."""
    owners: tuple[int | None, ...]
    """For each character of `spoken`, the index of its word; None if words are not known."""

    @classmethod
    def of(cls, said: Said) -> "Line":
        """Tidy an utterance; Mandarin gets figures, other languages only lose odd spaces."""
        text, spoken, places = _read(said.language, said.text)
        return cls(said, text, spoken, places, _owned(spoken, said.words))

    def spoken_at(self, start: int, end: int) -> str:
        """Return what was recognised where `text[start:end]` is written now."""
        return self.spoken[self.places[start][0] : self.places[end - 1][1]] if start < end else ""

    def evidence(self, start: int, end: int) -> Evidence:
        """Return the words behind `text[start:end]`, with their own times where known."""
        first, last = self.places[start][0], self.places[end - 1][1]
        if not self.said.words:
            return Evidence(self.said.leg, self.said.start, self.said.end, self.spoken[first:last])
        words = [self.said.words[i] for i in self.owners[first:last] if i is not None]
        whole = words and None not in self.owners[first:last]
        return Evidence(
            self.said.leg,
            words[0].start if whole else self.said.start,
            words[-1].end if whole else self.said.end,
            self.spoken[first:last],
        )

    def sure(self, start: int, end: int) -> float:
        """Return how sure the recogniser was of `text[start:end]`."""
        if not self.said.words:
            return self.said.confidence
        first, last = self.places[start][0], self.places[end - 1][1]
        known = {i for i in self.owners[first:last] if i is not None}
        if not known:
            return self.said.confidence
        return sum(self.said.words[i].confidence for i in known) / len(known)


@dataclass(frozen=True, slots=True)
class Hit:
    """A stretch of a line that a rule found something in."""

    line: Line
    start: int
    end: int

    @property
    def text(self) -> str:
        """Return the stretch, tidied."""
        return self.line.text[self.start : self.end]

    @property
    def evidence(self) -> Evidence:
        """Return the words behind it."""
        return self.line.evidence(self.start, self.end)

    @property
    def sure(self) -> float:
        """Return how sure the recogniser was of it."""
        return self.line.sure(self.start, self.end)


def lines_of(utterances: Iterable[Said]) -> list[Line]:
    """Return what was said, in the order of time, without empty utterances."""
    ordered = sorted(utterances, key=lambda said: (said.start, said.leg))
    return [line for said in ordered if (line := Line.of(said)).text]


def search(pattern: re.Pattern[str], lines: Sequence[Line]) -> list[Hit]:
    """Return every place where a pattern matches; its group `it`, if there is one."""
    return [Hit(line, *span) for line in lines for span in _searched(pattern, line.text)]


def _searched(pattern: re.Pattern[str], text: str) -> list[Span]:
    """Return the same as `spans`, which is remembered with the text: to look a pattern up by what
    it is would take longer than to search."""
    known = _known(text)
    found = known.get(id(pattern))
    if found is None:
        found = known[id(pattern)] = pattern, spans(pattern, text)
    return found[1]


@lru_cache(maxsize=REMEMBERED)
def _known(text: str) -> dict[int, tuple[re.Pattern[str], list[Span]]]:
    """Return what is known of a text, for all to add to: by the id of a pattern, which is kept
    so that no other can have it."""
    return {}


def spans(pattern: re.Pattern[str], text: str) -> list[Span]:
    """Return every stretch of a text that a pattern matches; its group `it`, if there is one."""
    if pattern.search(text) is None:  # so for most patterns and lines
        return []
    named = "it" if "it" in pattern.groupindex else 0
    found = (match.span(named) for match in pattern.finditer(text))
    return [(start, end) for start, end in found if end > start]


def found(value: V, certainty: float, hits: Sequence[Hit]) -> Field[V]:
    """Make a value that rests on hits; certainty is the rule's own, from 0 to 1."""
    sure = sum([hit.sure for hit in hits]) / len(hits)
    evidence = tuple(dict.fromkeys([hit.evidence for hit in hits]))
    return Field(value, round(certainty * sure, 3), "rule", evidence)


def confirmed(value: Field[V], words: Sequence[str], agent: Sequence[Line]) -> Field[V]:
    """Add the agent's repeating of a value as evidence; half the doubt goes.

    `words` are those that count as repeating it. The agent's words alone never
    make a value.
    """
    for line in agent:
        for word in words:
            at = line.text.find(word)
            if at >= 0:
                evidence = (*value.evidence, line.evidence(at, at + len(word)))
                return Field(value.value, round((1 + value.confidence) / 2, 3), "rule", evidence)
    return value


@lru_cache(maxsize=REMEMBERED)
def _read(language: Language, said: str) -> tuple[str, str, tuple[Span, ...]]:
    """Return a text tidied, the same as it was recognised, and where each character is from."""
    if language == "zh":
        tidied = tidy(said)
        changes = [(c.start, c.end, len(c.spoken)) for c in tidied.changes]
        return tidied.text, tidied.original, _traced(len(tidied.text), changes)
    text = " ".join(said.split())
    if language == "ja":
        text = re.sub(r"(?<=[^ -~]) | (?=[^ -~])", "", text)
    return text, text, _traced(len(text), ())


def _traced(length: int, changes: Sequence[tuple[int, int, int]]) -> tuple[tuple[int, int], ...]:
    """Trace each character back; one of a figure comes from all of the words it stands for."""
    places: list[tuple[int, int]] = []
    grown, pending = 0, list(changes)
    while len(places) < length:
        at = len(places)
        if pending and pending[0][0] == at:
            start, end, spoken = pending.pop(0)
            places += [(at + grown, at + grown + spoken)] * (end - start)
            grown += spoken - (end - start)
        else:
            places.append((at + grown, at + grown + 1))
    return tuple(places)


def _owned(spoken: str, words: Sequence[Word]) -> tuple[int | None, ...]:
    """Find each word in the text, one after the other."""
    if not words:
        return (None,) * len(spoken)
    owners: list[int | None] = [None] * len(spoken)
    at = 0
    for index, word in enumerate(words):
        place = spoken.find(word.text, at)
        if place < 0:
            continue
        at = place + len(word.text)
        owners[place:at] = [index] * len(word.text)
    return tuple(
        owners[i - 1] if owner is None and char == " " and i else owner
        for i, (owner, char) in enumerate(zip(owners, spoken, strict=True))
    )
