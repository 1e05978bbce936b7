"""Facts as JSON and back."""

import json

import pytest

from calls.events import Arrived, Drafted, Ended, Fact, Heard, Word
from calls.ids import AgentId, CallId
from calls.lane_events import NO_CALL, AgentStateChanged, LanguageHeard
from calls.reasons import Blame, Reason, blame
from calls.transitions import IllegalTransition, follow
from calls.wire import UnknownFact, from_json, to_json, to_text

CALL = CallId("c-1")
FACTS: list[Fact] = [
    Arrived(CALL, 1.0, "13900000000", "12345", "127.0.0.1:5070", "x@y"),
    Heard(CALL, 2.0, "citizen", "zh", 0.5, 1.5, "你好", 0.9, (Word("你好", 0.5, 1.5, 0.9),)),
    Drafted(CALL, 3.0, {"title": {"value": "夜间施工噪音"}}),
    Ended(CALL, 4.0, "caller", Reason.HUNG_UP_SPEAKING),
    LanguageHeard(CALL, 5.0, "zh", None, 0.5, 3.0, None),
]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_a_fact_comes_back_from_json_as_it_went(fact: Fact) -> None:
    assert from_json(json.loads(json.dumps(to_json(fact)))) == fact


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"fact": "Vanished", "call": "c-1"},
        {"fact": "Ended", "call": "c-1"},
        {"fact": "Ended", "call": "c-1", "at": 1.0, "by": "us", "reason": "boredom"},
        {"fact": "Heard", "call": "c-1", "words": [{"text": "a"}]},
    ],
)
def test_what_is_no_fact_is_refused_by_name(values: dict[str, object]) -> None:
    with pytest.raises(UnknownFact):
        from_json(values)


def test_every_reason_has_its_blame() -> None:
    assert {blame(reason) for reason in Reason} == set(Blame)


def test_a_step_that_is_not_in_the_table_is_our_bug() -> None:
    with pytest.raises(IllegalTransition, match="OURS in NOBODY"):
        follow({}, Blame.NOBODY, Blame.OURS)


@pytest.mark.parametrize("reason", [None, "rest", "no_answer"])
def test_an_agents_reason_is_the_agents_own_and_no_reason_of_a_calls_end(
    reason: str | None,
) -> None:
    fact = AgentStateChanged(NO_CALL, 1.0, AgentId("1001"), "paused", reason)
    assert from_json(json.loads(to_text(fact))) == fact
