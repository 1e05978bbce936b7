"""What a learned ranking looks at in a text: runs of characters, of sounds, and how it begins."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workorders.sound import sound_of

TOKEN = re.compile(r"[a-z]+|[0-9]+|\S")
GAP = re.compile(r"\n|\s*\u3000\s*|\s{3,}")
"""What stands between a text's heading and the rest: a new line, or a wide gap."""
HEADING = range(4, 61)
"""Tokens of a heading; what is shorter is a greeting, what is longer is the text itself."""
WORD = re.compile(r"\S{2,12}")
"""What stands between blanks and is not just a character; longer than that it is no word."""
MOST = 2000
"""Tokens of a text that are looked at; a call's or a letter's matter is told before that."""


@dataclass(frozen=True, slots=True)
class View:
    """One way of looking: `key` marks its features, `weight` is its say in the whole."""

    key: str
    weight: float
    sizes: tuple[int, ...]
    first: int = MOST
    """Tokens from the beginning that it sees."""
    by_sound: bool = False
    heading: bool = False
    """It sees only what stands above the text, if anything does."""


VIEWS = (
    View("c", 1.0, (1, 2)),
    View("d", 0.5, (3,)),
    View("s", 0.7, (2,), by_sound=True),
    View("h", 0.6, (1, 2), first=15),
    View("i", 0.4, (1, 2), first=40),
    View("t", 0.6, (1, 2, 3), heading=True),
    View("w", 0.6, ()),
)
"""Runs of sounds outlive characters misheard; the first words are most of what it is about, and
what somebody wrote above it is their own summary. `w`, the last, sees words where blanks stand
between them."""

WORDS = VIEWS[-1]


@dataclass(frozen=True, slots=True)
class Gram:
    """One feature where it stands: `text[start:end]`."""

    name: str
    view: int
    start: int
    end: int


def grams(text: str) -> Iterator[Gram]:
    """Yield every feature; full and half width are alike.

    Blanks matter only where they stand between words, or under a heading.
    """
    plain = _plain(text)
    tokens = [(m[0], *m.span()) for m in TOKEN.finditer(plain)][:MOST]
    above = _heading(text, tokens)
    written = [token for token, _, _ in tokens]
    sounds = [sound_of(token) if len(token) == 1 else token for token in written]
    for number, view in enumerate(VIEWS):
        source = sounds if view.by_sound else written
        seen = above if view.heading else min(len(source), view.first)
        for size in view.sizes:
            for at in range(seen - size + 1):
                name = view.key + " ".join(source[at : at + size])
                yield Gram(name, number, tokens[at][1], tokens[at + size - 1][2])
    for word in WORD.finditer(plain[: tokens[-1][2] if tokens else 0]):
        yield Gram(WORDS.key + word[0], len(VIEWS) - 1, *word.span())


def _heading(text: str, tokens: Sequence[tuple[str, int, int]]) -> int:
    """Return how many tokens stand above the text; 0 if it has no heading."""
    begin = len(text) - len(text.lstrip())
    gap = GAP.search(text, begin)
    if gap is None or not text[gap.end() :].strip():
        return 0
    above = sum(start < gap.start() for _, start, _ in tokens[: HEADING.stop])
    return above if above in HEADING else 0


def _plain(text: str) -> str:
    """Return a text in one form, character for character."""
    return "".join(_narrow(c) for c in text.lower()) if not text.isascii() else text.lower()


def _narrow(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character
