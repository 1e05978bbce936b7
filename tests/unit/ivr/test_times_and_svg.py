"""Seconds through a flow, and the picture that shows them."""

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from calls.ids import LaneId, NodeId, PromptId
from calls.reasons import Reason
from config.pretending import world_of
from config.reader import read
from config.settings import Site
from config.values import moment
from ivr.draw_svg import svg
from ivr.flow import Enqueue, Flow, HangUp, Hold, Listen, Menu, Say, SetLanguage, exits
from ivr.times import AT_ONCE, Span, quickest_person, silent_person, spans, speaker
from ivr.trial import tried
from tests.helpers import sites

N, P = NodeId, PromptId
SPOKEN = {("zh", P("long")): 10.0, ("zh", P("short")): 2.0, ("en", P("short")): 3.0}
MENU = Menu((P("long"),), {"0": N("a")}, 3.0, N("a"), tries=3, wrong_prompts=(P("short"),))


@pytest.fixture(scope="module")
def site() -> Site:
    return read(sites.SHIPPED)


def test_a_menu_takes_from_nothing_to_every_try_used_up() -> None:
    found = spans(MENU, speaker(SPOKEN, "zh"))
    assert found["on_silence"] == Span(13.0, 13.0 + 2 * 5.0)
    assert found["keys"].least == 0.0


def test_say_lasts_as_long_as_its_prompts_in_the_language() -> None:
    say = Say((P("short"),), N("a"))
    assert spans(say, speaker(SPOKEN, "zh"))["then"] == Span(2.0, 2.0)
    assert spans(say, speaker(SPOKEN, "en"))["then"] == Span(3.0, 3.0)


def test_a_lane_refuses_at_once_and_keeps_callers_for_nobody_knows_how_long() -> None:
    lane = Enqueue(LaneId("x"), N("a"), N("a"), N("a"))
    found = spans(lane, speaker(SPOKEN, "zh"))
    assert found["on_full"] == AT_ONCE
    assert str(found["on_late"]) == "≥ 0 s"


@pytest.mark.parametrize(
    "node",
    [MENU, Listen((P("short"),), N("a"), N("a"), on_key={"0": N("a")}), Hold(9.0, N("a")),
     SetLanguage("en", N("a")), HangUp(Reason.COMPLETED)],
)  # fmt: skip
def test_every_way_out_has_its_time(node: Menu | Listen | Hold | SetLanguage | HangUp) -> None:
    found = spans(node, speaker(SPOKEN, "zh"))
    assert {path[0] for path, _ in exits(node)} <= found.keys()


def test_the_silent_way_to_a_person_is_what_a_pretended_caller_meets(site: Site) -> None:
    flow = site.flows["main"]
    world = world_of(site, moment("2026-03-04 10:00"), {})
    assert silent_person(flow, site.prompt_seconds) == tried(flow, world, []).arrived
    assert quickest_person(flow, site.prompt_seconds) == 0.0


def test_a_flow_without_a_person_says_so() -> None:
    flow = Flow("x", N("a"), {N("a"): Say((P("short"),), N("b")), N("b"): Say((), N("a"))})
    assert quickest_person(flow, SPOKEN) is None
    assert silent_person(flow, SPOKEN) is None


def test_the_picture_has_each_node_and_each_way_with_its_time(site: Site) -> None:
    flow = site.flows["main"]
    picture = svg(flow, site.prompt_seconds)
    words = [text.text or "" for text in ElementTree.fromstring(picture).iter() if text.text]
    assert set(flow.nodes) <= set(words)
    assert "不按键 silence → general · 14.6–25.8 s" in words
    assert "非服务时间 closed → closed · 马上 at once" in words
    assert picture.count("marker-end") == sum("→" in word for word in words)


def test_no_two_tables_of_the_picture_overlap(site: Site) -> None:
    picture = ElementTree.fromstring(svg(site.flows["main"], site.prompt_seconds))
    boxes = [
        tuple(int(rect.get(side, "0")) for side in ("x", "y", "width", "height"))
        for rect in picture.iter("{http://www.w3.org/2000/svg}rect")
        if rect.get("fill") == "#ffffff" and rect.get("x")
    ]
    assert len(boxes) == len(site.flows["main"].nodes)
    for (x, y, wide, high), (u, v, broad, tall) in combinations(boxes, 2):
        assert x + wide <= u or u + broad <= x or y + high <= v or v + tall <= y


def test_names_in_a_picture_are_escaped() -> None:
    flow = Flow("a<b", N("a"), {N("a"): HangUp(Reason.COMPLETED, (P("x"),))})
    assert "a&lt;b" in svg(flow, {})


def test_what_is_wider_than_its_table_is_cut_and_shown_by_pointing_at_it() -> None:
    many = tuple(PromptId(f"prompt_number_{n}") for n in range(9))
    nodes = {NodeId("a"): Say(many, NodeId("b")), NodeId("b"): HangUp(Reason.COMPLETED)}
    drawn = svg(Flow("x", NodeId("a"), nodes), {})
    (line,) = re.findall(r"<text[^>]*><title>(.*?)</title>(.*?)</text>", drawn)
    assert line[0] == "播放 say " + ", ".join(many)
    assert line[1].endswith("…")
    assert len(line[1]) < 60
    assert line[0].startswith(line[1].removesuffix("…"))
