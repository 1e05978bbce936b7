"""What a page asks for is read into call control's own actions, or refused in words."""

from typing import Any, get_args

import pytest

from calls.ids import AgentId, LaneId
from media.mix import Supervision
from server import asked
from server.page_actions import ACTIONS, BadAction, NoSuchAction, read

READ: list[tuple[str, dict[str, Any], asked.Action]] = [
    ("hold", {}, asked.Hold()),
    ("resume", {}, asked.Resume()),
    ("mute", {"on": True}, asked.Mute(True)),
    (
        "reach",
        {"target": "lane:medical", "how": "transfer"},
        asked.Reach(asked.ToLane(LaneId("medical")), asked.How.TRANSFER),
    ),
    (
        "reach",
        {"target": "number:+8610110", "how": "join"},
        asked.Reach(asked.ToNumber("+8610110"), asked.How.JOIN),
    ),
    (
        "reach",
        {"target": "police", "how": "consult"},
        asked.Reach(asked.ToPlace("police"), asked.How.CONSULT),
    ),
    ("complete", {}, asked.Complete()),
    ("cancel", {}, asked.Cancel()),
    ("three_way", {}, asked.ThreeWay()),
    ("pause_recording", {"on": False}, asked.PauseRecordingNow(False)),
    ("ask_help", {}, asked.AskHelp("")),
    ("ask_help", {"text": "听不懂"}, asked.AskHelp("听不懂")),
    ("end_help", {}, asked.EndHelp()),
    ("report_abuse", {}, asked.ReportAbuse()),
    ("send_keys", {"keys": "12#"}, asked.SendKeys("12#")),
    ("hang_up", {}, asked.HangUp()),
    (
        "supervise",
        {"agent": "1001", "how": "whisper"},
        asked.Supervise(AgentId("1001"), Supervision.WHISPER),
    ),
    ("stop_supervising", {}, asked.StopSupervising()),
    ("finish_wrap_up", {}, asked.FinishWrapUp()),
    ("extend_wrap_up", {"seconds": 60}, asked.ExtendWrapUp(60.0)),
    ("take_break", {"reason": "rest"}, asked.TakeBreak("rest")),
    ("back_to_work", {}, asked.BackToWork()),
]


@pytest.mark.parametrize(("action", "values", "wish"), READ)
def test_every_action_is_read(action: str, values: dict[str, Any], wish: asked.Action) -> None:
    assert read(action, values) == wish


def test_there_is_a_name_for_all_that_can_be_asked_for() -> None:
    readable = {type(wish) for _, _, wish in READ}
    assert readable == {*get_args(asked.OfCall), *get_args(asked.Between)}
    assert {name for name, _, _ in READ} == set(ACTIONS)


@pytest.mark.parametrize(
    ("action", "values"),
    [
        ("hold", {"on": True}),
        ("mute", {}),
        ("mute", {"on": "yes"}),
        ("mute", {"on": 1}),
        ("reach", {"target": "duty"}),
        ("reach", {"how": "join"}),
        ("reach", {"target": "", "how": "join"}),
        ("reach", {"target": "x" * 65, "how": "join"}),
        ("reach", {"target": ["duty"], "how": "join"}),
        ("reach", {"target": "duty", "how": "push"}),
        ("reach", {"target": "duty", "how": ["join"]}),
        ("reach", {"target": "number:sip:evil@example", "how": "join"}),
        ("reach", {"target": "number:１１０", "how": "join"}),
        ("reach", {"target": "number:110\n", "how": "join"}),
        ("ask_help", {"text": "长" * 201}),
        ("supervise", {"agent": "1001", "how": "spy"}),
        ("supervise", {"how": "listen"}),
        ("send_keys", {}),
        ("send_keys", {"keys": ""}),
        ("send_keys", {"keys": "1a"}),
        ("send_keys", {"keys": "1" * 33}),
        ("extend_wrap_up", {"seconds": 0}),
        ("extend_wrap_up", {"seconds": -1}),
        ("extend_wrap_up", {"seconds": True}),
        ("extend_wrap_up", {"seconds": "60"}),
        ("extend_wrap_up", {"seconds": float("nan")}),
        ("extend_wrap_up", {"seconds": float("inf")}),
        ("take_break", {"reason": None}),
    ],
)
def test_what_is_missing_wrong_or_too_much_is_refused(action: str, values: dict[str, Any]) -> None:
    with pytest.raises(BadAction) as refused:
        read(action, values)
    assert refused.value.zh and refused.value.en
    assert not isinstance(refused.value, NoSuchAction)


def test_an_action_that_nobody_knows_is_told_apart() -> None:
    with pytest.raises(NoSuchAction):
        read("dance", {})
