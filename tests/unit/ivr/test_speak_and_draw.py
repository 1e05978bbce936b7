"""Waits as prompts; flows as pictures."""

import pytest

from calls.ids import LaneId, NodeId, PromptId
from calls.reasons import Reason
from ivr.draw import mermaid
from ivr.flow import Enqueue, Flow, HangUp, Listen, Menu, Say, SetLanguage
from ivr.speak import WAIT_PROMPTS, wait_prompt


@pytest.mark.parametrize(
    ("seconds", "prompt"),
    [
        (None, "busy_wait"),
        (0.0, "wait_under_1"),
        (59.9, "wait_under_1"),
        (60.0, "wait_1"),
        (60.1, "wait_2"),
        (300.0, "wait_5"),
        (540.1, "wait_10"),
        (600.0, "wait_10"),
        (600.1, "wait_over_10"),
        (1e9, "wait_over_10"),
    ],
)
def test_minutes_are_rounded_up_and_not_knowing_is_said(seconds: float | None, prompt: str) -> None:
    assert wait_prompt(seconds) == prompt
    assert prompt in WAIT_PROMPTS


def test_a_picture_has_every_node_and_joins_ways_that_lead_to_the_same() -> None:
    n, p = NodeId, PromptId
    flow = Flow(
        "main",
        n("ask"),
        {
            n("ask"): Menu((p("hello"),), {"0": n("lane"), "1": n("speak")}, 3.0, n("lane")),
            n("speak"): Listen((), n("thanks"), n("english")),
            n("english"): SetLanguage("en", n("lane")),
            n("lane"): Enqueue(LaneId("general"), n("end"), n("end"), n("end")),
            n("thanks"): Say((p("thanks"),), n("end")),
            n("end"): HangUp(Reason.COMPLETED),
        },
    )
    assert mermaid(flow).splitlines() == [
        "flowchart TD",
        "  call([main]) --> n_ask",
        '  n_ask["ask"]',
        '  n_ask -->|"0, 不按键 silence"| n_lane',
        '  n_ask -->|"1"| n_speak',
        '  n_speak[/"speak<br/>请说话 listen ≤ 90 s"/]',
        "  n_speak --> n_thanks",
        '  n_speak -->|"没有说话 nothing said"| n_english',
        '  n_english["english<br/>语言 language en"]',
        "  n_english --> n_lane",
        '  n_lane[["lane<br/>队列 lane general"]]',
        '  n_lane -->|"队列已满 full, 无人值守 nobody, 等待过久 too long"| n_end',
        '  n_thanks["thanks"]',
        "  n_thanks --> n_end",
        '  n_end(["end<br/>挂机 completed"])',
    ]
