"""Every kind of flaw in a flow is found, at its place; a sound flow has none."""

from dataclasses import replace

import pytest

from calls.ids import LaneId, Language, NodeId, PromptId
from calls.reasons import Reason
from ivr.check import dangling, flaws, languages
from ivr.flaws import Flaw, Limits, Surroundings
from ivr.flow import Enqueue, Flow, HangUp, Hold, Listen, Menu, Node, Say, SetLanguage
from ivr.speak import WAIT_PROMPTS

N, P, L = NodeId, PromptId, LaneId
TONGUES: tuple[Language, ...] = ("zh", "en")
RECORDED = ("hello", "speak", "wait", "music", "bye", *WAIT_PROMPTS)
AROUND = Surroundings(
    lanes={L("general"), L("medical")},
    with_hours={L("medical")},
    prompts={(tongue, P(prompt)): 2.0 for tongue in TONGUES for prompt in RECORDED},
    announcing={L("general")},
)
LANE = Enqueue(L("general"), N("end"), N("end"), N("end"), prompts=(P("wait"),), music=P("music"))
MENU = Menu((P("hello"),), {"0": N("lane"), "1": N("listen"), "8": N("to_en")}, 3.0, N("lane"))
SHIPPED = Limits()
SOUND: dict[str, Node] = {
    "menu": MENU,
    "listen": Listen((P("speak"),), N("end"), N("lane")),
    "to_en": SetLanguage("en", N("lane")),
    "lane": LANE,
    "end": HangUp(Reason.COMPLETED, (P("bye"),)),
}


def found(around: Surroundings = AROUND, limits: Limits = SHIPPED, **changed: Node) -> list[Flaw]:
    nodes = {N(name): node for name, node in {**SOUND, **changed}.items()}
    return flaws(Flow("test", N("menu"), nodes), around, limits)


def places(flaws: list[Flaw]) -> list[tuple[str | None, tuple[str | int, ...]]]:
    return [(flaw.node, flaw.path) for flaw in flaws]


def test_a_sound_flow_has_no_flaw() -> None:
    assert found() == []


def test_each_node_is_reached_in_every_language_that_leads_there() -> None:
    flow = Flow("test", N("menu"), {N(name): node for name, node in SOUND.items()})
    assert languages(flow)[N("lane")] == {"zh", "en"}
    assert languages(flow)[N("menu")] == {"zh"}


@pytest.mark.parametrize(
    ("node", "path"),
    [
        (replace(MENU, keys={**MENU.keys, "2": N("nowhere")}), ("keys", "2")),
        (replace(MENU, on_wrong=N("nowhere")), ("on_wrong",)),
    ],
)
def test_a_way_to_a_node_that_does_not_exist(node: Menu, path: tuple[str, ...]) -> None:
    assert places(found(menu=node)) == [("menu", path)]


def test_a_beginning_that_does_not_exist() -> None:
    flow = Flow("test", N("nowhere"), {N("end"): HangUp(Reason.COMPLETED)})
    assert places(flaws(flow, AROUND, Limits())) == [(None, ("begin",))]


def test_a_node_that_no_caller_can_reach() -> None:
    assert places(found(island=Say((P("hello"),), N("end")))) == [("island", ())]


def test_a_lane_that_does_not_exist() -> None:
    assert places(found(lane=replace(LANE, lane=L("heating")))) == [("lane", ("lane",))]


def test_a_lane_with_hours_and_no_way_outside_them() -> None:
    medical = replace(LANE, lane=L("medical"))
    assert places(found(lane=medical)) == [("lane", ())]
    assert found(lane=replace(medical, on_closed=N("end"))) == []


def test_a_prompt_that_is_not_recorded_in_one_of_the_languages_that_reach_it() -> None:
    fewer = {key: value for key, value in AROUND.prompts.items() if key != ("en", "wait")}
    said = found(replace(AROUND, prompts=fewer))
    assert places(said) == [("lane", ("prompts", 0))]
    assert "prompts/en/wait.wav" in said[0].zh
    assert "prompts/zh/wait.wav" not in said[0].zh


def test_the_greeting_need_not_be_recorded_in_languages_that_never_hear_it() -> None:
    fewer = {key: value for key, value in AROUND.prompts.items() if key != ("en", "hello")}
    assert found(replace(AROUND, prompts=fewer)) == []


def test_announced_waits_must_all_be_recorded_but_are_blamed_once_a_lane() -> None:
    fewer = {key: value for key, value in AROUND.prompts.items() if key[1] != "wait_7"}
    again = replace(MENU, keys={**MENU.keys, "2": N("second")})
    said = found(replace(AROUND, prompts=fewer), menu=again, second=LANE)
    assert [flaw.path for flaw in said] == [("lane",)]


def test_a_greeting_that_is_too_long() -> None:
    long = {**AROUND.prompts, ("zh", P("hello")): 12.1}
    said = found(replace(AROUND, prompts=long))
    assert places(said) == [("menu", ("prompts",))]
    assert "12.1" in said[0].en
    assert found(replace(AROUND, prompts={**AROUND.prompts, ("zh", P("hello")): 12.0})) == []


def test_prompts_that_outlast_what_a_walk_waits_for() -> None:
    long = {**AROUND.prompts, ("zh", P("speak")): 121.0}
    assert places(found(replace(AROUND, prompts=long))) == [("listen", ("prompts",))]


def test_two_nodes_that_lead_to_each_other_for_ever() -> None:
    ping, pong = Say((P("hello"),), N("pong")), Say((P("bye"),), N("ping"))
    menu = replace(MENU, keys={**MENU.keys, "2": N("ping")})
    said = found(menu=menu, ping=ping, pong=pong)
    assert places(said) == [("ping", ())]
    assert "ping → pong → ping" in said[0].en


def test_lanes_that_refuse_a_caller_to_each_other_for_ever() -> None:
    other = replace(LANE, on_nobody=N("lane"))
    said = found(lane=replace(LANE, on_nobody=N("other")), other=other)
    assert [flaw.en for flaw in said if "goes round" in flaw.en] != []


def test_a_wait_that_is_too_long_may_begin_anew() -> None:
    assert found(lane=replace(LANE, on_late=N("lane"))) == []


def test_a_menu_that_silence_repeats_for_ever() -> None:
    said = found(menu=replace(MENU, on_silence=N("menu")))
    assert ("menu", ()) in places(said)
    assert ("menu", ("on_silence",)) in places(said)


class TestTheWayToAPerson:
    def test_a_menu_without_zero(self) -> None:
        assert places(found(menu=replace(MENU, keys={"1": N("listen"), "8": N("to_en")}))) == [
            ("menu", ("keys",))
        ]

    @pytest.mark.parametrize(
        ("menu", "path"),
        [
            (replace(MENU, keys={**MENU.keys, "0": N("end")}), ("keys", "0")),
            (replace(MENU, on_silence=N("end")), ("on_silence",)),
        ],
    )
    def test_zero_or_silence_that_hangs_up(self, menu: Menu, path: tuple[str, ...]) -> None:
        assert places(found(menu=menu)) == [("menu", path)]

    def test_a_way_through_words_speech_and_music_still_is_one(self) -> None:
        ways = {
            "say": Say((P("hello"),), N("ask")),
            "ask": Listen((P("speak"),), N("end"), N("hold")),
            "hold": Hold(5.0, N("lane")),
        }
        assert found(menu=replace(MENU, on_silence=N("say")), **ways) == []

    def test_a_reason_exempts_a_menu(self) -> None:
        menu = replace(MENU, on_silence=N("end"), exempt_person_rule="a survey after the call")
        assert found(menu=menu) == []


def test_a_menu_below_a_menu() -> None:
    below = replace(MENU, keys={"0": N("lane")})
    top = replace(MENU, keys={**MENU.keys, "2": N("below")})
    assert places(found(menu=top, below=below)) == [("below", ())]
    assert found(limits=Limits(menu_depth=2), menu=top, below=below) == []


def test_what_is_known_besides_the_flow_does_not_dangle() -> None:
    menu = replace(MENU, keys={**MENU.keys, "2": N("faulty")})
    flow = Flow(
        "test", N("menu"), {N(name): node for name, node in {**SOUND, "menu": menu}.items()}
    )
    assert places(dangling(flow, AROUND)) == [("menu", ("keys", "2"))]
    assert dangling(flow, AROUND, {N("faulty")}) == []
