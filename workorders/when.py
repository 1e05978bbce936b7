"""When it happened: Chinese expressions of time, resolved against the call's arrival."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from asr.mandarin import number
from workorders.draft import Field, When
from workorders.lines import REMEMBERED, Hit, Line, confirmed, found
from workorders.when_abroad import abroad

SHANGHAI = timezone(timedelta(hours=8), "CST")
"""Asia/Shanghai: no summer time since 1991, so a fixed offset says it all."""
NUM = "(?:[0-9]+|[一二两三四五六七八九十]+|半)"
UNIT = "(?:年|个?半?月|个?星期|个?礼拜|周|天|个?小时|分钟)"
EVERY = (
    "(?:几乎|基本上?)?(?:每天|每日|天天|每晚|每个?周末"
    "|每个?(?:周|星期|礼拜)[一二三四五六日天]|一到(?=晚上|夜里|周末|早上))"
)
DAY = (
    "大前天|前天|前晚|昨天|昨日|昨晚|昨夜|今天|今日|今早|今晚|今晨"
    "|(?:上个?|这个?|本)?(?:周|星期|礼拜)[一二三四五六日天]|(?:上个?|这个?|本)?周末"
    "|上个?(?:周|星期|礼拜)|(?:这个?|本)(?:周|星期|礼拜)"
    f"|上个?月{NUM}[号日]|上个?月|(?:这个|本)月{NUM}[号日]|(?:这个|本)月"
    f"|(?:今年|去年|前年|20[0-9]{{2}}年)?的?(?<![0-9]){NUM}月份?{NUM}[号日](?!楼|院|线|店|门)"
    f"|(?:今年|去年|前年|20[0-9]{{2}}年)的?{NUM}月份?|去年|前年|今年"
    f"|{NUM}{UNIT}(?:之前|以前|前)"
)
PART = "凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜|深夜|夜间|后半夜"
CLOCK = (
    "(?:(?:[0-9]{1,2}|[一二两三四五六七八九十]{1,3})(?:点钟?|时(?!候|间))"
    f"(?:半|[一三]刻|{NUM}分?(?![0-9点号]))?|[0-9]{{1,2}}:[0-9]{{2}})"
)
BEGINNINGS = (
    "(?=[0-9一二两三四五六七八九十百半几基每天的大前昨今上这本周星礼去凌清早中下傍晚夜深后以之过])"
)
"""What any expression of day or clock begins with: at most places of a text nothing is tried."""
PATTERN = re.compile(
    f"{BEGINNINGS}(?P<every>{EVERY})?的?(?P<day>{DAY})?的?(?P<part>{PART})?的?"
    f"(?:(?P<from>{CLOCK})(?P<about>多|左右|前后)?"
    f"(?:(?:一直)?(?:到|至)(?:第二天|次日)?(?P<part2>{PART})?(?P<to>{CLOCK}))?)?(?P<after>以后|之后|过后|后)?"
)
LASTING = re.compile(
    "(?:已经|都|停了|断了|坏了|持续了?|连续|拖了|拖欠了?|欠了|等了|快)(?:有|快)?"
    f"(?P<it>(?P<number>{NUM})(?P<unit>{UNIT})半?)(?!前|以前|之前|内|之内)"
    f"|(?P<number2>{NUM})(?P<unit2>{UNIT})多?了"
)
MONTH = re.compile(
    f"(?:(?P<month>{NUM})|(?P<last>上个?)|(?:这个|本))月份?(?:(?P<day>{NUM})[号日])?"
)
NOW = re.compile("刚才|刚刚|现在|这会儿|此刻|正在")
LATELY = re.compile(f"最近|这几天|这两天|近期|这段时间|这阵子|近{NUM}{UNIT}")
SAID = PATTERN, LASTING, NOW, LATELY
ASIDE = re.compile(
    "(?:希望|要求|什么时候|请在|尽快|能不能|保证|承诺|答应|准备|打算|限)[^，。]{0,6}$"
)
"""Before a time: it is wanted or promised, not when it happened."""
HOURS = {
    "凌晨": (0, 6), "清晨": (5, 8), "早上": (6, 9), "早晨": (6, 9), "今早": (5, 9), "今晨": (0, 6),
    "上午": (8, 12), "中午": (11, 14), "下午": (12, 18), "傍晚": (17, 19), "晚上": (18, 24),
    "昨晚": (18, 24), "前晚": (18, 24), "今晚": (18, 24), "每晚": (18, 24), "夜里": (22, 29),
    "昨夜": (22, 29), "半夜": (23, 29), "深夜": (22, 29), "夜间": (22, 30), "后半夜": (24, 30),
}  # fmt: skip
"""Hours that a part of the day spans; over 24 is the next morning."""
DAYS_AGO = {"今": 0, "昨": 1, "前天": 2, "前晚": 2, "大前天": 3}
LENGTHS = {
    "年": 365.0, "月": 30.0, "星期": 7.0, "礼拜": 7.0, "周": 7.0, "天": 1.0, "小时": 1 / 24,
    "分钟": 1 / 1440,
}  # fmt: skip
"""Days."""
DAY_LONG = timedelta(days=1)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class _Candidate:
    when: When
    hit: Hit
    worth: float
    """How well it tells when something happened."""
    certainty: float = 0.9


def time_of(citizen: Sequence[Line], agent: Sequence[Line], arrived: float) -> Field[When] | None:
    """Find the expression that best says when it happened; None if nobody said."""
    now = datetime.fromtimestamp(arrived, SHANGHAI)
    candidates = [
        candidate
        for line in citizen
        for candidate in _candidates(line, now)
        if ASIDE.search(line.text[: candidate.hit.start]) is None
    ]
    if not candidates:
        return None
    best = max(candidates, key=lambda candidate: candidate.worth)
    value = found(best.when, best.certainty, [best.hit])
    return confirmed(value, [best.when.said], agent)


def _candidates(line: Line, now: datetime) -> list[_Candidate]:
    if line.said.language != "zh":
        return _foreign(line, now)
    said = times_in(line.text)
    named = (_named(match, line, now) for match in said.named)
    return [
        *(candidate for candidate in named if candidate is not None),
        *_lasting(said.lasting, line, now),
        *_vague(said, line, now),
    ]


class _Matches(NamedTuple):
    """Where a text says something of time."""

    named: tuple[re.Match[str], ...]
    """Of day or clock."""
    lasting: tuple[re.Match[str], ...]
    present: tuple[re.Match[str], ...]
    lately: tuple[re.Match[str], ...]


@lru_cache(maxsize=REMEMBERED)
def times_in(text: str) -> _Matches:
    """Return where something is said of time; a match of nothing is none."""
    found = ([m for m in p.finditer(text) if m.end() > m.start()] for p in SAID)
    return _Matches(*map(tuple, found))


def _lasting(matches: Iterable[re.Match[str]], line: Line, now: datetime) -> list[_Candidate]:
    """Read how long it has gone on."""
    candidates = []
    for match in matches:
        count, unit = match["number"] or match["number2"], match["unit"] or match["unit2"]
        said = Hit(line, *match.span("it" if match["it"] else 0))
        words, days = said.text.rstrip("了"), _days(count, unit)
        if days is None:  # 两三天
            candidates.append(_Candidate(When(words), said, 2.0, 0.7))
        else:
            when = When(words, _floor(now - days, days), now)
            candidates.append(_Candidate(when, said, 2.4, 0.7))
    return candidates


def _vague(said: _Matches, line: Line, now: datetime) -> list[_Candidate]:
    """Read words that say little: now is the last hour, lately is no time at all."""
    hour = timedelta(hours=1)
    present = [
        _Candidate(When(match[0], now - hour, now), Hit(line, *match.span()), 1.0, 0.6)
        for match in said.present
    ]
    lately = [
        _Candidate(When(match[0]), Hit(line, *match.span()), 1.2, 0.8) for match in said.lately
    ]
    return present + lately


def _foreign(line: Line, now: datetime) -> list[_Candidate]:
    candidates = []
    for start, end, days, hours, every in abroad(line.text, line.said.language):
        begins, ends = _spread(now, days, hours) if days is not None else (None, None)
        when = When(line.text[start:end], begins, ends, every)
        candidates.append(_Candidate(when, Hit(line, start, end), 2.5 if every else 3.0))
    return candidates


def _spread(now: datetime, days: tuple[int, int], hours: tuple[int, int]) -> Span:
    """Return the hours of the days from `days` ago; a night ends on the next morning."""
    midnight = _midnight(now)
    begins = midnight - days[0] * DAY_LONG + timedelta(hours=hours[0])
    return begins, min(midnight - days[1] * DAY_LONG + timedelta(hours=hours[1]), max(now, begins))


def _named(match: re.Match[str], line: Line, now: datetime) -> _Candidate | None:
    """Make sense of one expression of day, part of the day and clock."""
    every, day, clock = match["every"], match["day"], match["from"]
    part = match["part"] or next((d for d in (day, every) if d in HOURS), None)
    if not (every or day or part or clock):
        return None
    begins = _clock(clock, part) if clock else None
    ends = _clock(match["to"], match["part2"] or part) if match["to"] else None
    hit = Hit(line, match.start(), match.end())
    said = hit.text.strip("的")
    worth = (3.0 if every or day else 1.0) + 0.5 * bool(part) + 0.7 * bool(clock)
    if every:
        return _Candidate(When(said, every=every, clock=_hours(begins, ends, match)), hit, worth)
    if not day:
        return _Candidate(When(said, clock=_hours(begins, ends, match)), hit, worth, 0.7)
    span = _day(day, now)
    if span is None:
        return _Candidate(When(said), hit, worth, 0.5)
    if begins is None and part is None:
        return _Candidate(When(said, span[0], _until(span, now)), hit, worth)
    return _Candidate(_at(said, span[0], (begins, ends), match, now), hit, worth)


def _until(span: Span, now: datetime) -> datetime:
    """Return the end of a span of days, which for what has happened is not after now."""
    return min(span[1], now) if span[0] <= now else span[1]


def _at(
    said: str, day: datetime, clock: tuple[float | None, float | None],
    match: re.Match[str], now: datetime,
) -> When:  # fmt: skip
    """Fix the hours of one day."""
    begins, ends = clock
    part = match["part"] or match["day"]
    if begins is None:
        low, high = HOURS[part]
        return When(said, day + timedelta(hours=low), day + timedelta(hours=high))
    vague = part not in HOURS
    if vague and begins < 12 and day + timedelta(hours=begins + 12) <= now and begins < 7:
        begins += 12  # 今天3点 said in the evening is the afternoon: few report 3 a.m. so
    first = day + timedelta(hours=begins)
    if ends is not None:
        return When(said, first, day + timedelta(hours=ends + 24 * (ends <= begins)))
    if match["about"] == "多":
        return When(said, first, first + timedelta(hours=1))
    if match["about"]:
        half = timedelta(minutes=30)
        return When(said, first - half, first + half)
    if match["after"]:
        return When(said, first, max(min(now, day + DAY_LONG), first))
    return When(said, first, first)


def _clock(text: str, part: str | None) -> float | None:
    """Return hours since midnight; 10点半 at night is 22.5, 2点 at midnight 26."""
    hour_text, _, rest = re.sub("点钟?|时|:", "|", text).partition("|")
    hour = _figure(hour_text)
    if hour is None or hour > 24:
        return None
    minutes = {"半": 30.0, "一刻": 15.0, "三刻": 45.0, "": 0.0}.get(rest)
    if minutes is None:
        minutes = _figure(rest.rstrip("分")) or 0.0
    hours = hour + minutes / 60
    low, high = HOURS.get(part or "", (0, 24))
    if high > 24 and hour <= 6:
        return hours + 24
    late = hour < 12 and (low >= 12 or (part == "中午" and hour <= 2))
    if late and not (low >= 17 and hour < 5):
        return hours + 12
    return hours + 24 if low >= 18 and (hour == 12 or hour < 5) else hours


def _hours(
    begins: float | None, ends: float | None, match: re.Match[str]
) -> tuple[str, str | None] | None:
    """Return the hours of a day as clock times; None if neither clock nor part was said."""
    if begins is None:
        span = next((HOURS[w] for w in (match["part"], match["every"]) if w in HOURS), None)
        return (_written(span[0]), _written(span[1])) if span is not None else None
    if match["after"]:
        return _written(begins), None
    return _written(begins), _written(begins if ends is None else ends)


def _written(hours: float) -> str:
    minutes = round(hours * 60) % 1440
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _day(text: str, now: datetime) -> Span | None:
    """Return the days that a word or date names, from midnight to midnight."""
    today = _midnight(now)
    for word in ("大前天", "前天", "前晚", "昨", "今"):
        if text.startswith(word) and not text.startswith("今年"):
            begins = today - DAYS_AGO[word] * DAY_LONG
            return begins, begins + DAY_LONG
    if text.endswith("前"):
        return _ago(text, now)
    if re.search("周|星期|礼拜", text):
        return _week(text, today)
    return _date(text, today)


def _ago(text: str, now: datetime) -> Span | None:
    match = re.match(f"(?P<number>{NUM})(?P<unit>{UNIT})", text)
    days = _days(match["number"], match["unit"]) if match else None
    if days is None:
        return None
    begins = _floor(now - days, days)
    return begins, begins + (DAY_LONG if days >= DAY_LONG else timedelta(hours=1))


def _week(text: str, today: datetime) -> Span:
    monday = today - today.weekday() * DAY_LONG
    last = text.startswith("上")
    if text.endswith("周末"):
        begins = monday + 5 * DAY_LONG
        if last or begins > today:
            begins -= 7 * DAY_LONG
        return begins, begins + 2 * DAY_LONG
    weekday = "一二三四五六日".find(text[-1].replace("天", "日"))
    if weekday < 0:
        begins = monday - 7 * DAY_LONG * last
        return begins, begins + 7 * DAY_LONG
    begins = monday + weekday * DAY_LONG - 7 * DAY_LONG * last
    if begins > today:
        begins -= 7 * DAY_LONG  # 周五 said on a Monday: what happened is past
    return begins, begins + DAY_LONG


def _date(text: str, today: datetime) -> Span | None:
    """Return a month or a day of a month; without a year, the latest that is not to come."""
    figures = MONTH.search(text)
    year = _year(text, today)
    if figures is None:
        return datetime(year, 1, 1, tzinfo=SHANGHAI), datetime(year + 1, 1, 1, tzinfo=SHANGHAI)
    said, last = figures["month"], bool(figures["last"])
    month = (_figure(said) if said else today.month - last) or 12
    if last and month == 12:
        year -= 1
    day = _figure(figures["day"]) if figures["day"] else None
    try:
        begins = datetime(year, int(month), int(day or 1), tzinfo=SHANGHAI)
        if begins > today and "年" not in text:
            begins = begins.replace(year=year - 1)
    except ValueError:
        return None
    after = (begins.replace(day=1) + 32 * DAY_LONG).replace(day=1)
    return begins, begins + DAY_LONG if day else after  # fmt: skip


def _year(text: str, today: datetime) -> int:
    named = re.match("20[0-9]{2}", text)
    if named:
        return int(named[0])
    return today.year - (1 if "去年" in text else 2 if "前年" in text else 0)


def _days(count: str, unit: str) -> timedelta | None:
    figure = 0.5 if count == "半" or "半" in unit else _figure(count)
    length = next((days for name, days in LENGTHS.items() if unit.endswith(name)), None)
    return timedelta(days=figure * length) if figure is not None and length is not None else None


def _floor(moment: datetime, grain: timedelta) -> datetime:
    """Return the midnight before a moment that days lie between, else its minute."""
    return _midnight(moment) if grain >= DAY_LONG else moment.replace(second=0, microsecond=0)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _figure(text: str) -> float | None:
    figures = text if text.isdigit() else number(text)
    return float(figures) if figures is not None and figures.isdigit() else None
