"""A call on a service number, at call control: what is asked for, and what becomes of a take."""

from collections.abc import Mapping
from dataclasses import replace

from calls.events import Collected, Entered, FlowChosen, KeyPressed
from calls.ids import CallId, NodeId, PromptId
from calls.reasons import Reason
from ivr.flow import Enqueue, Flow, HangUp, Say
from ivr.service import service_flow
from media.commands import Play, RecordingClosed, StartRecording, StopRecording
from server.outputs import ServiceAsk
from tests.helpers.switchboard import Switchboard, house

N, P = NodeId, PromptId


def called() -> Switchboard:
    board = Switchboard(house=house(numbers={"12345": service_flow()}))
    board.invite()
    board.ack()
    return board


def asked(board: Switchboard) -> list[tuple[str, Mapping[str, str]]]:
    return [(one.what, one.about) for one in board.others if isinstance(one, ServiceAsk)]


def answer(board: Switchboard, word: str) -> None:
    board.control.looked_up(the_call(board), word, {}, board.now)
    board.settle()


def the_call(board: Switchboard) -> CallId:
    return board.facts[0].call


def nodes(board: Switchboard) -> list[str]:
    return [fact.node for fact in board.facts if isinstance(fact, Entered)]


def let_in() -> Switchboard:
    board = called()
    for key in "1001#123456#":
        board.press(key)
    answer(board, "ok")
    return board


def recording() -> Switchboard:
    board = let_in()
    for key in "1101#":
        board.press(key)
    answer(board, "ok")
    board.prompt_ends()
    return board


def test_a_pin_is_asked_for_whole_and_written_down_nowhere() -> None:
    board = let_in()
    ((what, about),) = asked(board)
    assert (what, about["who"], about["pin"]) == ("pin", "1001", "123456")
    keys = "".join(fact.key for fact in board.facts if isinstance(fact, KeyPressed))
    assert keys == "1001#••••••#"
    typed = [fact.value for fact in board.facts if isinstance(fact, Collected)]
    assert typed == ["1001", "•"]
    assert "123456" not in repr(board.facts)
    assert "123456" not in repr(board.others)
    assert nodes(board)[-1] == "menu"


def test_who_is_locked_out_hears_it_and_the_call_ends() -> None:
    board = called()
    for key in "1001#000000#":
        board.press(key)
    answer(board, "locked")
    board.prompt_ends()
    assert nodes(board)[-1] == "refused"
    assert "Ended" in board.story()


def test_nothing_of_the_call_is_recorded_but_the_take() -> None:
    board = recording()
    (begun,) = board.told(StartRecording)
    assert begun.recording == f"{the_call(board)}/take"
    assert "/service/" in begun.path
    board.press("#")
    assert [one.recording for one in board.told(StopRecording)] == [begun.recording]
    closed = RecordingClosed(begun.recording, begun.path, 2.0, None)
    board.control.media_event(closed, board.now)
    board.settle()
    what, about = asked(board)[-1]
    assert (what, about["raw"]) == ("take", begun.path)
    answer(board, "ok")
    assert nodes(board)[-1] == "hear"
    assert board.told(Play)[-1].prompts == (about["take"],)


def test_who_hangs_up_while_recording_leaves_nothing_behind() -> None:
    board = recording()
    (begun,) = board.told(StartRecording)
    board.bye()
    assert [one.recording for one in board.told(StopRecording)] == [begun.recording]
    assert asked(board)[-1][0] == "left"
    assert board.control.faults == 0


def test_a_take_that_is_whole_after_the_call_is_nobodys() -> None:
    board = recording()
    (begun,) = board.told(StartRecording)
    board.bye()
    before = len(asked(board))
    board.control.media_event(RecordingClosed(begun.recording, begun.path, 2.0, None), board.now)
    board.settle()
    assert len(asked(board)) == before


def test_a_call_led_into_the_draft_goes_on_there_and_its_record_says_so() -> None:
    board = let_in()
    board.press("4")
    assert asked(board)[-1][0] == "draft"
    draft = Flow("fresh", N("hello"), {
        N("hello"): Say((P("goodbye"),), N("queue")),
        N("queue"): Enqueue(  # type: ignore[arg-type]  # a lane that only the draft has
            "not_live", N("bye"), N("bye"), N("bye")
        ),
        N("bye"): HangUp(Reason.COMPLETED),
    })  # fmt: skip
    lanes = dict(board.control.house.lanes)
    lanes["not_live"] = next(iter(lanes.values()))  # type: ignore[index]  # as above
    house_of_draft = replace(board.control.house, version="draft-abc", lanes=lanes)
    board.control.led_into(the_call(board), house_of_draft, draft, board.now)
    board.settle()
    board.prompt_ends()
    assert nodes(board)[-3:] == ["hello", "queue", "bye"]
    chosen = [(f.flow, f.version) for f in board.facts if isinstance(f, FlowChosen)]
    assert chosen[-1] == ("fresh", "draft-abc")
    assert "Ended" in board.story()
    assert board.control.faults == 0
