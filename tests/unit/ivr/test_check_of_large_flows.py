"""What checking a flow costs grows with the flow, not with its square."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from calls.ids import LaneId, NodeId, PromptId
from calls.reasons import Reason
from ivr.check import flaws
from ivr.flaws import Limits, Surroundings
from ivr.flow import Enqueue, Flow, HangUp, Menu, Node, Say

N, P = NodeId, PromptId
AROUND = Surroundings(frozenset({LaneId("general")}), frozenset(), {("zh", P("hello")): 1.0})
ENDS: dict[NodeId, Node] = {
    N("lane"): Enqueue(LaneId("general"), N("end"), N("end"), N("end")),
    N("end"): HangUp(Reason.COMPLETED),
}


def chain(length: int) -> Flow:
    """Return menus one below the other, each with a sentence before it."""
    nodes: dict[NodeId, Node] = dict(ENDS)
    for place in range(length):
        after = N(f"say{place + 1}") if place + 1 < length else N("lane")
        keys = {"0": N("lane"), "1": after}
        nodes[N(f"say{place}")] = Say((P("hello"),), N(f"menu{place}"))
        nodes[N(f"menu{place}")] = Menu((P("hello"),), keys, 3.0, after)
    return Flow("chain", N("say0"), nodes)


def island(length: int) -> Flow:
    """Return sentences that nobody reaches, one after another."""
    nodes: dict[NodeId, Node] = dict(ENDS)
    for place in range(length):
        after = N(f"say{place + 1}") if place + 1 < length else N("end")
        nodes[N(f"say{place}")] = Say((P("hello"),), after)
    return Flow("island", N("lane"), nodes)


def steps(work: Callable[[], object]) -> int:
    """Count the lines of Python that are run: the same on any machine."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("shape", [chain, island])
def test_four_times_the_nodes_take_about_four_times_the_steps(
    shape: Callable[[int], Flow],
) -> None:
    limits = Limits(menu_depth=1000)
    small, large = (steps(lambda n=n: flaws(shape(n), AROUND, limits)) for n in (60, 240))
    assert 3 * small < large < 5 * small


def test_a_long_chain_of_menus_is_sound_and_one_without_a_lane_is_not() -> None:
    limits = Limits(menu_depth=1000)
    assert flaws(chain(120), AROUND, limits) == []
    cut = chain(120)
    nodes = {**cut.nodes, N("say120"): Say((P("hello"),), N("end"))}
    nodes[N("menu119")] = Menu((P("hello"),), {"0": N("lane"), "1": N("end")}, 3.0, N("say120"))
    found = flaws(Flow("cut", cut.begin, nodes), AROUND, limits)
    assert {flaw.node for flaw in found} == {N(f"menu{place}") for place in range(120)}
    assert {flaw.code for flaw in found} == {"flow-person-unreachable"}


def test_the_depth_of_a_menu_is_that_of_the_shortest_way_there() -> None:
    """A long way without menus leads to a menu that is also below another."""
    nodes: dict[NodeId, Node] = dict(ENDS)
    says = [N(f"say{place}") for place in range(5)]
    for here, after in zip(says, [*says[1:], N("deep")], strict=True):
        nodes[here] = Say((P("hello"),), after)
    deep = Menu((P("hello"),), {"0": N("lane")}, 3.0, N("lane"))
    nodes[N("deep")] = deep
    nodes[N("first")] = Menu((P("hello"),), {"0": N("lane"), "1": N("deep")}, 3.0, N("lane"))
    nodes[N("ask")] = Menu(
        (P("hello"),), {"0": N("lane"), "1": N("first"), "2": says[0]}, 3.0, N("lane")
    )
    around = AROUND
    found = flaws(Flow("two_ways", N("ask"), nodes), around, Limits(menu_depth=1))
    assert {flaw.node for flaw in found} == {N("first"), N("deep")}
    assert flaws(Flow("two_ways", N("ask"), nodes), around, Limits(menu_depth=2)) == []
