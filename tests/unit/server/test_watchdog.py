"""Agents against the dialogs that are really there, and what people ask of a running engine."""

from agents.agent import Doing, Step
from calls.lane_events import AgentMended
from server.staff_diary import StaffDiary
from server.watchdog import Watchdog
from tests.helpers.switchboard import AGENT, Switchboard, sdp


def ringing() -> Switchboard:
    """Return a caller for whom the agent's phone rings."""
    board = Switchboard()
    board.sign_in()
    board.invite()
    board.ack()
    board.press("0")
    assert board.control.roster[AGENT].doing is Doing.RESERVED
    return board


def talking() -> Switchboard:
    board = ringing()
    board.phone_says(200, sdp(7002))
    assert board.control.roster[AGENT].doing is Doing.TALKING
    return board


def look(board: Switchboard) -> list[AgentMended]:
    found = Watchdog(board.control).look(board.now)
    board.settle()
    return found


def test_nothing_is_found_where_everything_is_so() -> None:
    for board in (ringing(), talking()):
        board.at(board.now + 5)
        assert look(board) == []


def test_an_agent_who_talks_with_nobody_goes_to_wrap_up_and_it_is_told() -> None:
    board = Switchboard()
    board.sign_in()
    board.control.roster.take(AGENT, Step.OFFER, board.now)
    board.control.roster.take(AGENT, Step.ANSWER, board.now)
    board.at(board.now + 1)
    assert look(board) == []  # a change may take its time
    board.at(board.now + 2)
    (found,) = look(board)
    assert (found.was, found.now, found.why) == ("talking", "wrap_up", "no_dialog")
    assert board.fact("AgentMended") == found
    assert look(board) == []


def test_an_agent_reserved_for_nobody_is_ready_again_and_gets_the_one_who_waits() -> None:
    board = Switchboard()
    board.sign_in()
    board.control.roster.take(AGENT, Step.OFFER, board.now)
    board.invite()
    board.ack()
    board.press("0")
    board.at(board.now + 3)
    (found,) = look(board)
    assert (found.was, found.now) == ("reserved", "ready")
    assert board.control.roster[AGENT].doing is Doing.RESERVED
    assert board.fact("Offered").agent == AGENT  # type: ignore[union-attr]  # an offer


def test_a_caller_whose_agents_dialog_is_gone_waits_again_and_the_agent_is_free() -> None:
    board = talking()
    leg = board.control.agents.by_call[next(iter(board.control.calls))]
    assert leg.sip is not None
    board.control.stack.has = lambda leg: False  # type: ignore[method-assign]  # what no event told us of
    board.at(board.now + 3)
    (found,) = look(board)
    assert (found.was, found.now, found.why) == ("talking", "wrap_up", "no_dialog")
    assert "Returned" in board.story() and len(board.control.waiting) == 1


def test_an_agent_whose_phone_is_there_after_all_is_signed_in() -> None:
    board = Switchboard()
    board.at(board.now + 3)
    (found,) = look(board)  # the phone of the settings, which never registers
    assert (found.was, found.now, found.why) == ("off", "ready", "phone_there")


def test_releasing_frees_an_agent_whatever_the_state_and_loses_no_caller() -> None:
    for board, doing in ((ringing(), "reserved"), (talking(), "talking")):
        told = Watchdog(board.control).release(AGENT, "chief", board.now)
        board.settle()
        assert told is not None and told.was == doing and told.now == "ready"
        assert told.why == "by:chief"
        assert len(board.control.waiting) == 1
    assert Watchdog(board.control).release(AGENT, "chief", board.now) is not None
    assert Watchdog(board.control).release("9999", "chief", board.now) is None  # type: ignore[arg-type]


def test_the_diary_has_each_state_once_and_nothing_of_those_never_seen() -> None:
    board, diary = Switchboard(), StaffDiary()
    roster = board.control.roster
    assert list(diary.changes(roster.staff())) == []
    board.sign_in()
    (came,) = diary.changes(roster.staff())
    assert (came.agent, came.doing, came.call) == (AGENT, "ready", "")
    assert list(diary.changes(roster.staff())) == []
    roster.take(AGENT, Step.PAUSE, 1001.0, reason="lunch")
    (paused,) = diary.changes(roster.staff())
    assert (paused.doing, paused.reason, paused.at) == ("paused", "lunch", 1001.0)
