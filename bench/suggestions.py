"""From which likeness on the knowledge base should suggest: a curve over real letters.

    ./hotline bench suggestions --replies FILE

FILE has objects with `title`, `text` and `reply` (not in the repository). Of each letter the
SHA-256 of its title says which half it is in. The titles of one half are the questions that the
knowledge base can answer. A letter's text is what the caller says. For those of that half the own
entry is right (`found`: it is among the three suggested); for the others, whose entry is not there,
whatever comes is taken as wrong (`misled`: something was suggested), though some of it may well
fit. By likeness: both shares, and how many suggestions a caller gets. Nothing was tuned on this but
the bound itself.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workorders.knowledge import ENOUGH, Entry, Knowledge

BOUNDS = (0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8)
SAID = 200
"""Characters of a letter that the caller says."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A letter: whether its answer is known, and what was suggested, with its likeness."""

    known: bool
    own: str
    suggested: tuple[tuple[str, float], ...]


def heard(letters: Sequence[dict[str, str]]) -> Iterator[Heard]:
    """Ask the knowledge base with each letter's text; every likeness counts."""
    halves = {letter["title"]: _half(letter["title"]) for letter in letters}
    titles = sorted(title for title, half in halves.items() if half)
    base = Knowledge(Entry(title, "answer", title, "", "") for title in titles)
    for letter in letters:
        said = base.suggest(letter["text"][:SAID], 0.0, enough=BOUNDS[0])
        found = tuple((one.entry, one.likeness) for one in said)
        yield Heard(halves[letter["title"]], letter["title"], found)


def _half(title: str) -> bool:
    return hashlib.sha256(title.encode()).digest()[0] % 2 == 0


def table(every: Sequence[Heard]) -> str:
    """Return both shares by bound."""
    known = [one for one in every if one.known]
    unknown = [one for one in every if not one.known]
    lines = [
        f"suggestions: {len({one.own for one in known})} entries, {len(known)} letters whose"
        f" answer is known, {len(unknown)} others; in use {ENOUGH}",
        "  at least   found   misled   suggestions a caller",
    ]
    for bound in BOUNDS:
        found = sum(any(e == one.own and s >= bound for e, s in one.suggested) for one in known)
        misled = sum(any(s >= bound for _, s in one.suggested) for one in unknown)
        each = sum(s >= bound for one in every for _, s in one.suggested) / len(every)
        lines.append(
            f"  {bound:8.2f}  {found / len(known):6.1%}   {misled / len(unknown):6.1%}"
            f"   {each:6.2f}"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the curve."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--replies", type=Path, required=True)
    given = parser.parse_args()
    letters = [json.loads(line) for line in given.replies.read_text("utf-8").splitlines()]
    print(table(list(heard(letters))))


if __name__ == "__main__":
    main()
