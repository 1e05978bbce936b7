"""What a call's page tells of the way through the flow."""

import pytest

from calls.events import Collected, Decided, Fact, FlowChosen, Understood
from calls.ids import CallId
from calls.lane_events import LanguageHeard
from calls.wire import KINDS
from desk import views, words

CALL = CallId("c-1")
UNSURE = "不确定 not sure（50%）"


@pytest.mark.parametrize(
    ("fact", "label", "said"),
    [
        (FlowChosen(CALL, 1.0, "main", "0003-5f1c"), "流程和版本", "main 0003-5f1c"),
        (Understood(CALL, 1.0, "2"), "听成按键", "2"),
        (Understood(CALL, 1.0, None), "听成按键", "没有听懂 not understood"),
        (Collected(CALL, 1.0, "order", "123"), "输入", "order：123"),
        (LanguageHeard(CALL, 1.0, "zh", "en", 0.951, 3.0, None), "听到的语言", "英语（95%）"),
        (LanguageHeard(CALL, 1.0, "zh", None, 0.5, 3.0, None), "听到的语言", UNSURE),
        (Decided(CALL, 1.0, "closed", "周六"), "按规则分流", "closed（周六）"),
    ],
)  # fmt: skip
def test_each_fact_of_the_flow_is_told_in_words(fact: Fact, label: str, said: str) -> None:
    ((_, (zh, _), particulars),) = views.story_of([fact])
    assert (zh, particulars) == (label, said)


def test_every_kind_of_fact_that_is_told_has_a_name() -> None:
    assert set(KINDS) - {"Heard"} <= set(words.FACTS)
