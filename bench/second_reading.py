"""What `workorders/second_reading.py` knows of how callers talk: which character follows which.

Counted in the lessons for danger, of danger or calm, and a little in pypinyin's words, for what
lessons do not say.
"""

import io
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from pypinyin.constants import PHRASES_DICT

from workorders.second_reading import BEGIN, END

LESS = 0.7
"""Taken from how often a pair was met, for pairs that were not (Ney, Essen and Kneser 1994)."""
A_WORD = 0.1
"""What a word of the dictionary counts beside a lesson."""
UNMET, THERE_ARE = 0.3, 6000
"""Times that a character counts besides, and how many there are."""
NOTHING = 0.7
"""Chance of any other after a character that was never met before another."""


def written(sentences: Iterable[str]) -> bytes:
    """Return the file that keeps what was counted, the same octets each time."""
    alone, pairs = _counted(sentences)
    every = sum(alone.values()) + UNMET * THERE_ARE
    characters = sorted({*alone, *pairs, *(second for found in pairs.values() for second in found)})
    number = {one: at for at, one in enumerate(characters)}
    chance = {one: (alone[one] + UNMET) / every for one in characters}
    rows: list[tuple[int, int, float]] = []
    other = np.full(len(characters), NOTHING)
    for first in sorted(pairs):
        found = pairs[first]
        total = sum(found.values())
        spared = sum(min(LESS, times) for times in found.values()) / total
        other[number[first]] = spared
        rows += (
            (number[first], number[one], max(times - LESS, 0) / total + spared * chance[one])
            for one, times in sorted(found.items())
        )
    packed = io.BytesIO()
    np.savez_compressed(
        packed,
        characters=np.frombuffer("".join(characters).encode(), np.uint8),
        first=np.array([row[0] for row in rows], np.uint16),
        second=np.array([row[1] for row in rows], np.uint16),
        odds=np.log([row[2] for row in rows]).astype(np.float16),
        other=np.log(other).astype(np.float16),
        alone=np.log([chance[one] for one in characters]).astype(np.float16),
    )
    return packed.getvalue()


def _counted(sentences: Iterable[str]) -> tuple[Counter[str], dict[str, dict[str, float]]]:
    alone = Counter[str]()
    pairs: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for sentence in sentences:
        before = BEGIN
        for character in sentence + END:
            alone[character] += 1
            pairs[before][character] += 1
            before = character
    for word in sorted(PHRASES_DICT):
        for first, second in pairwise(word):
            pairs[first][second] += A_WORD
    return alone, pairs
