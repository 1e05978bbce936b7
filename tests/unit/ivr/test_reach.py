"""How long callers need into each lane, at best and at worst."""

import pytest

from calls.ids import LaneId, NodeId, PromptId
from calls.reasons import Reason
from ivr.flow import Enqueue, Flow, HangUp, Hold, Menu, Node, Say, SetLanguage
from ivr.reach import Reach, reaches

N, P, L = NodeId, PromptId, LaneId
SPOKEN = {("zh", P("hello")): 10.0, ("zh", P("again")): 2.0, ("zh", P("closed")): 4.0,
          ("en", P("closed")): 7.0}  # fmt: skip
END: Node = HangUp(Reason.COMPLETED)


def lane(name: str, refused: str = "end", closed: str | None = None) -> Enqueue:
    shut = None if closed is None else N(closed)
    return Enqueue(L(name), N(refused), N("end"), N("end"), on_closed=shut)


def reached(**nodes: Node) -> dict[str, Reach]:
    whole = {N(name): node for name, node in {**nodes, "end": END}.items()}
    return {one.lane: one for one in reaches(Flow("x", N(next(iter(nodes))), whole), SPOKEN)}  # type: ignore[arg-type]  # zh, en


def test_the_best_way_presses_at_once_and_the_worst_makes_every_mistake() -> None:
    menu = Menu(
        (P("hello"),), {"0": N("general")}, 5.0, N("general"), tries=3, wrong_prompts=(P("again"),)
    )
    found = reached(menu=menu, general=lane("general"))
    assert found["general"] == Reach(
        L("general"), 0.0, 15.0 + 2 * (2.0 + 5.0), (N("menu"), N("general"))
    )


def test_a_lane_that_takes_nobody_just_now_lies_on_the_worst_way_to_the_next() -> None:
    found = reached(
        hello=Say((P("hello"),), N("medical")),
        medical=lane("medical", closed="shut"),
        shut=Say((P("closed"),), N("general")),
        general=lane("general"),
    )
    assert (found["medical"].best, found["medical"].worst) == (10.0, 10.0)
    assert found["general"].worst == 14.0
    assert found["general"].way == (N("hello"), N("medical"), N("shut"), N("general"))


def test_prompts_last_as_long_as_in_the_callers_language() -> None:
    found = reached(
        tongue=SetLanguage("en", N("shut")),
        shut=Say((P("closed"),), N("general")),
        general=lane("general"),
    )
    assert found["general"].worst == 7.0


def test_ways_back_are_left_out_and_a_pause_counts_whole() -> None:
    found = reached(
        menu=Menu((P("hello"),), {"0": N("general"), "9": N("wait")}, 5.0, N("general"), tries=1),
        wait=Hold(30.0, N("menu"), on_key={"0": N("general")}),
        general=lane("general"),
    )
    assert (found["general"].best, found["general"].worst) == (0.0, 45.0)


def test_of_several_nodes_for_one_lane_the_best_and_the_worst_count() -> None:
    found = reached(
        menu=Menu((P("hello"),), {"0": N("first"), "1": N("more")}, 5.0, N("first"), tries=1),
        more=Say((P("closed"),), N("second")),
        first=lane("general"),
        second=lane("general"),
    )
    assert (found["general"].best, found["general"].worst) == (0.0, 19.0)
    assert found["general"].way[-1] == "second"


@pytest.mark.parametrize("length", [50, 1500])
def test_a_long_flow_is_no_trouble(length: int) -> None:
    nodes: dict[str, Node] = {
        f"say{place}": Say((P("again"),), N(f"say{place + 1}")) for place in range(length)
    }
    nodes[f"say{length}"] = lane("general")
    found = reached(**nodes)
    assert found["general"].worst == pytest.approx(2.0 * length)
