"""Figures, numbers, money, days and times are read as each language says them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.ids import LANGUAGES, Language, PromptId
from ivr.reading import KINDS, LARGEST, PAUSE, number, pieces, read, reading, spoken
from ivr.reading_words import WORDS


def said(value: str, kind: str, language: Language) -> str:
    space = " " if language == "en" else ""
    return space.join(WORDS[language][piece] for piece in read(value, kind, language))


@pytest.mark.parametrize(
    ("value", "zh", "en", "ko", "ja"),
    [
        ("0", "零", "zero", "영", "ゼロ"),
        ("2", "二", "two", "이", "に"),
        ("10", "十", "ten", "십", "じゅう"),
        ("12", "十二", "twelve", "십이", "じゅうに"),
        ("20", "二十", "twenty", "이십", "にじゅう"),
        ("101", "一百零一", "one hundred and one", "백일", "ひゃくいち"),
        ("110", "一百一十", "one hundred and ten", "백십", "ひゃくじゅう"),
        ("368", "三百六十八", "three hundred and sixty eight", "삼백육십팔",
         "さんびゃくろくじゅうはち"),
        ("2006", "两千零六", "two thousand and six", "이천육", "にせんろく"),
        ("8600", "八千六百", "eight thousand six hundred", "팔천육백", "はっせんろっぴゃく"),
        ("10000", "一万", "ten thousand", "만", "いちまん"),
        ("20010", "两万零一十", "twenty thousand and ten", "이만십", "にまんじゅう"),
        ("120305", "十二万零三百零五", "one hundred and twenty thousand three hundred and five",
         "십이만삼백오", "じゅうにまんさんびゃくご"),
    ],
)  # fmt: skip
def test_numbers(value: str, zh: str, en: str, ko: str, ja: str) -> None:
    heard = [said(value, "number", language) for language in LANGUAGES]
    assert heard == [zh, en, ko, ja]


@pytest.mark.parametrize(
    ("language", "day"),
    [("zh", "二零二六年三月四日"), ("en", "March fourth twenty twenty six"),
     ("ko", "이천이십육년삼월사일"), ("ja", "にせんにじゅうろくねんさんがつよっか")],
)  # fmt: skip
def test_days(language: Language, day: str) -> None:
    assert said("2026-03-04", "date", language) == day


def test_the_days_that_are_said_otherwise_than_their_figures() -> None:
    assert said("2024-06-20", "date", "ja") == "にせんにじゅうよねんろくがつはつか"
    assert said("2026-10-06", "date", "ko") == "이천이십육년시월육일"
    assert said("2005-12-31", "date", "en") == "December thirty first two thousand and five"
    assert said("1900-01-01", "date", "en") == "January first nineteen hundred"


@pytest.mark.parametrize(
    ("at", "zh", "en", "ko", "ja"),
    [
        ("00:05", "零点零五分", "twelve oh five a.m.", "오전열두 시오분", "ごぜんれいじごふん"),
        ("02:00", "两点整", "two a.m.", "오전두 시", "ごぜんにじ"),
        ("14:30", "十四点三十分", "two thirty p.m.", "오후두 시삼십분", "ごごにじさんじゅっぷん"),
        (
            "16:14",
            "十六点十四分",
            "four fourteen p.m.",
            "오후네 시십사분",
            "ごごよじじゅうよんぷん",
        ),
    ],
)
def test_times(at: str, zh: str, en: str, ko: str, ja: str) -> None:
    assert [said(at, "time", language) for language in LANGUAGES] == [zh, en, ko, ja]


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [("2", "两元", "two yuan"), ("12.50", "十二元五角", "twelve point five yuan"),
     ("3.05", "三元零五分", "three point zero five yuan"),
     ("0.80", "八角", "zero point eight yuan"),
     ("0", "零元", "zero yuan")],
)  # fmt: skip
def test_money(amount: str, zh: str, en: str) -> None:
    assert (said(amount, "money", "zh"), said(amount, "money", "en")) == (zh, en)


def test_figures_are_read_one_by_one_as_telephone_numbers_are() -> None:
    assert said("13900010", "digits", "zh") == "幺三九零零零幺零"
    assert said("+82-10", "digits", "ko") == "팔이일공"


@pytest.mark.parametrize(
    ("language", "heard"),
    [
        ("zh", "二六幺幺 二二零零 零幺七九"),
        ("en", "two six one one / two two zero zero / zero one seven nine"),
        ("ko", "이육일일 이이공공 공일칠구"),
        ("ja", "にろくいちいち ににゼロゼロ ゼロいちななきゅう"),
    ],
)
def test_an_orders_number_is_read_figure_by_figure_with_a_pause_after_every_fourth(
    language: Language, heard: str
) -> None:
    pieces = read("261122000179", "order", language)
    assert pieces.count(PAUSE) == 2
    words = {**WORDS[language], PAUSE: "/" if language == "en" else " "}
    space = " " if language == "en" else ""
    assert space.join(words[piece] for piece in pieces) == heard


def test_what_is_not_of_its_kind_is_read_figure_by_figure() -> None:
    assert said("2026-13-01", "date", "zh") == "二零二六幺三零幺"
    assert said("123456789", "number", "en").split()[0] == "one"
    assert said("", "time", "ja") == ""


def test_a_reading_stands_among_recordings_and_one_of_nothing_known_is_silent() -> None:
    prompts = (PromptId("you_typed"), PromptId("{order:digits}"), PromptId("{nobody:date}"))
    assert reading("you_typed") is None
    assert spoken(prompts, {"order": "12"}, "en") == ("you_typed", "n_1", "n_2")


@given(st.integers(0, LARGEST), st.sampled_from(LANGUAGES))
def test_every_number_is_made_of_pieces_that_there_are(value: int, language: Language) -> None:
    assert set(number(value, language)) <= set(pieces("number", language))


@given(st.dates(), st.times(), st.decimals(0, 9999, places=2), st.sampled_from(LANGUAGES))
def test_what_is_read_needs_no_piece_but_those_of_its_kind(
    day: object, at: object, amount: object, language: Language
) -> None:
    values = {"date": str(day), "time": str(at)[:5], "money": str(amount), "digits": "0123456789"}
    for kind in KINDS:
        if kind in values:
            assert set(read(values[kind], kind, language)) <= set(pieces(kind, language))


@given(st.text(max_size=30), st.sampled_from(KINDS), st.sampled_from(LANGUAGES))
def test_anything_at_all_may_be_read(value: str, kind: str, language: Language) -> None:
    assert set(read(value, kind, language)) <= {PromptId(name) for name in WORDS[language]}
