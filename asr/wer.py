"""How far a recogniser's words are from what was said."""

import unicodedata
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Errors:
    """Edits that turn what was said into what was heard; they add up over clips."""

    substituted: int
    deleted: int
    inserted: int
    length: int
    """Words or characters in the reference."""

    @property
    def rate(self) -> float:
        """Edits a unit of the reference; may pass 1. Raises ValueError without a reference."""
        if not self.length:
            raise ValueError("no reference to count errors against")
        return (self.substituted + self.deleted + self.inserted) / self.length

    def __add__(self, other: "Errors") -> "Errors":
        return Errors(
            self.substituted + other.substituted,
            self.deleted + other.deleted,
            self.inserted + other.inserted,
            self.length + other.length,
        )


def word_error_rate(reference: str, hypothesis: str) -> float:
    """Return the edits a word of the reference."""
    return word_errors(reference, hypothesis).rate


def character_error_rate(reference: str, hypothesis: str) -> float:
    """Return the edits a character of the reference, spaces not counted."""
    return character_errors(reference, hypothesis).rate


def word_errors(reference: str, hypothesis: str) -> Errors:
    """Count the edits between two texts, word by word."""
    return errors(plain(reference).split(), plain(hypothesis).split())


def character_errors(reference: str, hypothesis: str) -> Errors:
    """Count the edits between two texts, character by character, spaces left out."""
    return errors("".join(plain(reference).split()), "".join(plain(hypothesis).split()))


def plain(text: str) -> str:
    """Fold width and case, and take punctuation out."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(" " if unicodedata.category(c)[0] in "PS" else c for c in folded)


def errors(reference: Sequence[Hashable], hypothesis: Sequence[Hashable]) -> Errors:
    """Count the fewest edits (Levenshtein); of equal ways, the one with most substitutions."""
    row = [(j, 0, 0, j) for j in range(len(hypothesis) + 1)]
    for i, said in enumerate(reference, 1):
        last, row = row, [(i, 0, i, 0)]
        for j, heard in enumerate(hypothesis, 1):
            if said == heard:
                row.append(last[j - 1])
                continue
            cost, substituted, deleted, inserted = last[j - 1]
            change = (cost + 1, substituted + 1, deleted, inserted)
            cost, substituted, deleted, inserted = last[j]
            delete = (cost + 1, substituted, deleted + 1, inserted)
            cost, substituted, deleted, inserted = row[j - 1]
            insert = (cost + 1, substituted, deleted, inserted + 1)
            row.append(min(change, delete, insert, key=lambda way: way[0]))
    _, substituted, deleted, inserted = row[-1]
    return Errors(substituted, deleted, inserted, len(reference))
