"""Whatever is said or recognised, a draft is made that keeps its word."""

from hypothesis import given, settings
from hypothesis import strategies as st

from asr.transcript import Utterance
from calls.events import Word
from calls.ids import LANGUAGES, CallId
from workorders.draft import FIELDS
from workorders.drafting import CallFacts, City, draft
from workorders.wire import from_json, to_json

SPOKEN = """
我要投诉 幸福路 十二号 三栋 二单元 五零一 昨天 晚上 十点 半 到 凌晨 上个月 三十一号 二月 每天 周末
两三天 了 前 以后 一百 零 幺三八零零 希望 你们 请问 着火 没有 担心 保密 不用 公司 医院 路 号 区 小区
附近 琼 A T 1234 12:30 99:99 no water last night 비자 어제 財布 昨日 ， 。 ? 嗯 的 人民路 性服路
滨海广场 一二三四五六七八九十 万 半个月 点 时 月 年 个
"""
PIECES = SPOKEN.split()
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
    st.text(max_size=40),
)
UTTERANCES = st.builds(
    lambda leg, language, start, text, sure, spelled: Utterance(
        leg,
        language,
        start,
        start + 3.0,
        text,
        sure,
        tuple(Word(w, start, start + 1.0, sure) for w in text.split()) if spelled else (),
    ),
    st.sampled_from(["citizen", "agent"]),
    st.sampled_from(LANGUAGES),
    st.floats(0, 600),
    TEXTS,
    st.floats(0.05, 1.0),
    st.booleans(),
)


@settings(max_examples=80)
@given(st.lists(UTTERANCES, max_size=6), st.floats(1.5e9, 2.0e9))
def test_a_draft_never_fails_and_each_value_rests_on_what_the_citizen_said(
    city: City, utterances: list[Utterance], arrived: float
) -> None:
    call = CallFacts(CallId("c-1"), "13800000000", None, "zh", arrived)
    drafted = draft(call, utterances, city)
    said = ["".join(u.text.split()) for u in utterances]
    citizen = any(u.leg == "citizen" and u.text.split() for u in utterances)
    for name in FIELDS:
        field = getattr(drafted, name)
        if field is None or field.origin != "rule":
            continue
        assert citizen
        assert field.evidence[0].leg == "citizen"
        for evidence in field.evidence:
            assert any("".join(evidence.words.split()) in text for text in said)
            assert evidence.start <= evidence.end
    assert from_json(to_json(drafted)) == drafted
