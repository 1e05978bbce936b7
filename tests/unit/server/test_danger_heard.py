"""Danger while the caller speaks: a fact, and the front of the line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.agent import Agent
from asr.recogniser import Heard
from calls.events import DangerHeard, Queued
from calls.ids import LaneId, PromptId, Skill
from ivr.commands import Join
from media import commands as media
from queueing.lane import Lane
from server import danger_side
from server.citizen_call import CitizenCall
from server.house import LaneRules
from server.outputs import MakeDraft, OpenStream
from tests.helpers.switchboard import AGENT, LANE, LANE_RULES, Switchboard, house

CRISIS = LaneId("crisis")
WANG = Agent(AGENT, "王", {Skill("general"): 3})


def speaking(board: Switchboard) -> str:
    """Lead a caller to where words are heard; return the stream of them."""
    board.invite()
    board.ack()
    board.press("1")
    board.prompt_ends()
    board.say(media.TapAudio(board.caller_leg, 0.0, b"\0\0" * 160))
    return [output.stream for output in board.others if isinstance(output, OpenStream)][-1]


def say(board: Switchboard, stream: str, text: str, *, final: bool = True) -> None:
    board.control.heard(stream, Heard(text, 0.1, 0.9, 0.8, (), final), board.now)
    board.settle()


def dangers(board: Switchboard) -> list[DangerHeard]:
    return [fact for fact in board.facts if isinstance(fact, DangerHeard)]


def lanes(board: Switchboard) -> list[str]:
    return [fact.lane for fact in board.facts if isinstance(fact, Queued)]


@pytest.fixture
def board() -> Iterator[Switchboard]:
    yield Switchboard()


def test_danger_is_known_before_the_utterance_is_over_and_told_once(board: Switchboard) -> None:
    stream = speaking(board)
    say(board, stream, "我们", final=False)
    assert dangers(board) == []
    say(board, stream, "我们楼上着火了", final=False)
    say(board, stream, "我们楼上着火了快来人")
    (fact,) = dangers(board)
    assert (fact.kind, fact.help, fact.final) == ("fire", "119", False)
    assert "着火" in fact.words
    assert any(isinstance(output, MakeDraft) for output in board.others)


@pytest.mark.parametrize("text", ["去年我们楼着过火想问赔偿", "路灯不亮了", "请问社保卡怎么办理"])
def test_what_is_no_danger_is_no_fact(board: Switchboard, text: str) -> None:
    say(board, speaking(board), text)
    assert dangers(board) == []


def test_words_that_hardly_grew_are_not_judged_again(
    board: Switchboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[str] = []
    monkeypatch.setattr(danger_side, "danger_in", lambda said: judged.append(said.text))
    stream = speaking(board)
    for text in ("我们小区", "我们小区的", "我们小区的路灯", "我们小区的路灯坏"):
        say(board, stream, text, final=False)
    say(board, stream, "我们小区的路灯坏了")
    assert judged == ["我们小区", "我们小区的路灯", "我们小区的路灯坏了"]


def test_a_fault_in_judging_costs_the_alarm_and_not_the_call(
    board: Switchboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(said: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(danger_side, "danger_in", broken)
    say(board, speaking(board), "着火了")
    assert board.control.faults == 0 and "Ended" not in board.story()
    assert "Heard" in board.story()


# --- the front of the line ---------------------------------------------------------------


def with_crisis_lane(*, staffed: bool = True, **more: object) -> Switchboard:
    """Return a house with a lane for danger, whose agents are busy or not there."""
    rules = LaneRules(20.0, 30.0, "急", "zh", None)
    board = Switchboard(house=house(emergency=CRISIS, **more))
    lanes = {**board.house.lanes, CRISIS: rules}
    changed = house(emergency=CRISIS, lanes=lanes, **more)
    needs = frozenset({Skill("general" if staffed else "crisis")})
    crisis = Lane(CRISIS, needs, priority=50, announce_every=None, never_drop=True)
    board.control.change(changed, [LANE_RULES, crisis], [WANG], board.now)
    board.house = changed
    return board


def wait(board: Switchboard) -> CitizenCall:
    """Let the caller ask for the ordinary lane, while the only agent is busy."""
    (call,) = board.control.calls.values()
    board.control.roster.offer(AGENT, call.id, board.now)
    board.control.flow.run(call, [Join(LANE)], board.now)
    board.settle()
    return call


def test_a_caller_in_danger_takes_a_place_in_the_lane_for_it() -> None:
    board = with_crisis_lane()
    board.sign_in()
    stream = speaking(board)
    say(board, stream, "我不想活了我要跳楼")
    wait(board)
    assert lanes(board) == [CRISIS]


def test_one_who_waits_already_is_brought_there() -> None:
    board = with_crisis_lane()
    board.sign_in()
    stream = speaking(board)
    call = wait(board)
    say(board, stream, "隔壁着火了快来人啊")
    assert lanes(board) == [LANE, CRISIS]
    assert board.control.waiting.ticket(call.id).priority == danger_side.FIRST
    assert "LeftLane" in board.story()


def test_without_anybody_there_the_caller_goes_to_the_front_of_the_own_lane() -> None:
    board = with_crisis_lane(staffed=False)
    board.sign_in()
    stream = speaking(board)
    call = wait(board)
    say(board, stream, "隔壁着火了快来人啊")
    assert lanes(board) == [LANE]
    assert board.control.waiting.ticket(call.id).priority == danger_side.FIRST


# --- what they hear ------------------------------------------------------------------------


def played(board: Switchboard) -> list[str]:
    """Return the prompts that the caller was played, by name."""
    plays = [command for command in board.told_media if isinstance(command, media.Play)]
    return [Path(file).stem for play in plays for file in play.prompts]


def wait_in_the_flow(board: Switchboard) -> None:
    """Let the caller come to the ordinary lane by the flow, while the only agent is busy."""
    (call,) = board.control.calls.values()
    board.control.roster.offer(AGENT, call.id, board.now)
    commands = call.walk.sent_to(LANE, board.now)
    assert commands is not None
    board.control.flow.run(call, commands, board.now)
    board.settle()


def test_a_caller_brought_to_the_lane_for_danger_is_told_at_once_that_help_is_near() -> None:
    board = with_crisis_lane(crisis_prompt=PromptId("crisis_hold"))
    board.sign_in()
    stream = speaking(board)
    wait_in_the_flow(board)
    assert "crisis_hold" not in played(board)
    say(board, stream, "隔壁着火了快来人啊")
    assert lanes(board) == [LANE, CRISIS]
    assert played(board)[-1] == "crisis_hold"
    board.prompt_ends()
    assert played(board)[-1] == "music"


def test_one_who_comes_to_a_lane_in_danger_hears_it_too_and_others_do_not() -> None:
    for text, heard in (("我不想活了我要跳楼", True), ("路灯不亮了", False)):
        board = with_crisis_lane(crisis_prompt=PromptId("crisis_hold"))
        board.sign_in()
        say(board, speaking(board), text)
        wait_in_the_flow(board)
        assert ("crisis_hold" in played(board)) is heard
