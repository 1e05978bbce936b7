"""What the house knows: approved answers, duties and rulings; found by what a caller says."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from workorders.draft import Suggestion
from workorders.sound import sound_of

EntryKind = Literal["answer", "duty", "precedent"]
"""An approved answer; what a unit is in charge of; a duty leader's ruling on one call."""
KINDS: tuple[EntryKind, ...] = ("answer", "duty", "precedent")
RUN = re.compile("[一-鿿]+|[a-z]+|[0-9]+")
MOST = 3
TOLD = 200
"""Characters of an answer that a draft carries; the page has the whole."""
ENOUGH = 0.5
"""Share of what is telling in a title that must have been said.

From the curve of `bench suggestions` over 2,252 letters: the least at which fewer than one caller
in ten whose answer is not there is shown one all the same."""
FEW = 2
"""Tokens of a title that must have been said, however rare one is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing known, in one version; times are UTC seconds."""

    id: str
    kind: EntryKind
    title: str
    """The question, or the matter, as people ask it."""
    text: str
    owner: str
    """The unit that answers for it."""
    version: int = 1
    valid_from: float | None = None
    valid_until: float | None = None
    """The first moment at which it holds no more; None: until it is replaced."""
    call: str | None = None
    """The call that a ruling was given for."""
    by: str = ""
    at: float = 0.0
    retired: bool = False

    def holds(self, now: float) -> bool:
        """Tell whether it may be read to a caller now."""
        begun = self.valid_from is None or self.valid_from <= now
        return begun and not self.retired and (self.valid_until is None or now < self.valid_until)


@dataclass(frozen=True, slots=True)
class Token:
    """Two sounds in a row, or a word of letters or figures; `text[start:end]`."""

    name: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """Yield what a text is found by: ASCII words that every full-text search takes whole.

    Chinese needs no dictionary of words: each two characters are a token, by their
    sound, so that a question is found though the recogniser wrote other characters.
    """
    for run in RUN.finditer(text.lower()):
        start, end = run.span()
        if run[0].isascii():
            yield Token(f"w0{run[0]}", start, end)
        for at in range(start, end - 1 if not run[0].isascii() else start):
            yield Token(f"{sound_of(text[at])}0{sound_of(text[at + 1])}", at, at + 2)


class Knowledge:
    """All entries, ready to be suggested from. One thread uses it; another may `fill` it."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._shelf = _Shelf(entries)

    def __len__(self) -> int:
        return len(self._shelf.entries)

    def fill(self, entries: Iterable[Entry]) -> None:
        """Replace all entries at once."""
        self._shelf = _Shelf(entries)

    def suggest(
        self, text: str, now: float, most: int = MOST, enough: float = ENOUGH
    ) -> tuple[Suggestion, ...]:
        """Return what probably answers a caller who said this; best first."""
        return self._shelf.suggest(text, now, most, enough)


class _Shelf:
    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._titles = [{token.name for token in tokens(entry.title)} for entry in self.entries]
        self._having: dict[str, list[int]] = defaultdict(list)
        for number, names in enumerate(self._titles):
            for name in names:
                self._having[name].append(number)
        spread = Counter(
            name
            for entry in self.entries
            for name in {token.name for token in tokens(f"{entry.title}\n{entry.text}")}
        )
        whole = 1 + len(self.entries)
        self._telling = {name: 0.3 + math.log(whole / times) for name, times in spread.items()}

    def suggest(self, text: str, now: float, most: int, enough: float) -> tuple[Suggestion, ...]:
        if not self.entries:
            return ()
        said: dict[str, Token] = {}
        for token in tokens(text):
            said.setdefault(token.name, token)
        numbers = {n for name in said for n in self._having.get(name, ())}
        found = [
            (likeness, number)
            for number in numbers
            if self.entries[number].holds(now)
            and (likeness := self._likeness(number, said)) >= enough
        ]
        found.sort(key=lambda pair: (-pair[0], self.entries[pair[1]].id))
        return tuple(self._suggestion(n, like, said, text) for like, n in found[:most])

    def _likeness(self, number: int, said: dict[str, Token]) -> float:
        """Return how much of what is telling in the title was said."""
        title = self._titles[number]
        met = title & said.keys()
        if len(met) < min(FEW, len(title)):
            return 0.0
        whole = math.fsum(self._telling[name] for name in title)
        return math.fsum(self._telling[name] for name in met) / whole

    def _suggestion(
        self, number: int, likeness: float, said: dict[str, Token], text: str
    ) -> Suggestion:
        entry = self.entries[number]
        met = sorted((said[n] for n in self._titles[number] & said.keys()), key=lambda t: t.start)
        told = entry.text if len(entry.text) <= TOLD else entry.text[: TOLD - 1] + "…"
        return Suggestion(
            entry.id, entry.version, entry.kind, entry.title, told, entry.owner,
            round(likeness, 3), tuple(_stretches(met, text)),
        )  # fmt: skip


def _stretches(met: Iterable[Token], text: str) -> Iterator[str]:
    """Join tokens that overlap to the words as they were said."""
    start = end = 0
    for token in met:
        if token.start > end or end == 0:
            if end:
                yield text[start:end]
            start = token.start
        end = max(end, token.end)
    if end:
        yield text[start:end]
