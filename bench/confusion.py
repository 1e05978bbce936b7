"""Errors such as a recogniser makes, put into Chinese text: by sound, at a given rate.

Of the characters to be changed 60 % become another of the same syllable (tones aside), 25 %
one whose syllable shares the initial or the final, 10 % are lost, and after 5 % a character
comes in that nobody said. Replacements are drawn evenly from the 3,755 characters of GB 2312
level 1. The sounds are pypinyin's own: no merger that the rules of the product know is used.
"""

import random
from collections import defaultdict
from functools import cache

from pypinyin import Style, lazy_pinyin

POOL = [
    bytes([high, low]).decode("gb2312")
    for high in range(0xB0, 0xD8)
    for low in range(0xA1, 0xFF)
    if (high, low) <= (0xD7, 0xF9)
]


@cache
def syllable(character: str) -> str:
    """Return a character's syllable without its tone."""
    return lazy_pinyin(character)[0]


@cache
def _parts(character: str) -> tuple[str, str]:
    initial = lazy_pinyin(character, style=Style.INITIALS, strict=False)[0]
    return initial, syllable(character)[len(initial) :]


@cache
def _index() -> tuple[dict[str, list[str]], dict[tuple[int, str], list[str]]]:
    same: dict[str, list[str]] = defaultdict(list)
    near: dict[tuple[int, str], list[str]] = defaultdict(list)
    for character in POOL:
        same[syllable(character)].append(character)
        for place, part in enumerate(_parts(character)):
            near[place, part].append(character)
    return same, near


def misheard(text: str, rate: float, chance: random.Random) -> str:
    """Return a text with errors at a rate; only Chinese characters change."""
    return "".join(
        _changed(c, chance) if "一" <= c <= "鿿" and chance.random() < rate else c for c in text
    )


def _changed(character: str, chance: random.Random) -> str:
    same, near = _index()
    kind = chance.random()
    if kind >= 0.95:
        return character + chance.choice(POOL)
    if kind >= 0.85:
        return ""
    others = same[syllable(character)]
    if kind >= 0.60:
        place = chance.randrange(2)
        others = near[place, _parts(character)[place]]
    others = [c for c in others if c != character]
    return chance.choice(others or POOL)
