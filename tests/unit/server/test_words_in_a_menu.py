"""A caller who says what the menu offers: tap, recogniser, flow, record."""

from asr.recogniser import Heard
from calls.cdr import detail
from calls.events import Entered, Understood
from calls.events import Heard as HeardFact
from calls.ids import NodeId, PromptId
from calls.reasons import Reason
from ivr.flow import Enqueue, Flow, HangUp, Menu
from media import commands as media
from server.outputs import OpenStream
from tests.helpers.switchboard import LANE, Switchboard, house

N, P = NodeId, PromptId
FLOW = Flow(
    "main",
    N("greeting"),
    {
        N("greeting"): Menu(
            (P("greeting"),), {"0": N("person"), "2": N("goodbye")}, 3.0, N("person"),
            words={"zh": {"0": ("人工",), "2": ("再见",)}},
        ),
        N("person"): Enqueue(LANE, N("goodbye"), N("goodbye"), N("goodbye")),
        N("goodbye"): HangUp(Reason.COMPLETED, (P("goodbye"),)),
    },
)  # fmt: skip


def greeted() -> tuple[Switchboard, str]:
    """Return a call in the menu that has begun to be heard, and the stream of its words."""
    board = Switchboard(house=house(numbers={"12345": FLOW}))
    board.invite()
    board.ack()
    board.say(media.TapAudio(board.caller_leg, 0.0, b"\0\0" * 160))
    (opened,) = [output for output in board.others if isinstance(output, OpenStream)]
    return board, opened.stream


def say(board: Switchboard, stream: str, text: str, *, final: bool = True) -> None:
    board.control.heard(stream, Heard(text, 0.1, 0.9, 0.8, (), final), board.now)
    board.settle()


def nodes(board: Switchboard) -> list[str]:
    return [fact.node for fact in board.facts if isinstance(fact, Entered)]


def test_the_menu_taps_the_caller_and_a_word_takes_effect() -> None:
    board, stream = greeted()
    say(board, stream, "再见")
    assert nodes(board) == ["greeting", "goodbye"]
    fact = board.fact("Understood")
    assert isinstance(fact, Understood)
    assert fact.key == "2"
    record = detail(board.facts)
    assert record is not None
    assert record.path == ("greeting", "said:2", "goodbye")
    assert [f.text for f in board.facts if isinstance(f, HeardFact)] == ["再见"]
    assert [m.on for m in board.told(media.Tap) if isinstance(m, media.Tap)] == [True, False]


def test_words_that_are_not_certain_yet_do_nothing() -> None:
    board, stream = greeted()
    say(board, stream, "再见", final=False)
    assert nodes(board) == ["greeting"]


def test_words_that_come_after_the_menu_was_left_are_kept_and_change_nothing() -> None:
    board, stream = greeted()
    board.press("2")
    say(board, stream, "人工")
    assert nodes(board) == ["greeting", "goodbye"]
    assert "Heard" in board.story()
    assert "Understood" not in board.story()


def test_a_menu_without_words_taps_nobody() -> None:
    board = Switchboard()
    board.invite()
    board.ack()
    assert board.told(media.Tap) == []
