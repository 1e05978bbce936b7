"""What is read once of a text and remembered is what a first reading finds, for whoever says it."""

import re
from random import Random

import pytest
from pypinyin import lazy_pinyin

from asr.transcript import Utterance
from calls.ids import CallId, Language
from workorders.classes import matters_in
from workorders.danger import alarms
from workorders.demand import demands_in
from workorders.drafting import CallFacts, City, draft
from workorders.lines import Line
from workorders.names import LEAST, Meant, Names
from workorders.reading import read_ahead
from workorders.sound import alike, as_signs, sound_of, sounds_of, syllables
from workorders.titles import things_in
from workorders.types import cues_in, kind_of
from workorders.when import BEGINNINGS, DAY, EVERY, PART, PATTERN, times_in

NAMES = (
    "锦绣江南",
    "阳光花园",
    "翠竹苑",
    "学府名苑小区",
    "滨海国际会展中心",
    "滨海国际机场",
    "新月村",
)


def said(text: str, start: float, language: Language = "zh") -> Line:
    return Line.of(Utterance("citizen", language, start, start + 2.0, text, 1.0))


def everywhere(names: Names, text: str) -> list[Meant]:
    """Look for misheard names in every stretch of a text, in the slowest way there is."""
    found: list[Meant] = []
    for start in range(len(text)):
        for end in range(start + LEAST, len(text) + 1):
            one = names.meant(text[start:end])
            if one is not None:
                found.append(Meant(one.name, start, end, one.cost))
    return found


@pytest.mark.parametrize("seed", range(40))
def test_no_stretch_where_a_name_may_stand_is_passed_over(seed: int) -> None:
    chance, names = Random(seed), Names(NAMES)
    name = list(chance.choice(NAMES))
    match chance.randrange(3):
        case 0:
            name[chance.randrange(len(name))] = chance.choice("园元远机际")
        case 1:
            del name[chance.randrange(len(name))]
        case _:
            name.insert(chance.randrange(len(name)), chance.choice("的了好"))
    text = "我住在" + "".join(name) + "旁边" + chance.choice(NAMES)[:3]
    likeliest = sorted(everywhere(names, text), key=lambda m: (m.cost, m.start - m.end, m.start))
    assert names.find(text)[:1] == likeliest[:1] or likeliest[0] in names.find(text)
    assert set(names.find(text)) <= set(likeliest)


@pytest.mark.parametrize(
    "text",
    [
        "银行旁边的重庆路88号楼，单元门长期坏着。",
        "KTV 里 3 个人在吵",
        "",
        "长乐路行长说：还没还钱！",
        "重庆，行长3号乐山。の行ー，〇长！l路",
        "𠮷〇",
    ],
)
def test_a_text_spelled_word_by_word_sounds_as_when_spelled_at_once(text: str) -> None:
    whole = lazy_pinyin(text, errors=list)  # type: ignore[arg-type]
    assert syllables(text) == [alike(syllable) for syllable in whole]
    assert len(sounds_of(text)) == len(text)


def test_the_same_words_are_each_callers_own_evidence() -> None:
    first, second = said("家里着火了快来人", 3.0), said("家里着火了快来人", 70.0)
    (one,), (other,) = alarms([first]), alarms([second])
    assert (one.hit.evidence.start, other.hit.evidence.start) == (3.0, 70.0)
    kind = kind_of([said("我要投诉", 1.0), said("我要投诉", 9.0)], [])
    assert kind is not None and [e.start for e in kind.evidence] == [1.0, 9.0]


def test_the_same_letters_in_another_language_are_another_text() -> None:
    assert kind_of([said("通报", 0.0, "ja")], []) is None
    assert kind_of([said("通報", 0.0, "zh")], []) is None
    assert kind_of([said("通報", 0.0, "ja")], []) is not None


def test_two_characters_have_one_sign_where_they_have_one_sound() -> None:
    letters = "长乐路行长说还没还钱啊呃n a1，。KTV〇𠮷诗是思十四"
    signs = as_signs(letters)
    assert len(signs) == len(letters)
    for one, sign in zip(letters, signs, strict=True):
        for other, its in zip(letters, signs, strict=True):
            assert (sign == its) == (sound_of(one) == sound_of(other))


@pytest.mark.parametrize("seed", range(20))
def test_no_expression_of_time_begins_where_none_is_looked_for(seed: int) -> None:
    chance, anywhere = Random(seed), re.compile(PATTERN.pattern.removeprefix(BEGINNINGS))
    assert anywhere.pattern != PATTERN.pattern
    parts = re.findall("[一-鿿]+", f"{EVERY}|{DAY}|{PART}|点半|一刻|以后|之后|过后|左右|到|的|修车")
    parts += [
        "3",
        "12",
        "20",
        ":",
        "，",
        "号",
        "月",
        "点",
        "半",
        "十",
        "百",
        "个",
        "天",
        "前",
        "后",
    ]
    for _ in range(200):
        text = "".join(chance.choice(parts) for _ in range(8))
        found = [match.groupdict() for match in PATTERN.finditer(text) if match[0]]
        assert found == [match.groupdict() for match in anywhere.finditer(text) if match[0]]


def test_what_is_read_ahead_is_drafted_as_ever_and_not_read_again(city: City) -> None:
    texts = [
        "解放路18号楼下的垃圾三天没人清理，希望尽快处理。",
        "昨天晚上10点停水了，我要投诉物业。",
    ]
    said = [Utterance("citizen", "zh", n * 9.0, n * 9.0 + 8.0, t, 0.9) for n, t in enumerate(texts)]
    call = CallFacts(CallId("c"), "13800000000", None, "zh", 1_773_800_000.0)
    rules = (times_in, cues_in, matters_in, things_in, demands_in)
    for rule in rules:
        rule.cache_clear()
    plain = draft(call, said, city)
    for rule in rules:
        rule.cache_clear()
    read_ahead([("zh", text) for text in texts] + [("en", "no water")], city)
    read = [rule.cache_info().misses for rule in rules]
    assert read == [len(texts)] * len(rules)
    assert draft(call, said, city) == plain
    assert [rule.cache_info().misses for rule in rules] == read
