"""A call whose flow takes figures and branches: what call control answers and writes down."""

from datetime import UTC, datetime

import pytest

from calls.events import Collected, Decided, Entered
from calls.ids import NodeId, PromptId
from calls.reasons import Reason
from ivr.flow import Branch, Collect, Enqueue, Flow, HangUp
from ivr.hours import Hours, Window
from queueing.lane import Lane
from tests.helpers.switchboard import LANE, LANE_RULES, Switchboard, house

N, P = NodeId, PromptId
OFFICE = Hours(UTC, ((Window(540, 1020),),) * 7)
ENDS = {
    N("person"): Enqueue(LANE, N("late"), N("late"), N("late")),
    N("late"): HangUp(Reason.COMPLETED, (P("goodbye"),)),
    N("full"): HangUp(Reason.COMPLETED, (P("goodbye"),)),
}
BY_LANE = Branch(
    {"free": N("person"), "busy": N("full"), "nobody": N("late")}, N("late"), lane=LANE
)
BY_HOURS = Branch({"open": N("person"), "closed": N("late")}, N("late"), hours="office")


def called(node: Branch | Collect, at: float = 1000.0, lane: Lane = LANE_RULES) -> Switchboard:
    flow = Flow("main", N("first"), {N("first"): node, **ENDS})
    site = house(numbers={"12345": flow}, hours={"office": OFFICE})
    board = Switchboard(now=at, house=site, lane=lane)
    board.control.roster.sign_in(board.control.roster.staff()[0].id, at)
    return board


def begun(board: Switchboard, call_id: str = "one") -> list[str]:
    board.invite(call_id=call_id)
    board.ack(call_id=call_id)
    return [fact.node for fact in board.facts if isinstance(fact, Entered)]


@pytest.mark.parametrize(
    ("clock", "way", "rule"),
    [("2026-03-04T10:00", "person", "周三 09:00-17:00"),
     ("2026-03-04T20:00", "late", "周三 不在服务时间")],
)  # fmt: skip
def test_the_rule_of_the_hours_is_in_the_record(clock: str, way: str, rule: str) -> None:
    at = datetime.fromisoformat(clock).replace(tzinfo=UTC).timestamp()
    board = called(BY_HOURS, at)
    assert begun(board) == ["first", way]
    fact = board.fact("Decided")
    assert isinstance(fact, Decided)
    assert fact.rule == rule


def test_a_lane_is_busy_when_as_many_wait_as_the_flow_says() -> None:
    board = called(BY_LANE)
    assert begun(board) == ["first", "person"]
    assert begun(board, "two")[2:] == ["first", "full"]
    assert [f.answer for f in board.facts if isinstance(f, Decided)] == ["free", "busy"]


def test_a_lane_without_staff_is_nobody() -> None:
    board = called(BY_LANE)
    board.control.roster.sign_out(board.control.roster.staff()[0].id, board.now)
    assert begun(board) == ["first", "late"]


def test_what_was_typed_is_in_the_record_and_the_flow_goes_on() -> None:
    board = called(Collect((P("ask"),), "order", N("person"), N("person"), least=3))
    begun(board)
    for key in "123#":
        board.press(key)
    fact = board.fact("Collected")
    assert isinstance(fact, Collected)
    assert (fact.name, fact.value) == ("order", "123")
    assert board.control.faults == 0
