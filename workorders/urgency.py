"""Danger and hurry, by the words that say so."""
# ruff: noqa: E501  # tables of words: a row broken over lines is harder to read and to mend

import re
from collections.abc import Sequence

from workorders.danger_words import ABROAD_BEFORE, FEARED_BEFORE
from workorders.draft import Field
from workorders.lines import Hit, Line, found, search

URGENT = re.compile(
    "停水|停电|停气|断水|断电|没(?:有)?(?:水|电|暖气)(?!表|费)|爆管|水管(?:爆|破)|井盖(?:没|不见|丢|缺|坏|掉)|没有?井盖|路面塌|积水"
    "|走失|走丢|找不到(?:孩子|老人|家)|紧急|急死|(?:很|特别|非常|十分)(?:紧?急|着急)|孕妇|高空坠物|掉(?:下来|落)|摔(?:倒|伤|了)|老人(?:发烧|生病|摔)"
    r"|\b(?:urgent(?:ly)?|as soon as possible|right now|emergency|no (?:water|power|electricity|heating)|missing child)\b"
    "|급해|급한|빨리|긴급|정전|단수|至急|急いで|緊急|断水|停電"
)


FEARED = re.compile(f"{FEARED_BEFORE}|{ABROAD_BEFORE}")
WRITTEN, HEARD = 0.9, 0.7
"""How sure danger is that is written, and that only sounds so."""


def urgency_of(citizen: Sequence[Line]) -> Field[str] | None:
    """Judge the urgency; `normal` rests on all that was said, None on nothing said."""
    from workorders.danger import alarms  # noqa: PLC0415  its patterns take half a second to make

    dangers = alarms(citizen)
    real = [alarm for alarm in dangers if not alarm.feared]
    if real:
        certainty = HEARD if all(alarm.by_sound for alarm in real) else WRITTEN
        return found("danger", certainty, [alarm.hit for alarm in real])
    urgent = [hit for hit in search(URGENT, citizen) if not _feared(hit)]
    if dangers or urgent:
        return found("urgent", 0.8, [alarm.hit for alarm in dangers] + urgent)
    everything = [Hit(line, 0, len(line.text)) for line in citizen]
    return found("normal", 0.8, everything) if everything else None


def _feared(hit: Hit) -> bool:
    before = hit.line.text[max(0, hit.start - 24) : hit.start]
    return FEARED.search(before) is not None
