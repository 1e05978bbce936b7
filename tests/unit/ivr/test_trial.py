"""Pretended calls: exact seconds, lanes that refuse, hours of the pretended moment."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from calls.ids import LaneId, Language, NodeId, PromptId
from calls.reasons import Reason
from ivr.flow import Enqueue, Flow, HangUp, Listen, Menu, Say, SetLanguage
from ivr.hours import Hours, Window
from ivr.pretend import LONGEST, PretendedLane, World
from ivr.script import Press, Silence, Speak, act_of, spoken_seconds
from ivr.trial import Trial, in_order, never, tried

N, P, L = NodeId, PromptId, LaneId
AT = datetime(2026, 3, 4, 11, 59, tzinfo=ZoneInfo("Asia/Shanghai"))  # a Wednesday
MORNING = Hours(ZoneInfo("Asia/Shanghai"), ((Window(9 * 60, 12 * 60),),) * 7)
FLOW = Flow(
    "main",
    N("greeting"),
    {
        N("greeting"): Menu(
            (P("hello"), P("choose")),
            {"0": N("person"), "1": N("matter"), "8": N("english")},
            3.0,
            N("person"),
            wrong_prompts=(P("no_match"),),
        ),
        N("english"): SetLanguage("en", N("matter")),
        N("matter"): Listen((P("speak"), P("beep")), N("recorded"), N("person")),
        N("person"): Enqueue(
            L("general"), N("busy"), N("busy"), N("busy"), N("busy"), (P("connecting"),),
            P("music"), (P("or_leave"),), {"1": N("matter")},
        ),
        N("busy"): Say((P("busy"),), N("recorded")),
        N("recorded"): HangUp(Reason.MESSAGE_LEFT, (P("thanks"),)),
    },
)  # fmt: skip
SECONDS = {"hello": 4.0, "choose": 6.0, "beep": 0.5}


def world(lane: PretendedLane | None = None, at: datetime = AT) -> World:
    languages: tuple[Language, ...] = ("zh", "en")
    names = ["hello", "choose", "speak", "beep", "connecting", "or_leave", "busy", "thanks"]
    seconds = {(lg, P(name)): SECONDS.get(name, 2.0) for lg in languages for name in names}
    return World(at, {L("general"): lane or PretendedLane()}, seconds)


def call(*typed: str, lane: PretendedLane | None = None, at: datetime = AT) -> Trial:
    return tried(FLOW, world(lane, at), [act_of(one) for one in typed])


def told(trial: Trial, *kinds: str) -> list[str]:
    return [f"{m.at:g} {m.what}" for m in trial.moments if m.kind in kinds]


def test_silence_waits_for_the_prompts_and_the_timeout() -> None:
    trial = call()
    assert (trial.lane, trial.arrived) == ("general", 13.0)
    assert told(trial, "hears", "loop") == ["0 hello", "4 choose", "13 connecting", "15 music"]


def test_a_prompt_that_was_cut_off_before_it_began_was_not_heard() -> None:
    assert call("…2s", "0").heard == ["hello", "connecting", "music"]


def test_keys_typed_together_are_pressed_one_after_another() -> None:
    trial = call("#0")
    assert told(trial, "key", "wrong_key", "lane") == ["0 #", "0.4 0", "0.4 general"]


def test_speech_waits_for_the_beep_and_ends_with_the_quiet_after_it() -> None:
    trial = call("1", "幸福路的路灯坏了")  # eight signs: 2 s
    assert told(trial, "says", "heard", "end") == [
        "2.5 幸福路的路灯坏了",
        "7.5 silence",
        "9.5 message_left",
    ]


def test_speech_at_once_cuts_the_prompt_short() -> None:
    trial = call("1", "…1s", "!幸福路的路灯坏了")
    assert told(trial, "says") == ["1 幸福路的路灯坏了"]
    assert "beep" not in trial.heard


def test_a_key_ends_speech_that_has_just_been_said() -> None:
    assert told(call("1", "路灯坏了", "#"), "says", "heard") == ["2.5 路灯坏了", "3.5 key"]


def test_a_mere_hello_is_no_matter() -> None:
    assert call("1", "喂").lane == "general"


def test_what_is_said_where_nobody_listens_takes_its_time_and_nothing_else() -> None:
    trial = call("有人吗")
    assert told(trial, "not_listening", "lane") == ["10 有人吗", "13 general"]


@pytest.mark.parametrize("state", ["full", "nobody"])
def test_a_lane_that_refuses_sends_the_caller_on(state: str) -> None:
    trial = call("0", lane=PretendedLane(state=state))  # type: ignore[arg-type]  # a parameter
    assert trial.reason is Reason.MESSAGE_LEFT
    assert told(trial, "refused") == [f"0 general {state}"]
    assert trial.heard == ["hello", "busy", "thanks"]


def test_a_lane_that_closes_while_the_greeting_plays_is_closed_by_then() -> None:
    trial = call(lane=PretendedLane(MORNING), at=AT + timedelta(seconds=50))
    assert [m.why for m in trial.moments if m.kind == "refused"] == ["周三 不在服务时间"]
    assert call("0", lane=PretendedLane(MORNING)).lane == "general"


def test_too_long_a_wait_is_given_up_after_the_lanes_longest() -> None:
    trial = call("0", lane=PretendedLane(max_wait=300.0, announce_every=60.0, state="late"))
    assert told(trial, "refused") == ["300 general too_long"]
    assert trial.heard[1:6] == ["connecting", "music", "busy_wait", "or_leave", "music"]


def test_a_key_leaves_the_lane() -> None:
    trial = call("0", "…40s", "1", "井盖坏了")
    assert told(trial, "leaves") == ["40 general"]
    assert trial.reason is Reason.MESSAGE_LEFT


def test_the_language_chosen_is_that_of_the_prompts_after_it() -> None:
    trial = call("…2s", "8", "#")
    assert trial.language == "en"
    assert (trial.language_at(1.0), trial.language_at(2.0)) == ("zh", "en")


def test_a_silence_without_length_lasts_until_the_flow_goes_on() -> None:
    trial = Trial(FLOW, world())
    trial.do(act_of("…"))
    assert (trial.now, trial.nodes) == (13.0, ["greeting", "person"])


def test_a_flow_that_goes_round_for_ever_is_given_up() -> None:
    nodes = {N("a"): Say((P("none"),), N("b")), N("b"): Say((P("none"),), N("a"))}
    trial = tried(Flow("round", N("a"), nodes), world(), [])
    assert trial.over
    assert trial.lane is None and trial.reason is None


def test_what_is_typed_is_keys_silence_or_words() -> None:
    typed = ["12#", " … ", "...", "…5s", "…2min", "…1.5 秒", "!煤气味", "煤气味很大"]
    assert [act_of(one) for one in typed] == [
        Press("12#"), Silence(), Silence(), Silence(5.0), Silence(120.0), Silence(1.5),
        Speak("煤气味", 0.75, at_once=True), Speak("煤气味很大", 1.25),
    ]  # fmt: skip


def test_words_take_the_time_that_people_need_for_them() -> None:
    assert spoken_seconds("I lost my passport") == pytest.approx(1.6)
    assert spoken_seconds("！") == pytest.approx(0.2)


def test_order_is_judged_with_others_between() -> None:
    assert in_order(["a", "c"], ["a", "b", "c"]) is None
    assert in_order(["c", "a"], ["a", "b", "c"]) == "a"
    assert never({"x", "b"}, ["a", "b"]) == "b"


@settings(max_examples=60)
@given(some.lists(some.sampled_from(["0", "1", "8", "#", "5", "…", "…3s", "喂", "!路灯坏了很久"])))
def test_whatever_a_caller_does_the_call_arrives_somewhere(typed: list[str]) -> None:
    trial = call(*typed)
    assert (trial.lane is None) != (trial.reason is None) or trial.now >= LONGEST
    assert [m.at for m in trial.moments] == sorted(m.at for m in trial.moments)
