from datetime import datetime

import pytest

from asr.transcript import Utterance
from calls.ids import Language
from workorders.draft import When
from workorders.lines import Line
from workorders.when import SHANGHAI, time_of

ARRIVED = datetime(2026, 3, 18, 15, 30, tzinfo=SHANGHAI)
"""A Wednesday."""


def when(text: str, language: Language = "zh", arrived: datetime = ARRIVED) -> When | None:
    line = Line.of(Utterance("citizen", language, 0.0, 5.0, text, 1.0))
    found = time_of([line], [], arrived.timestamp())
    return found.value if found is not None else None


def at(day: int, hour: float = 0, month: int = 3, year: int = 2026) -> datetime:
    return datetime(year, month, day, int(hour), round(hour % 1 * 60), tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("今天早上七点半就坏了", at(18, 7.5), at(18, 7.5)),
        ("昨天停的", at(17), at(18)),
        ("昨天晚上十点多", at(17, 22), at(17, 23)),
        ("昨晚十点左右", at(17, 21.5), at(17, 22.5)),
        ("昨天凌晨两点", at(17, 2), at(17, 2)),
        ("昨天半夜两点", at(18, 2), at(18, 2)),
        ("前天下午", at(16, 12), at(16, 18)),
        ("大前天中午十二点", at(15, 12), at(15, 12)),
        ("昨天中午一点", at(17, 13), at(17, 13)),
        ("今天下午三点以后", at(18, 15), at(18, 15.5)),
        ("今天三点", at(18, 15), at(18, 15)),
        ("昨天晚上九点到凌晨一点", at(17, 21), at(18, 1)),
        ("上周五晚上", at(13, 18), at(14)),
        ("这周一", at(16), at(17)),
        ("星期五的事", at(13), at(14)),
        ("周末", at(14), at(16)),
        ("上周", at(9), at(16)),
        ("这周", at(16), ARRIVED),
        ("上周末", at(14), at(16)),
        ("上上周三", at(11), at(12)),
        ("昨天上午10点20分", at(17, 10 + 1 / 3), at(17, 10 + 1 / 3)),
        ("上个月十五号", at(15, month=2), at(16, month=2)),
        ("三月三号", at(3), at(4)),
        ("十一月二十号", at(20, month=11, year=2025), at(21, month=11, year=2025)),
        ("去年十月", at(1, month=10, year=2025), at(1, month=11, year=2025)),
        ("二零二四年五月", at(1, month=5, year=2024), at(1, month=6, year=2024)),
        ("去年就这样", at(1, month=1, year=2025), at(1, month=1)),
        ("三天前", at(15), at(16)),
        ("两个星期前", at(4), at(5)),
        ("半个小时前", at(18, 15), ARRIVED),
        ("已经停了三天了", at(15), ARRIVED),
        ("拖欠了两个月", at(17, month=1), ARRIVED),
        ("上个月", at(1, month=2), at(1)),
    ],
)
def test_words_of_time_are_fixed_against_the_arrival(
    text: str, begins: datetime, ends: datetime
) -> None:
    found = when(text)
    assert found is not None
    assert (found.begins, found.ends) == (begins, ends)


@pytest.mark.parametrize(
    ("text", "every", "clock"),
    [
        ("每天晚上十点以后", "每天", ("22:00", None)),
        ("天天晚上吵", "天天", ("18:00", "00:00")),
        ("每个周末", "每个周末", None),
        ("一到晚上就放音乐", "一到", ("18:00", "00:00")),
        ("每天早上六点到八点", "每天", ("06:00", "08:00")),
    ],
)
def test_what_recurs_has_hours_but_no_date(
    text: str, every: str, clock: tuple[str, str | None] | None
) -> None:
    found = when(text)
    assert found is not None
    assert (found.begins, found.every, found.clock) == (None, every, clock)


def test_the_same_words_in_january_mean_last_december() -> None:
    found = when("上个月二十号", arrived=datetime(2026, 1, 5, 9, 0, tzinfo=SHANGHAI))
    assert found is not None
    assert found.begins == at(20, month=12, year=2025)


@pytest.mark.parametrize(
    ("text", "said"),
    [("已经两三天了", "两三天"), ("两三天前", "两三天前"), ("昨天二十五点", "昨天")],
)
def test_a_guess_or_a_slip_stays_as_said(text: str, said: str) -> None:
    found = when(text)
    assert found is not None
    assert found.said.startswith(said)


def test_the_weekend_said_on_a_sunday_is_this_one() -> None:
    found = when("这周末一直吵", arrived=datetime(2026, 3, 22, 9, 0, tzinfo=SHANGHAI))
    assert found is not None
    assert found.begins == at(21)


def test_a_date_that_does_not_exist_stays_as_said() -> None:
    found = when("二月三十号")
    assert found is not None
    assert (found.said, found.begins) == ("2月30号", None)


@pytest.mark.parametrize(
    "text",
    [
        "希望三天之内解决",
        "请问什么时候发",
        "我要投诉",
        "三栋二单元",
        "我想问一下",
        "他们承诺明天来修",
    ],
)
def test_what_is_wanted_or_asked_is_not_when_it_happened(text: str) -> None:
    assert when(text) is None


def test_now_and_lately_are_kept_as_said() -> None:
    now, lately = when("现在正在冒烟"), when("最近老是这样")
    assert now is not None and now.ends == ARRIVED
    assert lately is not None and lately.begins is None


@pytest.mark.parametrize(
    ("language", "text", "begins"),
    [
        ("en", "it happened last night at the hotel", at(17, 22)),
        ("en", "yesterday afternoon", at(17, 12)),
        ("en", "the day before yesterday", at(16)),
        ("ko", "어제 저녁에 그랬어요", at(17, 18)),
        ("ko", "그저께", at(16)),
        ("ja", "一昨日の午後", at(16)),
        ("ja", "今朝から", at(18, 5)),
    ],
)
def test_plain_words_of_other_languages(language: Language, text: str, begins: datetime) -> None:
    found = when(text, language)
    assert found is not None
    assert found.begins == begins


def test_every_night_recurs_in_english() -> None:
    found = when("they drill every night", "en")
    assert found is not None
    assert found.every == "every night"


def test_the_exact_expression_goes_before_the_vague_one() -> None:
    lines = [
        Line.of(Utterance("citizen", "zh", 0.0, 2.0, "最近一直吵", 1.0)),
        Line.of(Utterance("citizen", "zh", 2.0, 4.0, "昨天晚上十一点还在打桩", 1.0)),
    ]
    found = time_of(lines, [], ARRIVED.timestamp())
    assert found is not None
    assert found.value.begins == at(17, 23)
    assert [e.start for e in found.evidence] == [2.0]
