"""Figures, numbers, money, dates and times as prompts, as each language says them.

Numbers of orders are read figure by figure too, four and four with a pause between.

In a list of prompts `{order:digits}` stands for what is known as `order`, read figure by
figure. What cannot be read so is read figure by figure too, or not at all: a caller is
never told something else than what is known.
"""

import re
from collections.abc import Mapping

from calls.ids import Language, PromptId
from ivr.reading_words import WORDS

READING = re.compile(r"\{([a-z][a-z0-9_]*):(digits|order|number|money|date|time)\}")
KINDS = ("digits", "order", "number", "money", "date", "time")
FIGURES = ("n_0", "n_1", "n_2", "n_3", "n_4", "n_5", "n_6", "n_7", "n_8", "n_9")
PAUSE = PromptId("w_pause")
"""Between groups of figures; a recording of silence, the same in every language."""
GROUP = 4
LARGEST = 99_999_999
"""Numbers above are read figure by figure."""
LONGEST = {"digits": 18, "order": 15, "number": 12, "money": 14, "date": 10, "time": 6}
"""Pieces that one reading has at most, about; lengths of prompts are judged by it."""


def reading(prompt: str) -> tuple[str, str] | None:
    """Return what is read and how; None for a prompt that is a recording."""
    found = READING.fullmatch(prompt)
    return None if found is None else (found[1], found[2])


def said_of(prompt: PromptId, language: Language) -> list[PromptId]:
    """Return every recording that a prompt may need: itself, or the pieces of a reading."""
    how = reading(prompt)
    return [prompt] if how is None else pieces(how[1], language)


def spoken(
    prompts: tuple[PromptId, ...], known: Mapping[str, str], language: Language
) -> tuple[PromptId, ...]:
    """Put the pieces in place of each reading; one of something unknown says nothing."""
    said: list[PromptId] = []
    for prompt in prompts:
        wanted = reading(prompt)
        if wanted is None:
            said.append(prompt)
        else:
            said += read(known.get(wanted[0], ""), wanted[1], language)
    return tuple(said)


def pieces(kind: str, language: Language) -> list[PromptId]:
    """Return every recording that a kind of reading may need in a language."""
    prefixes = {
        **dict.fromkeys(("digits", "order"), FIGURES),
        "number": ("n_",),
        "money": ("n_", "w_yuan", "w_jiao", "w_fen"),
        "date": ("n_", "month_", "day_", "w_year", "w_month", "w_day"),
        "time": ("n_", "hour_", "minute_", "w_hour", "w_minute", "w_sharp", "w_am", "w_pm"),
    }[kind]
    names = WORDS[language]
    if kind in ("digits", "order"):
        said = [PromptId(n) for n in names if n in prefixes or n in ("n_1_phone", "n_0_phone")]
        return [*said, PAUSE] if kind == "order" else said
    return [PromptId(name) for name in names if name.startswith(prefixes)]


def read(value: str, kind: str, language: Language) -> list[PromptId]:
    """Return the recordings that say a value; figures where it is not of that kind."""
    found = {
        "number": re.fullmatch(r"([0-9]{1,8})", value),
        "money": re.fullmatch(r"([0-9]{1,8})(?:\.([0-9]{1,2}))?", value),
        "date": re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", value),
        "time": re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", value),
    }.get(kind)
    if found is None:
        figures = [PromptId(name) for name in _digits(value, language)]
        return _in_groups(figures) if kind == "order" else figures
    parts = [int(part) for part in found.groups() if part is not None]
    match kind:
        case "number":
            names = number(parts[0], language)
        case "money":
            names = _money(found[1], (found[2] or "").rstrip("0"), language)
        case "date":
            names = _date(parts[0], parts[1], parts[2], language)
        case _:
            names = _time(parts[0], parts[1], language)
    return [PromptId(name) for name in names]


def _digits(value: str, language: Language) -> list[str]:
    """Read figure by figure, as telephone numbers are read; other signs are passed over."""
    phone = {("zh", "1"): "n_1_phone", ("ko", "0"): "n_0_phone"}
    return [phone.get((language, sign), f"n_{sign}") for sign in value if sign in "0123456789"]


def _in_groups(figures: list[PromptId]) -> list[PromptId]:
    """Put a pause after every fourth figure, so that whoever writes them down keeps up."""
    said: list[PromptId] = []
    for place, figure in enumerate(figures):
        said += [PAUSE, figure] if place and place % GROUP == 0 else [figure]
    return said


# numbers


def number(value: int, language: Language) -> list[str]:
    """Read a number from 0 to 99 999 999."""
    if value == 0:
        return ["n_0"]
    if language == "en":
        return _english(value)
    high, low = divmod(value, 10_000)
    if language == "zh":
        return _chinese(high, low)
    below = {"ko": _korean, "ja": _japanese}[language]
    if not high:
        return below(low)
    lead = [] if high == 1 and language == "ko" else below(high)
    return [*lead, "n_10000", *below(low)]


def _english(value: int) -> list[str]:
    for size in (1_000_000, 1_000):
        if value >= size:
            many, rest = divmod(value, size)
            link = ["n_and"] if 0 < rest < 100 else []
            return [*_english(many), f"n_{size}", *link, *(_english(rest) if rest else [])]
    if value >= 100:
        many, rest = divmod(value, 100)
        return [f"n_{many}", "n_100", *(["n_and", *_english(rest)] if rest else [])]
    if value < 20:
        return [f"n_{value}"]
    return [f"n_{value // 10 * 10}", *([f"n_{value % 10}"] if value % 10 else [])]


def _chinese(high: int, low: int) -> list[str]:
    """Read 万 and what is below; 零 stands for empty places between, 两 before 千 and 万."""
    if not high:
        return _chinese_places(low, first=True)
    lead = ["n_2_count"] if high == 2 else _chinese_places(high, first=True)
    gap = ["n_0"] if 0 < low < 1000 else []
    return [*lead, "n_10000", *gap, *_chinese_places(low, first=False)]


def _chinese_places(value: int, *, first: bool) -> list[str]:
    said: list[str] = []
    gap = False
    for size in (1000, 100, 10, 1):
        figure = value // size % 10
        if not figure:
            gap = bool(said) and value % size != 0
            continue
        said += ["n_0"] if gap else []
        gap = False
        plain_ten = size == 10 and figure == 1 and first and not said
        name = "n_2_count" if figure == 2 and size == 1000 else f"n_{figure}"
        said += [*([] if plain_ten else [name]), *([f"n_{size}"] if size > 1 else [])]
    return said


def _korean(value: int) -> list[str]:
    said: list[str] = []
    for size in (1000, 100, 10, 1):
        figure = value // size % 10
        if figure:
            said += [*([f"n_{figure}"] if figure > 1 or size == 1 else [])]
            said += [f"n_{size}"] if size > 1 else []
    return said


def _japanese(value: int) -> list[str]:
    said = [f"n_{value // size % 10 * size}" for size in (1000, 100) if value // size % 10]
    tens, ones = value // 10 % 10, value % 10
    said += [*([f"n_{tens}"] if tens > 1 else []), *(["n_10"] if tens else [])]
    return [*said, *([f"n_{ones}"] if ones else [])]


# money, days, times


def _money(whole: str, part: str, language: Language) -> list[str]:
    """Read yuan; in Chinese with 角 and 分, elsewhere as a decimal fraction."""
    amount = int(whole)
    if language != "zh":
        point = ["n_point", *(f"n_{figure}" for figure in part)] if part else []
        return [*number(amount, language), *point, "w_yuan"]
    said = _counted(amount) if amount or not part else []
    said += ["w_yuan"] if said else []
    jiao, fen = int(part.ljust(2, "0")[0]), int(part.ljust(2, "0")[1])
    said += [*_counted(jiao), "w_jiao"] if jiao else (["n_0"] if fen and said else [])
    return [*said, *([*_counted(fen), "w_fen"] if fen else [])]


def _counted(value: int) -> list[str]:
    """Read how many there are, in Chinese: 两 and not 二."""
    return ["n_2_count"] if value == 2 else number(value, "zh")


def _date(year: int, month: int, day: int, language: Language) -> list[str]:
    match language:
        case "zh":
            years = [f"n_{figure}" for figure in f"{year:04}"]
            months, days = number(month, "zh"), number(day, "zh")
            return [*years, "w_year", *months, "w_month", *days, "w_day"]
        case "en":
            return [f"month_{month}", f"day_{day}", *_english_year(year)]
        case "ko":
            return [*number(year, "ko"), "w_year", f"month_{month}", *number(day, "ko"), "w_day"]
        case _:
            years = number(year, "ja")
            years[-1] = "n_4_year" if years[-1] == "n_4" else years[-1]
            return [*years, "w_year", f"month_{month}", f"day_{day}"]


def _english_year(year: int) -> list[str]:
    """Read 2026 as twenty twenty-six, 2005 as two thousand and five, 1905 as nineteen oh five."""
    century, rest = divmod(year, 100)
    if century < 10 or (century % 10 == 0 and rest < 10):
        return number(year, "en")
    tail = ["n_100"] if rest == 0 else [*(["n_oh"] if rest < 10 else []), *_english(rest)]
    return [*_english(century), *tail]


def _time(hour: int, minute: int, language: Language) -> list[str]:
    half = "w_am" if hour < 12 else "w_pm"
    match language:
        case "zh":
            tail = [*(["n_0"] if 0 < minute < 10 else []), *number(minute, "zh"), "w_minute"]
            return [*_counted(hour), "w_hour", *(tail if minute else ["w_sharp"])]
        case "en":
            ones = [*(["n_oh"] if minute < 10 else []), *_english(minute)] if minute else []
            return [f"n_{hour % 12 or 12}", *ones, half]
        case "ko":
            tail = [*number(minute, "ko"), "w_minute"] if minute else []
            return [half, f"hour_{hour % 12 or 12}", *tail]
        case _:
            return [half, f"hour_{hour % 12}", *_japanese_minutes(minute)]


def _japanese_minutes(minute: int) -> list[str]:
    tens, ones = divmod(minute, 10)
    lead = [f"n_{tens}"] if tens > 1 else []
    if ones:
        return [*lead, *(["n_10"] if tens else []), f"minute_{ones}"]
    return [*lead, "minute_10"] if tens else []
