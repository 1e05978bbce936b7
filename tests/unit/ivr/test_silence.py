"""Callers who do nothing are asked again, in other words each time, and then surely go on."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from calls.ids import LaneId, NodeId, PromptId
from calls.reasons import Reason
from ivr.check import flaws, prompts_of
from ivr.flaws import Limits, Surroundings
from ivr.flow import Collect, Enqueue, Flow, HangUp, Menu
from ivr.pretend import PretendedLane, World
from ivr.script import act_of
from ivr.times import silent_person, spans, speaker
from ivr.trial import Trial, tried

N, P, L = NodeId, PromptId, LaneId
ASKED = (P("once_more"), P("last_time"))
MENU = Menu(
    (P("ask"),), {"0": N("person"), "2": N("bye")}, 3.0, N("person"),
    wrong_prompts=(P("wrong"),), silence_prompts=ASKED,
)  # fmt: skip
COLLECT = Collect((P("ask"),), "order", N("bye"), N("person"), silence_prompts=ASKED)
SECONDS = {("zh", P("ask")): 4.0, ("zh", P("once_more")): 2.0, ("zh", P("last_time")): 1.0}


def flow_of(node: Menu | Collect) -> Flow:
    person = Enqueue(L("general"), N("bye"), N("bye"), N("bye"))
    return Flow(
        "x", N("a"), {N("a"): node, N("person"): person, N("bye"): HangUp(Reason.COMPLETED)}
    )


def call(node: Menu | Collect, *acts: str) -> Trial:
    world = World(datetime(2026, 3, 4, tzinfo=UTC), {L("general"): PretendedLane()}, SECONDS)  # type: ignore[arg-type]  # zh
    return tried(flow_of(node), world, [act_of(act) for act in acts])


@pytest.mark.parametrize(("node", "each"), [(MENU, 3.0), (COLLECT, 5.0)])
def test_silence_is_asked_about_as_often_as_there_are_words_and_then_leads_on(
    node: Menu | Collect, each: float
) -> None:
    trial = call(node)
    assert trial.heard == ["ask", "once_more", "last_time"]
    assert (trial.lane, trial.arrived) == ("general", 4.0 + 2.0 + 1.0 + 3 * each)
    assert silent_person(flow_of(node), SECONDS) == trial.arrived  # type: ignore[arg-type]  # zh


def test_an_answer_counts_in_the_middle_of_being_asked_again() -> None:
    assert call(MENU, "…8s", "2").nodes == ["a", "bye"]
    assert call(COLLECT, "…10s", "12#").nodes == ["a", "bye"]


def test_wrong_answers_and_silences_are_counted_apart() -> None:
    trial = call(MENU, "5", "…", "…", "…")
    assert trial.heard == ["ask", "wrong", "once_more", "last_time"]


def test_an_end_key_alone_is_a_silence() -> None:
    assert call(COLLECT, "#", "…1s", "#", "…1s", "#").heard == ["ask", "once_more", "last_time"]


def test_without_such_words_the_first_silence_leads_on() -> None:
    assert call(replace(MENU, silence_prompts=())).arrived == 7.0


def test_the_worst_way_has_every_silence_and_every_wrong_key() -> None:
    times = spans(MENU, speaker(SECONDS, "zh"))  # type: ignore[arg-type]  # zh
    assert times["on_silence"].least == 16.0
    assert times["on_wrong"].most == 16.0 + 2 * 3.0, "wrong is not recorded here and lasts nothing"


def test_words_about_silence_must_be_recorded() -> None:
    around = Surroundings(frozenset({L("general")}), frozenset(), SECONDS)  # type: ignore[arg-type]  # zh
    assert (("silence_prompts", 1), P("last_time")) in prompts_of(MENU, around)
    found = flaws(flow_of(replace(MENU, silence_prompts=(P("nowhere"),))), around, Limits())
    assert [flaw.path for flaw in found if "nowhere" in flaw.en] == [("silence_prompts", 0)]
