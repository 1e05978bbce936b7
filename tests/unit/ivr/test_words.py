"""Words instead of keys: what is meant, what means nothing, and the walk that listens."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from calls.ids import LaneId, Language, NodeId, PromptId
from calls.reasons import Reason
from ivr.check import flaws
from ivr.flaws import Limits, Surroundings
from ivr.flow import Enqueue, Flow, HangUp, Menu, SetLanguage
from ivr.pretend import PretendedLane, World
from ivr.script import act_of
from ivr.trial import Trial, tried
from ivr.walk import WORDS_LIMIT, Walk
from ivr.words import meant, phrases, read_out, says_something

N, P, L = NodeId, PromptId, LaneId
WORDS = {"2": ("医疗", "看病"), "5": ("医疗保险", "企业"), "0": ("人工", "转人工")}


@pytest.mark.parametrize(
    ("heard", "key"),
    [("医疗", "2"), ("嗯 我 想 看病", "2"), ("医疗 保险", "5"), ("转人工！", "0"),
     ("喂，人工。", "0"),
     ("医疗和企业", None), ("今天天气不错", None), ("", None)],
)  # fmt: skip
def test_what_is_said_means_the_key_whose_words_it_holds(heard: str, key: str | None) -> None:
    assert meant(heard, WORDS) == key


def test_capitals_and_spaces_make_no_difference() -> None:
    assert meant("Talk to an AGENT please", {"0": ("agent",)}) == "0"


@pytest.mark.parametrize(
    ("heard", "something"),
    [("嗯", False), ("喂，你好", False), ("啊……那个", False), ("um, hello", False),
     ("もしもし", False),
     ("嗯医疗", True), ("no", True)],
)  # fmt: skip
def test_fillers_say_nothing(heard: str, something: bool) -> None:
    assert says_something(heard) is something


MENU = Menu(
    (P("greeting"),), {"0": N("person"), "2": N("medical")}, 3.0, N("person"),
    wrong_prompts=(P("no_match"),),
    words={"zh": {"2": ("医疗", "看病"), "0": ("人工",)}},
)  # fmt: skip
NODES = {
    N("greeting"): MENU,
    N("medical"): HangUp(Reason.COMPLETED),
    N("person"): Enqueue(L("general"), N("medical"), N("medical"), N("medical")),
}
FLOW = Flow("x", N("greeting"), NODES)


def call(*typed: str) -> Trial:
    languages: tuple[Language, ...] = ("zh",)
    seconds = {(one, P("greeting")): 10.0 for one in languages}
    at = datetime(2026, 3, 4, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    world = World(at, {L("general"): PretendedLane()}, seconds)
    return tried(FLOW, world, [act_of(one) for one in typed])


def test_a_word_counts_as_its_key_once_it_is_recognised() -> None:
    trial = call("我要看病")  # one second, after the prompts
    assert trial.nodes == ["greeting", "medical"]
    assert [(m.at, m.what) for m in trial.moments if m.kind == "understood"] == [(11.8, "2")]


def test_a_word_said_over_the_prompts_takes_effect_before_they_end() -> None:
    assert call("…2s", "!看病").arrived == pytest.approx(3.3)


def test_a_word_that_means_nothing_is_asked_for_again() -> None:
    trial = call("今天天气", "…1s", "人工")
    assert trial.heard == ["greeting", "no_match"]
    assert trial.lane == "general"


def test_a_filler_is_no_answer_and_no_wrong_one() -> None:
    trial = call("喂")
    assert trial.heard == ["greeting"]
    assert trial.lane == "general"


def test_a_key_works_as_ever() -> None:
    assert call("…1s", "2").arrived == 1.0


def test_who_has_begun_to_speak_is_not_taken_for_silent() -> None:
    walk = Walk(FLOW)
    walk.begin(0.0)
    walk.prompt_finished(10.0)
    assert walk.next_deadline() == 13.0
    walk.speech_started(12.9)
    assert walk.next_deadline() == 12.9 + WORDS_LIMIT
    walk.speech_stopped(16.0)
    assert walk.next_deadline() == 19.0


def wrong(flow: Flow) -> list[str]:
    prompts = {(one, P(name)): 2.0 for one in ("zh", "en") for name in ("greeting", "no_match")}
    around = Surroundings(frozenset([L("general")]), frozenset(), prompts)  # type: ignore[arg-type]
    return [flaw.code for flaw in flaws(flow, around, Limits())]


def test_a_menu_needs_words_in_each_language_that_callers_have_there() -> None:
    assert wrong(FLOW) == []
    begin = {N("first"): SetLanguage("en", N("greeting"))}
    assert wrong(Flow("x", N("first"), {**begin, **NODES})) == ["words-missing"]


@pytest.mark.parametrize(
    ("heard", "language", "key"),
    [
        ("一", "zh", "1"), ("幺", "zh", "1"), ("2", "zh", "2"), ("两", "zh", "2"),
        ("one", "en", "1"), ("둘", "ko", "2"), ("に", "ja", "2"), ("一号", "zh", "1"),
        ("一些", "zh", None), ("九", "zh", None), ("someone", "en", None),
    ],
)  # fmt: skip
def test_a_key_may_be_read_out_and_counts_only_alone(
    heard: str, language: Language, key: str | None
) -> None:
    assert read_out(heard, ("1", "2", "0"), language) == key


def test_a_menu_listens_for_its_words_its_keys_and_cries_for_help() -> None:
    heard = phrases({"1": ("人工",)}, ("1", "0"), "zh")
    assert heard[:5] == ("人工", "零", "〇", "一", "幺")
    assert "救命" in heard
