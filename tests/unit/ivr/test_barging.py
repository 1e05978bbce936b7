"""Keys and words while prompts are being said: four modes, for keys and for words apart."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from calls.ids import LaneId, NodeId, PromptId
from calls.reasons import Reason
from ivr import commands as way
from ivr.flow import Barge, Collect, Enqueue, Flow, HangUp, Listen, Menu, Node, Say
from ivr.walk import Walk

N, P = NodeId, PromptId
MENU = Menu(
    (P("greeting"),), {"0": N("person"), "2": N("medical")}, 3.0, N("person"),
    wrong_prompts=(P("no_match"),), words={"zh": {"2": ("医疗",), "0": ("人工",)}},
)  # fmt: skip
REST: dict[NodeId, Node] = {
    N("person"): Enqueue(LaneId("general"), N("bye"), N("bye"), N("bye")),
    N("medical"): Enqueue(LaneId("medical"), N("bye"), N("bye"), N("bye")),
    N("bye"): HangUp(Reason.COMPLETED, (P("goodbye"),)),
}


def hears(commands: Sequence[way.Command]) -> bool:
    return any(isinstance(command, way.HearWords) and command.on for command in commands)


def begun(first: Node, **more: Node) -> Walk:
    nodes = {N("first"): first, **{N(name): node for name, node in more.items()}, **REST}
    walk = Walk(Flow("main", N("first"), nodes))
    walk.begin(0.0)
    return walk


def keyed(mode: Barge, during: str) -> Walk:
    walk = begun(replace(MENU, barge_keys=mode))
    for key in during:
        walk.key_pressed(key, 1.0)
    return walk


@pytest.mark.parametrize(
    ("mode", "at_once", "in_the_end"),
    [("at_once", "medical", "medical"), ("if_valid", "medical", "medical"),
     ("after", "first", "medical"), ("never", "first", "first")],
)  # fmt: skip
def test_an_offered_key_during_the_prompts(mode: Barge, at_once: str, in_the_end: str) -> None:
    walk = keyed(mode, "2")
    assert walk.node == at_once
    if at_once == "first":
        walk.prompt_finished(9.0)
    assert walk.node == in_the_end


@pytest.mark.parametrize(
    ("mode", "stops"), [("at_once", True), ("if_valid", False), ("after", False), ("never", False)]
)
def test_a_wrong_key_stops_the_prompts_only_where_any_key_does(mode: Barge, stops: bool) -> None:
    walk = begun(replace(MENU, barge_keys=mode))
    commands = walk.key_pressed("7", 1.0)
    assert (way.StopPlaying() in commands) is stops


def test_a_wrong_key_counts_after_the_prompts_where_it_is_kept() -> None:
    walk = keyed("after", "7")
    assert way.Play((P("no_match"),)) in walk.prompt_finished(9.0)


def test_of_keys_that_are_kept_the_first_that_is_offered_decides() -> None:
    walk = keyed("after", "72")
    walk.prompt_finished(9.0)
    assert walk.node == "first"  # 2 came in the prompts, so it waits for those about the 7 too
    walk.prompt_finished(11.0)
    assert walk.node == "medical"


@pytest.mark.parametrize(
    ("mode", "at_once", "in_the_end"),
    [("at_once", "medical", "medical"), ("if_valid", "medical", "medical"),
     ("after", "first", "medical")],
)  # fmt: skip
def test_a_word_during_the_prompts(mode: Barge, at_once: str, in_the_end: str) -> None:
    walk = begun(replace(MENU, barge_words=mode))
    walk.heard("医疗", 2.0)
    assert walk.node == at_once
    if at_once == "first":
        walk.prompt_finished(9.0)
    assert walk.node == in_the_end


def test_speech_stops_the_prompts_only_where_any_word_does() -> None:
    stops = [begun(replace(MENU, barge_words=mode)) for mode in ("at_once", "if_valid", "after")]
    assert [bool(walk.speech_started(1.0)) for walk in stops] == [True, False, False]
    assert stops[0].next_deadline() == 16.0


def test_nobody_listens_during_the_prompts_where_words_never_count() -> None:
    menu = replace(MENU, barge_words="never")
    walk = Walk(Flow("main", N("first"), {N("first"): menu, **REST}))
    assert not hears(walk.begin(0.0))
    assert hears(walk.prompt_finished(9.0))
    again = walk.key_pressed("7", 10.0)
    assert again.index(way.HearWords(False)) < again.index(way.Play((P("no_match"),)))


def test_fillers_never_count_whatever_the_mode() -> None:
    for mode in ("at_once", "if_valid", "after", "never"):
        walk = begun(replace(MENU, barge_words=mode))
        assert walk.heard("嗯，喂，你好", 2.0) == []
        walk.prompt_finished(9.0)
        assert walk.node == "first"


def test_keys_and_words_have_modes_of_their_own() -> None:
    walk = begun(replace(MENU, barge_keys="never", barge_words="if_valid"))
    walk.key_pressed("0", 1.0)
    assert walk.node == "first"
    walk.heard("人工", 2.0)
    assert walk.node == "person"


# keys typed early


def early(keep: bool, keys: str) -> Walk:
    welcome = Say((P("welcome"),), N("menu"))
    walk = begun(welcome, menu=replace(MENU, early=keep))
    for key in keys:
        walk.key_pressed(key, 1.0)
    walk.prompt_finished(4.0)
    return walk


def test_keys_typed_early_count_where_they_are_kept() -> None:
    assert early(True, "2").node == "medical"


def test_keys_typed_early_are_forgotten_where_they_are_not_kept() -> None:
    assert early(False, "2").node == "menu"


def test_figures_typed_early_are_the_beginning_of_what_is_typed() -> None:
    welcome = Say((P("welcome"),), N("order"))
    order = Collect((P("type"),), "order", N("person"), N("bye"), least=3, most=3, early=True)
    walk = begun(welcome, order=order)
    for at, key in enumerate("123"):
        walk.key_pressed(key, float(at))
    walk.prompt_finished(4.0)
    assert walk.node == "person"
    assert walk.known["order"] == "123"


def test_keys_of_one_who_has_waited_in_a_lane_meanwhile_are_no_answer_later() -> None:
    lane = Enqueue(LaneId("general"), N("menu"), N("menu"), N("menu"))
    walk = begun(Say((P("welcome"),), N("lane")), lane=lane, menu=replace(MENU, early=True))
    walk.key_pressed("2", 1.0)
    walk.prompt_finished(4.0)
    walk.lane_left("full", 5.0)
    assert walk.node == "menu"


def test_figures_during_prompts_that_must_be_heard_wait_or_are_nothing() -> None:
    for mode, there in (("after", "person"), ("never", "first")):
        order = Collect((P("type"),), "order", N("person"), N("bye"), least=1, most=1)
        walk = begun(replace(order, barge_keys=mode))  # type: ignore[arg-type]  # a mode
        walk.key_pressed("5", 1.0)
        assert walk.node == "first"
        walk.prompt_finished(3.0)
        assert walk.node == there


def test_speech_before_the_end_of_prompts_that_must_be_heard_is_not_listened_to() -> None:
    walk = begun(Listen((P("law"),), N("bye"), N("person"), barge_words="never"))
    assert walk.speech_started(1.0) == []
    assert way.StartListening(3.0) in walk.prompt_finished(6.0)
