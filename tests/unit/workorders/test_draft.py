import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from asr.transcript import Utterance
from calls.ids import CallId, LaneId, UnitId
from workorders.draft import (
    FIELDS,
    BadCorrection,
    DraftWorkOrder,
    Field,
    Where,
    correct,
    merge,
)
from workorders.drafting import CallFacts, City, draft
from workorders.questions import ASK
from workorders.wire import UnknownDraft, from_json, to_json

Tell = Callable[..., DraftWorkOrder]
CALL = CallFacts(CallId("c-1"), "13800000000", LaneId("english"), "en", 1_773_819_000.0)
NOISE = (
    "我要投诉 幸福路 十二号 工地 晚上 施工",
    "昨天晚上 十一点 还在 打桩 吵得 睡不着",
    "希望 你们 管一管",
)


@pytest.mark.parametrize("state", ["pending", "none"])
def test_without_a_transcript_only_the_facts_of_the_call_stand_and_it_says_so(
    city: City, state: str
) -> None:
    bare = draft(CALL, [], city, state)  # type: ignore[arg-type]  # parametrized
    present = {name for name in FIELDS if getattr(bare, name) is not None}
    assert present == {"caller", "call_back", "unit"}
    assert all(getattr(bare, name).origin == "caller_record" for name in present)
    assert (bare.lane, bare.language, bare.arrived) == ("english", "en", 1_773_819_000.0)
    assert "来电信息" in bare.standing[0]
    assert bare.missing == ()
    assert from_json(to_json(bare)) == bare


def test_a_call_in_which_nothing_was_said_asks_for_everything(city: City) -> None:
    silent = draft(replace(CALL, lane=None), [], city)
    assert silent.urgency is None and silent.content is None
    assert [q.field for q in silent.missing] == ["content", "type", "place", "time", "demand"]
    assert silent.missing[0].words == ASK["content"]["en"]


def test_a_withheld_number_is_asked_for(tell: Tell) -> None:
    hidden = tell(*NOISE, caller="anonymous")
    assert hidden.caller is None and hidden.call_back is None
    assert "call_back" in [question.field for question in hidden.missing]


def test_the_lanes_unit_stands_in_weakly_when_no_word_points_to_any(tell: Tell) -> None:
    vague = tell("hello can you hear me", language="en", lane=LaneId("english"))
    assert vague.unit is not None
    assert (vague.unit.value, vague.unit.origin) == ("ga", "caller_record")
    assert vague.unit.confidence < 0.5
    assert tell("hello can you hear me", language="en").unit is None


def test_a_danger_is_asked_nothing_but_where(tell: Tell) -> None:
    assert [q.field for q in tell("着火了 快来").missing] == ["place"]


def test_a_place_in_two_districts_is_asked_about_by_their_names(tell: Tell) -> None:
    asked = tell("人民路 五十六号 路灯 不亮").missing[0]
    assert asked.field == "place"
    assert "海港区、高新区" in asked.zh


@pytest.mark.parametrize("language", ["zh", "en", "ko", "ja"])
def test_every_question_exists_in_the_callers_language(language: str) -> None:
    assert all(texts[language] for texts in ASK.values())  # type: ignore[index]


def test_a_poorly_heard_call_makes_a_less_sure_draft(tell: Tell) -> None:
    clear, poor = tell(*NOISE), tell(*NOISE, sure=0.4)
    assert clear.place is not None and poor.place is not None
    assert poor.place.confidence < clear.place.confidence
    assert poor.place.value == clear.place.value


def test_the_agents_words_are_no_facts(tell: Tell) -> None:
    quiet = tell("坐席:您要投诉幸福路十二号的工地吗", "嗯")
    assert (quiet.type, quiet.place, quiet.content, quiet.object) == (None, None, None, None)


def test_the_draft_survives_json_text_exactly(tell: Tell) -> None:
    whole = tell(*NOISE, "坐席:是幸福路吧")
    text = json.dumps(to_json(whole), ensure_ascii=False)
    assert json.loads(text)["version"] == 1
    assert from_json(json.loads(text)) == whole


@pytest.mark.parametrize(
    "damage",
    [{"version": 2}, {"version": None}, {"type": {"value": "投诉"}}, {"surprise": 1}],
)
def test_a_draft_of_another_form_is_refused(tell: Tell, damage: dict[str, object]) -> None:
    with pytest.raises(UnknownDraft):
        from_json({**to_json(tell(*NOISE)), **damage})


def test_a_draft_that_lacks_a_part_is_refused(tell: Tell) -> None:
    values = to_json(tell(*NOISE))
    del values["place"]
    with pytest.raises(UnknownDraft):
        from_json(values)


def test_a_rules_value_without_words_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="rests on no words"):
        Field("投诉", 0.9, "rule")


def test_a_correction_survives_a_new_draft(tell: Tell) -> None:
    corrected = correct(correct(tell(*NOISE), "place", "海港区幸福路21号"), "type", "举报")
    anew = merge(corrected, tell(*NOISE, "其实 是 幸福路 二十一号"))
    assert anew.place is not None and anew.type is not None and anew.content is not None
    assert anew.place.value == Where("幸福路12号", "海港区幸福路21号")
    assert (anew.place.origin, anew.place.confidence) == ("agent", 1.0)
    assert anew.place.evidence != ()
    assert anew.type.value == "举报"
    assert "21号" in anew.content.value
    assert from_json(to_json(anew)) == anew


def test_a_corrected_field_is_not_asked_for_any_more(tell: Tell) -> None:
    short = tell("我要投诉 垃圾 没人 清")
    assert "place" in [question.field for question in short.missing]
    corrected = correct(short, "place", "幸福路12号")
    assert "place" not in [question.field for question in corrected.missing]
    again = merge(corrected, short)
    assert "place" not in [question.field for question in again.missing]


def test_a_person_may_say_that_there_is_none(tell: Tell) -> None:
    cleared = correct(tell(*NOISE), "object", "")
    merged = merge(cleared, tell(*NOISE))
    assert merged.object is not None
    assert merged.object.value == ""


def test_a_time_left_as_it_was_keeps_what_was_said(tell: Tell) -> None:
    corrected = correct(tell(*NOISE), "time", "前天晚上")
    assert corrected.time is not None
    assert (corrected.time.value.said, corrected.time.value.begins) == ("前天晚上", None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", "骂人"),
        ("type", True),
        ("urgency", "very"),
        ("colour", "red"),
        ("confidential", "yes"),
    ],
)
def test_a_correction_that_cannot_stand_is_refused(
    tell: Tell, name: str, value: str | bool
) -> None:
    with pytest.raises(BadCorrection):
        correct(tell(*NOISE), name, value)


def test_confidentiality_can_be_set_by_a_person(tell: Tell) -> None:
    sealed = correct(tell(*NOISE), "confidential", True)
    assert sealed.confidential is not None
    assert sealed.confidential.value is True


def test_a_type_that_the_site_does_not_use_is_never_drafted(city: City) -> None:
    plain = City((), types=("咨询", "投诉"))
    told = draft(CALL, [Utterance("citizen", "zh", 0, 2, "我要举报", 1.0)], plain)
    assert told.type is None
    assert UnitId("ga") not in [ranked.unit for ranked in told.candidates]
