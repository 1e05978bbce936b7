"""How grave an event is, by how many died or were hurt.

The bounds are those of the State Council's Order 493 (2007), article 3.
"""

import re
from collections.abc import Sequence

from asr.mandarin import number
from workorders.draft import EVENT_LEVELS, Field
from workorders.lines import Hit, Line, found

NUM = "([0-9]+|[一二两三四五六七八九十百]+)"
DEAD = re.compile(
    f"(?:死了?|遇难|没了)(?:至少|大概|有)?{NUM}个?人|{NUM}个?人(?:死了?|死亡|遇难|没气)"
)
HURT = re.compile(
    f"(?:伤了?|受伤|中毒|送医)(?:至少|大概|有)?{NUM}个?人|{NUM}(?:个|名|多)?(?:个|名)?[一-鿿]{{0,4}}(?:受伤|重伤|中毒|住院)"
)
DEATHS, INJURIES = (3, 10, 30), (10, 50, 100)
"""From so many on an event is of the next level."""


def level_of(citizen: Sequence[Line], urgency: Field[str] | None) -> Field[str] | None:
    """Judge the level of an event; None if nobody is in danger and nobody came to harm."""
    counted = [*_counted(DEAD, DEATHS, citizen), *_counted(HURT, INJURIES, citizen)]
    if counted:
        level, hit = max(counted, key=lambda pair: pair[0])
        return found(EVENT_LEVELS[level], 0.8, [hit])
    if urgency is not None and urgency.value == "danger":
        return Field(EVENT_LEVELS[0], 0.5 * urgency.confidence, "rule", urgency.evidence)
    return None


def _counted(
    pattern: re.Pattern[str], bounds: Sequence[int], citizen: Sequence[Line]
) -> list[tuple[int, Hit]]:
    return [
        (sum(people >= bound for bound in bounds), Hit(line, *match.span()))
        for line in citizen
        for match in pattern.finditer(line.text)
        if (people := _people(match)) is not None
    ]


def _people(match: re.Match[str]) -> int | None:
    said = next((group for group in match.groups() if group), "")
    figures = said if said.isdigit() else number(said) or ""
    return int(figures) if figures.isdigit() else None
