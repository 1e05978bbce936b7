import pytest

from asr.transcript import Utterance
from workorders.draft import Field, Where
from workorders.gazetteer import Gazetteer, Place
from workorders.lines import Line, lines_of
from workorders.sound import find, syllables
from workorders.where import place_of

KNOWN = Gazetteer(
    [
        Place("海港区", "district"),
        Place("幸福路", "road", "海港区"),
        Place("建设大道", "road", "高新区"),
        Place("人民路", "road", "海港区"),
        Place("人民路", "road", "高新区"),
        Place("金色家园", "estate", "高新区", ("金色小区",)),
        Place("城南村", "village", "海港区"),
    ]
)
NOTHING = Gazetteer()


def placed(*texts: str, known: Gazetteer = KNOWN, agent: str = "") -> Field[Where] | None:
    said = [Utterance("citizen", "zh", n * 5.0, n * 5.0 + 4, t, 1.0) for n, t in enumerate(texts)]
    agents = [Line.of(Utterance("agent", "zh", 90.0, 95.0, agent, 1.0))] if agent else []
    return place_of(lines_of(said), agents, known)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("我家住在解放路十二号", "解放路12号"),
        ("就是文化巷二十五号院门口", "文化巷25号院门口"),
        ("在阳光花园小区三号楼二单元", "阳光花园小区3号楼2单元"),
        ("城东的实验小学旁边", "实验小学旁边"),
        ("我们这边是翠湖公寓", "翠湖公寓"),
        ("地址是中山大道一百二十号", "中山大道120号"),
        ("火车站附近有黑车", "火车站附近"),
    ],
)
def test_an_address_is_found_without_a_gazetteer(text: str, said: str) -> None:
    found = placed(text, known=NOTHING)
    assert found is not None
    assert (found.value.said, found.value.standard) == (said, None)


@pytest.mark.parametrize(
    "text",
    [
        "我们小区一直停水",
        "这条路上都是垃圾",
        "马路上很脏",
        "公交线路改一下",
        "老板跑路了",
        "我是打工的",
        "十二号来的",
        "五零一",
        "这个小学的老师",
        "我们村一直停电",
        "占道经营路都走不了",
    ],
)
def test_what_only_looks_like_a_place_is_none(text: str) -> None:
    assert placed(text) is None


def test_the_citys_name_and_district_are_added() -> None:
    found = placed("幸福路十二号")
    assert found is not None
    assert found.value == Where("幸福路12号", "海港区幸福路12号", "海港区")


@pytest.mark.parametrize("heard", ["性服路十二号", "兴福路十二号", "信福路十二号"])
def test_a_name_misheard_is_put_right_by_its_sound_and_the_original_kept(heard: str) -> None:
    found, exact = placed(heard), placed("幸福路十二号")
    assert found is not None and exact is not None
    assert found.value.standard == "海港区幸福路12号"
    assert found.value.by_sound
    assert found.value.said.startswith(heard[:3])
    assert found.evidence[0].words == heard[:3]
    assert found.confidence < exact.confidence


@pytest.mark.parametrize("text", ["大兴福路十二号", "新兴福路十二号"])
def test_the_tail_of_another_name_is_not_put_right_by_its_sound(text: str) -> None:
    found = placed(text)
    assert found is not None
    assert (found.value.said, found.value.by_sound, found.value.standard) == (
        text.replace("十二", "12"),
        False,
        None,
    )


def test_an_alias_is_written_as_the_city_writes_it() -> None:
    found = placed("金色小区三栋")
    assert found is not None
    assert found.value.standard == "高新区金色家园3栋"


def test_a_name_that_two_districts_have_is_asked_about() -> None:
    found = placed("人民路五十六号")
    assert found is not None
    assert found.value.choices == ("海港区", "高新区")
    assert found.value.district is None
    sure = placed("海港区人民路五十六号")
    assert sure is not None
    assert (sure.value.choices, sure.value.district) == ((), "海港区")
    assert sure.confidence > found.confidence


def test_another_place_nearby_settles_the_district() -> None:
    found = placed("人民路和建设大道交叉口")
    assert found is not None
    assert found.value.district == "高新区"


def test_parts_said_later_are_put_together() -> None:
    found = placed("金色家园停水了", "三栋二单元五零一")
    assert found is not None
    assert found.value.standard == "高新区金色家园3栋2单元501"
    assert len(found.evidence) == 4


def test_a_second_road_in_another_sentence_does_not_mix_in() -> None:
    found = placed("幸福路十二号漏水", "我上班在解放路八号")
    assert found is not None
    assert found.value.standard == "海港区幸福路12号"


def test_the_agents_repeating_makes_surer_and_is_evidence() -> None:
    alone, repeated = placed("幸福路十二号"), placed("幸福路十二号", agent="好的是幸福路对吗")
    assert alone is not None and repeated is not None
    assert repeated.confidence > alone.confidence
    assert repeated.evidence[-1].leg == "agent"


def test_the_agents_words_alone_make_no_place() -> None:
    assert placed("对", agent="您是说幸福路十二号对吗") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [("it is near the railway station", "railway station"), ("i was at the station", None)],
)
def test_an_english_name_is_taken_by_its_ending(text: str, said: str | None) -> None:
    found = place_of(lines_of([Utterance("citizen", "en", 0.0, 2.0, text, 1.0)]), [], NOTHING)
    assert (found.value.said if found is not None else None) == said


def test_a_name_of_two_characters_is_known_as_written_but_not_by_sound() -> None:
    known = Gazetteer([Place("琼海", "landmark", "海港区")])
    written = placed("琼海那边", known=known)
    assert written is not None
    assert written.value.standard == "海港区琼海"
    assert placed("穷孩那边", known=known) is None


def test_accents_and_homophones_sound_alike() -> None:
    assert syllables("常州路") == syllables("藏州路")
    assert syllables("兰亭") == syllables("南亭")
    assert syllables("12号")[:2] == ["1", "2"]
    assert find(syllables("投诉"), syllables("我要头诉")) == [2]


def test_a_numeral_that_is_no_number_stays_as_it_was_said() -> None:
    found = placed("人民路二十十号楼单元门坏了")
    assert found is not None and found.value.standard is not None
    assert found.value.standard.endswith("二十十号楼")
