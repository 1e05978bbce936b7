"""Chinese words as a recogniser gives them, written as a clerk writes them.

Figures are written only where the words beside a numeral prove it to be one: house numbers,
clock times, dates, sums, lengths of time, and three digits or more in a row. In doubt the
characters stay. So 一些, 一直, 万一, 第一时间, 十分满意, 张三 and 两三百 are never touched.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

DIGITS = {**{c: str(i) for i, c in enumerate("零一二三四五六七八九")}, "〇": "0", "幺": "1"}
DIGIT = "零〇一二三四五六七八九"
NUMERAL = f"{DIGIT}十百千万亿两"
VAGUE = "几数多余来半"
"""Beside a numeral these make it a guess: 几十号人, 十多块."""

AMOUNT = f"(?<![{NUMERAL}{VAGUE}第成近上好点幺])(?P<number>[一二两三四五六七八九十][{NUMERAL}]*)"
LAST_NAMES = "张王李赵刘陈老小阿"
HOUR = f"(?P<hour>[一二两三四五六七八九十]{{1,3}})(?![{NUMERAL}{VAGUE}])"
MINUTE = f"(?P<minute>[零一二三四五六七八九十]{{1,3}})(?![{NUMERAL}{VAGUE}])"
DAYTIME = (
    "凌晨|清晨|早上|早晨|上午|中午|下午|午后|傍晚|晚上|夜里|半夜|深夜|夜间|今早|今晚|昨晚|明晚|每晚"
)
TO_THE_HOUR = f"(?=钟|半|整|左右|以后|之后|以前|之前|多|过后|到|至|[{DIGIT}十]{{1,3}}分)"

_HOUSE = (
    "号楼|号院|单元|栋|幢|楼(?![下上梯道房盘市])|层|室(?![一二两三四五六]厅)|弄"
    "|号(?![称召令角啕外码脉子])"
)
_MEASURE = (
    "万元|亿元|元|块钱|块|毛钱|平方米|平米|平方|公里|千米|厘米|毫米|米|公斤|吨|斤|度(?!假)|岁|倍"
    "|个小时|小时|分钟|秒钟|秒|个月|天|年|户|人|名|个百分点"
)
_YEAR = f"(?<![{NUMERAL}])(?P<digits>[一二][零〇一二三四五六七八九]{{3}})(?=年)"
_STRING = f"(?<![{NUMERAL}{VAGUE}点])(?P<digits>[{DIGIT}幺]{{3,}})(?![{NUMERAL}点幺])"
NAMES = frozenset({"九一八", "一二九", "五一二", "七七七"})
"""Digits in a row that are days in history, and so streets and squares."""


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that was written: `text[start:end]` stands for the words `spoken`."""

    start: int
    end: int
    spoken: str


@dataclass(frozen=True, slots=True)
class Tidied:
    """Text with figures, and what was said in their place."""

    text: str
    original: str
    """The words joined, every character as it was recognised."""
    changes: tuple[Change, ...]

    def spoken(self, start: int, end: int) -> str:
        """Return the recognised characters behind `text[start:end]`; whole figures only."""
        return self.original[self._back(start, late=False) : self._back(end, late=True)]

    def _back(self, place: int, *, late: bool) -> int:
        """Return the place in `original` that a place in `text` comes from."""
        grown = 0
        for change in self.changes:
            if change.start < place < change.end:
                return change.start + grown + (len(change.spoken) if late else 0)
            if place <= change.start:
                break
            grown += len(change.spoken) - (change.end - change.start)
        return place + grown


def tidy(text: str) -> Tidied:
    """Join recognised words and write figures where that is safe.

    Where `text` has spaces they say where words begin, and no figure is made of the end of
    a word: 李四 单元 楼 stays, 阳光 小区 四 单元 becomes 阳光小区4单元.
    """
    original, edges = _joined(text.split())
    found: list[tuple[int, int, str]] = []
    for start, end, figure in _figures(original):
        if (start in edges or edges == {0, len(original)}) and all(
            end <= a or b <= start for a, b, _ in found
        ):
            found.append((start, end, figure))
    return _written(original, sorted(found))


def join(words: Sequence[str]) -> str:
    """Join words without spaces, but for a space between two that are not in Han or kana."""
    return _joined(words)[0]


def _joined(words: Sequence[str]) -> tuple[str, frozenset[int]]:
    """Return the text, and the places where words begin or end."""
    text, edges = "", {0}
    for word in words:
        if text and text[-1].isascii() and word[0].isascii():
            text += " "
            edges.add(len(text))
        text += word
        edges.add(len(text))
    return text, frozenset(edges)


def _written(original: str, found: Sequence[tuple[int, int, str]]) -> Tidied:
    text, changes, at = "", [], 0
    for start, end, figure in found:
        text += original[at:start]
        changes.append(Change(len(text), len(text) + len(figure), original[start:end]))
        text += figure
        at = end
    return Tidied(text + original[at:], original, tuple(changes))


def number(spoken: str) -> str | None:
    """Return a well-formed numeral in figures, else None: 三百五 and 两三百 are neither."""
    import cn2an  # noqa: PLC0415  a tenth of a second, which no start of the engine waits for

    spoken = spoken.replace("两", "二").replace("〇", "零")
    if len(spoken) > 1 and spoken[-1] in "万亿":
        thousands = number(spoken[:-1])
        return thousands + spoken[-1] if thousands else None
    try:
        return str(cn2an.cn2an(spoken, "strict"))
    except ValueError:
        return None


def digits(spoken: str) -> str | None:
    """Return digits said one by one in figures; None for a name, and where not all are digits."""
    known = spoken not in NAMES and DIGITS.keys() >= set(spoken)
    return "".join(DIGITS[c] for c in spoken) if known else None


def _house(match: re.Match[str]) -> str | None:
    spoken = match["number"]
    if spoken == "两" or (spoken == "一" and match["unit"] not in ("号楼", "号", "单元", "楼")):
        return None
    return number(spoken)


def _measure(match: re.Match[str]) -> str | None:
    """Figures for a sum or a length; a single 三 or 十 stays as it is said."""
    spoken = match["number"]
    return number(spoken) if len(spoken) > 1 else None


def _within(low: int, high: int, group: str) -> Callable[[re.Match[str]], str | None]:
    def write(match: re.Match[str]) -> str | None:
        figure = number(match[group])
        return figure if figure and figure.isdecimal() and low <= int(figure) <= high else None

    return write


def _minute(match: re.Match[str]) -> str | None:
    spoken = match["minute"]
    figure = number(spoken.removeprefix("零"))
    if figure is None or not figure.isdecimal() or int(figure) > 59:
        return None
    return figure.zfill(2) if spoken.startswith("零") else figure


def _named(group: str) -> Callable[[re.Match[str]], str | None]:
    return lambda match: digits(match[group])


def _plain(match: re.Match[str]) -> str | None:
    return number(match["number"])


def _percent(match: re.Match[str]) -> str | None:
    figure = number(match["number"])
    return f"{figure}%" if figure else None


_NAME = f"(?<![{LAST_NAMES}])"
_RULES: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], str | None]], ...] = (
    # group to replace, where it stands, how it is written; the first to fit wins
    ("digits", re.compile(_YEAR), _named("digits")),
    ("digits", re.compile(_STRING), _named("digits")),
    ("whole", re.compile(f"(?P<whole>百分之(?P<number>[{NUMERAL}点]+))"), _percent),
    ("month", re.compile(f"(?<![{NUMERAL}个])(?P<month>[一二三四五六七八九十]{{1,2}})"
                         f"(?=月(?:份|底|初|中旬|上旬|下旬|[{NUMERAL}]{{1,3}}[日号]))"),
     _within(1, 12, "month")),
    ("day", re.compile("(?<=月)(?P<day>[一二三四五六七八九十]{1,3})(?=[日号](?!线))"),
     _within(1, 31, "day")),
    ("hour", re.compile(f"(?:{DAYTIME})(?!一点(?!{TO_THE_HOUR[3:]}){HOUR}(?=点)"),
     _within(1, 24, "hour")),
    ("hour", re.compile(f"(?<![{NUMERAL}{VAGUE}有快早晚差]){HOUR}(?=点{TO_THE_HOUR})"),
     _within(2, 24, "hour")),
    ("hour", re.compile(f"(?<=点[到至]){HOUR}(?=点)"), _within(1, 24, "hour")),
    ("minute", re.compile(f"(?<=[{DIGIT}十]点){MINUTE}(?=分(?!钟))"), _minute),
    ("number", re.compile(f"{AMOUNT}(?=路(?:公交|车))"), _plain),
    ("number", re.compile(f"{_NAME}{AMOUNT}(?=(?P<unit>{_HOUSE}))"), _house),
    ("number", re.compile(f"(?P<number>[{NUMERAL}]+点[{DIGIT}]+)(?=(?:{_MEASURE}))"), _plain),
    ("number", re.compile(f"{AMOUNT}(?=(?:{_MEASURE}))"), _measure),
)  # fmt: skip


def _figures(text: str) -> Iterator[tuple[int, int, str]]:
    """Return every stretch that may be written in figures, the surest kind first."""
    for group, pattern, write in _RULES:
        for match in pattern.finditer(text):
            figure = write(match)
            if figure is not None:
                yield match.start(group), match.end(group), figure
