"""Expressions of time in English, Korean and Japanese: the plain ones only."""

import re
from collections.abc import Iterator

from calls.ids import Language

NIGHT, MORNING, DAYTIME, EVENING, ALL_DAY = (22, 30), (5, 12), (12, 18), (18, 24), (0, 24)
Entry = tuple[str, tuple[int, int] | None, tuple[int, int], bool]
"""Pattern, first and last day ago (None: fixes no day), hours of the day, whether it recurs."""

ENTRIES: dict[Language, tuple[Entry, ...]] = {
    "en": (
        (r"every (?:night|evening)|at night", None, NIGHT, True),
        (r"every (?:single )?(?:day|morning|weekend|week)", None, ALL_DAY, True),
        (r"last night", (1, 1), NIGHT, False),
        (r"yesterday morning", (1, 1), MORNING, False),
        (r"yesterday afternoon", (1, 1), DAYTIME, False),
        (r"yesterday evening", (1, 1), EVENING, False),
        (r"(?:the )?day before yesterday", (2, 2), ALL_DAY, False),
        (r"yesterday", (1, 1), ALL_DAY, False),
        (r"this morning", (0, 0), MORNING, False),
        (r"(?:today|tonight)", (0, 0), ALL_DAY, False),
        (r"last week", (13, 1), ALL_DAY, False),
    ),
    "ko": (
        ("매일 ?밤|밤마다", None, NIGHT, True),
        ("매일|날마다|매주|주말마다", None, ALL_DAY, True),
        ("어젯밤|어제 밤|지난밤", (1, 1), NIGHT, False),
        ("어제 저녁", (1, 1), EVENING, False),
        ("그저께|그제", (2, 2), ALL_DAY, False),
        ("어제", (1, 1), ALL_DAY, False),
        ("오늘 아침", (0, 0), MORNING, False),
        ("오늘", (0, 0), ALL_DAY, False),
        ("지난주", (13, 1), ALL_DAY, False),
    ),
    "ja": (
        ("毎晩|夜な夜な", None, NIGHT, True),
        ("毎日|毎朝|毎週", None, ALL_DAY, True),
        ("昨夜|昨晩|昨日の夜|夕べ", (1, 1), NIGHT, False),
        ("一昨日|おととい", (2, 2), ALL_DAY, False),
        ("昨日|きのう", (1, 1), ALL_DAY, False),
        ("今朝", (0, 0), MORNING, False),
        ("今日(?!は)|きょう", (0, 0), ALL_DAY, False),
        ("先週", (13, 1), ALL_DAY, False),
    ),
}
PATTERNS = {
    language: [
        (re.compile(rf"\b(?:{p})\b" if language == "en" else p), days, hours, recurs)
        for p, days, hours, recurs in entries
    ]
    for language, entries in ENTRIES.items()
}

Found = tuple[int, int, tuple[int, int] | None, tuple[int, int], str | None]


def abroad(text: str, language: Language) -> Iterator[Found]:
    """Yield start, end, days ago, hours, and the word of recurrence, the longest first."""
    taken: set[int] = set()
    for pattern, days, hours, recurs in PATTERNS.get(language, []):
        for match in pattern.finditer(text):
            if taken.isdisjoint(range(*match.span())):
                taken.update(range(*match.span()))
                yield (*match.span(), days, hours, match[0] if recurs else None)
