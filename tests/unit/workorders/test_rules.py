import pytest

from asr.transcript import Utterance
from calls.ids import Language
from workorders.callback import call_back_of
from workorders.demand import confidential_of, demand_of
from workorders.draft import Field
from workorders.lines import Line, lines_of
from workorders.types import kind_of
from workorders.urgency import urgency_of


def said(*texts: str, language: Language = "zh") -> list[Line]:
    return lines_of(
        Utterance("citizen", language, n * 5.0, n * 5.0 + 4, text, 1.0)
        for n, text in enumerate(texts)
    )


def value(field: Field[str] | Field[bool] | None) -> str | bool | None:
    return field.value if field is not None else None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我要投诉", "投诉"),
        ("我要头诉这家店", "投诉"),
        ("我要句报有人赌博", "举报"),
        ("我想自寻一下社保", "咨询"),
        ("没人管这个事情推诿扯皮", "投诉"),
        ("能不能增设一个红绿灯", "建议"),
        ("我家没水了", "求助"),
        ("给你们送锦旗点赞", "表扬"),
        ("有人无证卖假酒", "举报"),
        ("这个路是简易的", None),
        ("谢谢再见", None),
    ],
)
def test_the_type_follows_the_words(text: str, kind: str | None) -> None:
    assert value(kind_of(said(text), [])) == kind


def test_words_for_two_types_make_less_sure() -> None:
    plain, torn = kind_of(said("我要投诉"), []), kind_of(said("我要投诉", "我想咨询一下"), [])
    assert plain is not None and torn is not None
    assert torn.confidence < plain.confidence


def test_a_cue_said_twice_counts_once() -> None:
    once, twice = kind_of(said("请问"), []), kind_of(said("请问请问请问"), [])
    assert once is not None and twice is not None
    assert once.confidence == twice.confidence
    assert len(twice.evidence) == 1


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("楼下着火了", "danger"),
        ("闻到煤气味", "danger"),
        ("有人被困在电梯里", "danger"),
        ("我活不下去了", "danger"),
        ("担心着火", "urgent"),
        ("万一爆炸怎么办", "urgent"),
        ("没有人受伤", "normal"),
        ("整个小区停电", "urgent"),
        ("路灯不亮", "normal"),
        ("水表没水费单", "normal"),
    ],
)
def test_urgency_follows_the_words_and_fear_is_not_yet_danger(text: str, urgency: str) -> None:
    assert value(urgency_of(said(text))) == urgency


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "there is a gas leak"),
        ("en", "i want to kill myself"),
        ("ko", "불이 났어요"),
        ("ja", "火事です"),
    ],
)
def test_danger_is_known_in_every_language(language: Language, text: str) -> None:
    assert value(urgency_of(said(text, language=language))) == "danger"


@pytest.mark.parametrize(
    "text",
    ["漏上找火了快来", "我倍捆住了", "我不乡活了", "闻到没气味", "没气冠漏了", "有人落税了"],
)
def test_danger_is_heard_by_its_sound_where_characters_were_misheard(text: str) -> None:
    field = urgency_of(said(text))
    assert field is not None and field.value == "danger"
    assert field.confidence == 0.7, "less sure than what is written"
    assert all(evidence.words in text for evidence in field.evidence)


@pytest.mark.parametrize(
    "text",
    [
        "路口的自然景观很好",
        "老师说他迟到了",
        "这个协议书谁来签",
        "次到的快递没有送",
        "大人和孩子都喜欢",
    ],
)
def test_words_that_only_sound_like_danger_raise_no_alarm(text: str) -> None:
    assert value(urgency_of(said(text))) == "normal"


@pytest.mark.parametrize(
    "text",
    [
        "什么时候再办防火灾培训",
        "去年楼下着火的赔偿还没谈好",
        "溺水的宣传做得好",
        "想学自杀干预在哪报名",
        "I am afraid it could catch fire",
        "불이 났을까 봐 걱정돼요",
        "火事になるのが心配です",
    ],
)
def test_danger_that_is_past_feared_or_a_subject_is_no_danger_now(text: str) -> None:
    tongue: Language = "zh"
    if text.isascii():
        tongue = "en"
    elif "火事" in text:
        tongue = "ja"
    elif "불" in text:
        tongue = "ko"
    assert value(urgency_of(said(text, language=tongue))) != "danger"


def test_normal_rests_on_all_that_was_said() -> None:
    field = urgency_of(said("你好", "路灯不亮"))
    assert field is not None
    assert [evidence.words for evidence in field.evidence] == ["你好", "路灯不亮"]
    assert urgency_of([]) is None


@pytest.mark.parametrize(
    ("texts", "number"),
    [
        (("我电话幺三八零零幺二三四五六",), "13800123456"),
        (("我的手机号是幺三八", "零零幺二", "三四五六"), "13800123456"),
        (("我电话 139 1234 5678",), "13912345678"),
        (("打我家电话八八六六幺二三四",), "88661234"),
        (("就打这个电话",), "13900000000"),
        (("我住幸福路一二三四五六七八",), "13900000000"),
        (("我电话幺三八零零",), "13900000000"),
        (("没说",), "13900000000"),
    ],
)
def test_the_number_to_call_back_is_the_one_said_else_the_one_that_called(
    texts: tuple[str, ...], number: str
) -> None:
    assert value(call_back_of("13900000000", said(*texts))) == number


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "my number is one three eight zero zero one two three four five six"),
        ("en", "my number is 13800123456"),
        ("ko", "제 번호는 일삼팔공공일이삼사오육 입니다"),
    ],
)
def test_numbers_of_other_languages(language: Language, text: str) -> None:
    assert value(call_back_of("", said(text, language=language))) == "13800123456"


def test_a_number_said_has_its_words_and_the_callers_own_has_none() -> None:
    spoken = call_back_of("", said("我电话幺三八零零幺二三四五六"))
    assert spoken is not None
    assert (spoken.origin, spoken.evidence[0].words) == ("rule", "幺三八零零幺二三四五六")
    assert call_back_of("anonymous", said("就打这个电话")) is None


@pytest.mark.parametrize(
    ("texts", "demand"),
    [
        (("希望你们尽快修好",), "希望你们尽快修好"),
        (("请问怎么办居住证",), "请问怎么办居住证"),
        (("请问一下",), None),
        (("请你们帮我保密",), None),
        (("能不能派人来看看", "希望今天就解决"), "希望今天就解决"),
        (("你能听到吗",), None),
        (("我不要求赔偿",), None),
    ],
)
def test_the_demand_is_the_clause_that_says_what_is_wanted(
    texts: tuple[str, ...], demand: str | None
) -> None:
    assert value(demand_of(said(*texts))) == demand


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("请帮我保密", True),
        ("我要匿名举报", True),
        ("不要让他们知道是我", True),
        ("不用保密", False),
        ("please keep my name secret", True),
        ("비밀로 해 주세요", True),
        ("路灯不亮", None),
    ],
)
def test_secrecy_is_asked_for_declined_or_not_spoken_of(text: str, secret: bool | None) -> None:
    assert value(confidential_of(said(text))) == secret
