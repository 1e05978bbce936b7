"""A Chinese utterance as one reads it: figures, marks and fillers shown, every character kept."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from asr.mandarin import tidy
from calls.events import Word

PAUSE = 0.35
"""Seconds between two words that are written as a comma."""
FILLER = re.compile("嗯+|呃+|啊+(?=[，,]|$)|(?<![一-鿿])(?:那个|就是说|怎么说呢|然后呢)(?=[一-鿿])")
ASKED = re.compile("(?:吗|呢|么|没有|是不是|能不能|怎么办|多少钱|为什么)$")
STOPS = "，。？！、；,.?!;"
PieceKind = Literal["said", "figure", "filler", "mark"]
Change = tuple[int, int, str, PieceKind]
"""From where to where in what was heard, what is written for it, and why."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch as it is shown; `heard` is what was recognised there, nothing for a mark."""

    text: str
    heard: str
    kind: PieceKind


def readable(text: str, words: Sequence[Word] = ()) -> tuple[Piece, ...]:
    """Return an utterance in pieces. What was heard, joined, is what was recognised, whole.

    Marks are set where the speaker paused, if the times of words are known, and at the end.
    """
    tidied = tidy(text)
    heard = tidied.original
    changed: list[Change] = []
    grown = 0
    for change in tidied.changes:
        start = change.start + grown
        written = tidied.text[change.start : change.end]
        changed.append((start, start + len(change.spoken), written, "figure"))
        grown += len(change.spoken) - len(written)
    for filler in FILLER.finditer(heard):
        if all(filler.end() <= a or b <= filler.start() for a, b, _, _ in changed):
            changed.append((*filler.span(), filler[0], "filler"))
    marks: list[Change] = [(at, at, "，", "mark") for at in _pauses(heard, words)]
    if heard and heard[-1] not in STOPS:
        marks.append((len(heard), len(heard), "？" if ASKED.search(heard) else "。", "mark"))
    changed += [m for m in marks if all(m[0] <= a or b <= m[0] for a, b, _, _ in changed)]
    return tuple(_pieces(heard, sorted(changed, key=lambda one: one[:2])))


def _pieces(heard: str, changed: Sequence[Change]) -> Iterator[Piece]:
    at = 0
    for start, end, written, kind in changed:
        if start > at:
            yield Piece(heard[at:start], heard[at:start], "said")
        yield Piece(written, heard[start:end], kind)
        at = end
    if at < len(heard):
        yield Piece(heard[at:], heard[at:], "said")


def _pauses(heard: str, words: Sequence[Word]) -> Iterator[int]:
    """Yield the places before which the speaker paused."""
    at, ended = 0, None
    for word in words:
        place = heard.find(word.text, at)
        if place < 0:
            continue
        paused = ended is not None and word.start - ended >= PAUSE
        if paused and place and heard[place - 1] not in STOPS:
            yield place
        at, ended = place + len(word.text), word.end
