"""What flows ask of the house in a real call: marks, call-backs, ways out, a caller's history."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred, succeed

from calls.cdr import detail
from calls.events import AgentLeft, CallBackAsked, Decided, Entered, Rated, TransferAsked
from calls.ids import CallId, NodeId, PromptId
from calls.reasons import Reason
from config.flow_parts_schema import (
    CallBackNode,
    LookUpNode,
    PlayOrderNode,
    RateNode,
    TransferNode,
)
from ivr.flow import Ask, Enqueue, Flow, HangUp, Node
from media.commands import CloseLeg, Play, Unbridge
from server.looking_up import LookingUp
from server.outputs import LookUp
from storage.lookups import Found, caller_history
from storage.tables import Base, CallRow
from tests.helpers.switchboard import LANE, Switchboard, house, sdp

N, P = NodeId, PromptId
ENDS: dict[NodeId, Node] = {
    N("lane"): Enqueue(LANE, N("bye"), N("bye"), N("bye"), on_talked=N("rate")),
    N("bye"): HangUp(Reason.COMPLETED, (P("goodbye"),)),
}
RATE = RateNode(type="rate", prompts=("mark",), solved_prompts=("solved",), then=N("bye"))
BACK = CallBackNode(
    type="call_back", prompts=("offer",), type_prompts=("type",), confirm_prompts=("right",),
    lane=LANE, then=N("bye"), on_no=N("lane"),
)  # fmt: skip
POLICE = TransferNode(
    type="transfer", number="110", context=True, on_busy=N("lane"), on_no_answer=N("lane"),
    on_failed=N("lane"),
)  # fmt: skip
HISTORY = LookUpNode(
    type="look_up", what="caller_history", found=N("bye"), none=N("lane"), late=N("lane")
)


ORDER = PlayOrderNode(
    type="play_order", prompts=("{order:order}",), then=N("bye"), on_late=N("lane")
)  # type: ignore[arg-type]  # prompts are names


def called(first: str) -> Switchboard:
    nodes = {**ENDS, **RATE.steps(N("rate")), **BACK.steps(N("back"))}
    nodes |= {**POLICE.steps(N("police")), **HISTORY.steps(N("history"))}
    nodes |= ORDER.steps(N("order"))
    board = Switchboard(house=house(numbers={"12345": Flow("main", N(first), nodes)}))  # type: ignore[arg-type]  # no calls in it
    board.sign_in()
    board.invite()
    board.ack()
    return board


def nodes(board: Switchboard) -> list[str]:
    return [fact.node for fact in board.facts if isinstance(fact, Entered)]


def talked() -> Switchboard:
    """Return a call whose agent has answered and hung up after ten seconds."""
    board = called("lane")
    board.phone_says(200, sdp(7002))
    board.at(board.now + 10)
    board.phone_asks("BYE")
    return board


def test_the_caller_stays_when_the_agent_hangs_up_and_is_asked_for_a_mark() -> None:
    board = talked()
    assert "Ended" not in board.story()
    assert isinstance(board.fact("AgentLeft"), AgentLeft)
    assert len(board.told(Unbridge)) == 1
    board.press("4")
    board.press("1")
    rated = board.fact("Rated")
    assert isinstance(rated, Rated)
    assert (rated.agent, rated.mark, rated.solved, rated.bad) == ("1001", 4, True, False)
    board.prompt_ends()
    assert board.facts[-1].__class__.__name__ != "Offered"
    record = detail([f for f in board.facts if f.call == rated.call])
    assert record is not None
    assert (record.talked, record.reason, record.agent) == (10.0, Reason.COMPLETED, "1001")
    assert board.control.faults == 0


@pytest.mark.parametrize(("keys", "bad"), [("2", True), ("52", True), ("31", False)])
def test_a_bad_mark_or_a_matter_not_solved_is_marked_bad(keys: str, bad: bool) -> None:
    board = talked()
    for key in keys:
        board.press(key)
    board.prompt_ends()
    board.at(board.now + 10)
    rated = board.fact("Rated")
    assert isinstance(rated, Rated)
    assert rated.bad is bad
    assert rated.solved is ({"1": True, "2": False}[keys[1]] if len(keys) > 1 else None)


def test_a_caller_who_hangs_up_instead_of_giving_a_mark_has_completed_the_call() -> None:
    board = talked()
    board.bye()
    record = detail(board.facts)
    assert record is not None
    assert (record.reason, record.talked) == (Reason.COMPLETED, 10.0)


def test_the_agent_is_free_again_while_the_caller_gives_a_mark() -> None:
    board = talked()
    closed = board.told(CloseLeg)
    assert len(closed) == 1
    board.at(board.now + 40)
    assert board.control.roster.staff()[0].doing.name == "READY"


def test_a_call_back_to_the_own_number_is_a_fact_with_lane_and_number() -> None:
    board = called("back")
    board.press("1")
    asked = board.fact("CallBackAsked")
    assert isinstance(asked, CallBackAsked)
    assert (asked.number, asked.lane) == ("13900000000", LANE)
    assert nodes(board)[-1] == "bye"


def test_another_number_counts_only_once_it_was_confirmed() -> None:
    board = called("back")
    for key in "2" + "01087654321#":
        board.press(key)
    assert "CallBackAsked" not in board.story()
    board.press("1")
    asked = board.fact("CallBackAsked")
    assert isinstance(asked, CallBackAsked)
    assert asked.number == "01087654321"


def test_without_consent_there_is_no_call_back() -> None:
    board = called("back")
    board.press("0")
    assert "CallBackAsked" not in board.story()
    assert nodes(board)[-1] == "lane"


def test_a_transfer_without_a_way_out_fails_at_once_and_says_so() -> None:
    board = called("police")
    asked = board.fact("TransferAsked")
    assert isinstance(asked, TransferAsked)
    assert (asked.kind, asked.to, asked.context, asked.outcome) == ("number", "110", True, "failed")
    assert nodes(board)[-1] == "lane"


def test_history_is_asked_for_and_the_flow_goes_on_by_the_answer() -> None:
    board = called("history")
    (asked,) = [output for output in board.others if isinstance(output, LookUp)]
    assert (asked.what, asked.key) == ("caller_history", "13900000000")
    board.control.looked_up(asked.call, "found", {"calls": "3"}, board.now)
    board.settle()
    assert nodes(board) == ["history", "bye"]


def test_a_caller_waits_no_longer_for_history_than_the_node_says() -> None:
    board = called("history")
    board.at(board.now + 3.5)
    assert nodes(board) == ["history", "lane"]
    decided = board.fact("Decided")
    assert isinstance(decided, Decided)
    assert (decided.answer, decided.rule) == ("late", "caller_history")
    board.control.looked_up(decided.call, "found", {}, board.now)
    assert nodes(board) == ["history", "lane"]


def test_the_number_of_the_callers_own_order_is_asked_for_and_read_out() -> None:
    board = called("order")
    (asked,) = [output for output in board.others if isinstance(output, LookUp)]
    assert asked.what == "own_order"
    board.control.looked_up(asked.call, "found", {"order": "261123000014"}, board.now)
    board.settle()
    assert nodes(board) == ["order", "order/say"]
    said = [Path(one).stem for one in board.told(Play)[-1].prompts]
    assert said[:6] == ["n_2", "n_6", "n_1_phone", "n_1_phone", "w_pause", "n_2"]


def test_a_caller_whose_order_gets_no_number_goes_on() -> None:
    board = called("order")
    board.at(board.now + 3.5)
    assert nodes(board) == ["order", "lane"]


class Shelves:
    """A database that notes which thread was asked, and answers at once."""

    def __init__(self) -> None:
        engine = create_engine("sqlite://")
        Base.metadata.create_all(engine)
        self.session = Session(engine)
        self.asked: list[str] = []

    def ask(self, question: Callable[[Session], Found]) -> "Deferred[Found]":
        self.asked.append("ask")
        return succeed(question(self.session))

    def change(self, change: Callable[[Session], Found]) -> "Deferred[Found]":
        self.asked.append("change")
        return succeed(change(self.session))


def test_a_new_number_is_asked_of_the_thread_that_writes_and_all_else_of_one_that_reads() -> None:
    shelves = Shelves()
    engine = FakeEngine()
    looking = LookingUp(engine, shelves, lambda: 1_795_363_200.0)  # type: ignore[arg-type]
    for what in ("own_order", "newest_order", "caller_history"):
        looking(LookUp(CallId("c-1"), what, "139"))
    assert shelves.asked == ["change", "ask", "ask"]
    assert [answer for answer, _ in engine.found] == ["found", "none", "none"]
    assert engine.found[0][1]["order"].startswith("261123")


class FakeEngine:
    """Takes what was found out."""

    def __init__(self) -> None:
        self.found: list[tuple[str, dict[str, str]]] = []
        self.control = self

    def do(self, what: Callable[[float], object]) -> None:
        what(0.0)

    def looked_up(self, call: CallId, answer: str, known: dict[str, str], now: float) -> None:
        self.found.append((answer, known))


def test_history_counts_the_calls_before_this_one_and_names_the_citys_day() -> None:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for name, at in (
            ("c-1", 1_770_000_000.0),
            ("c-2", 1_770_080_000.0),
            ("c-3", 1_770_090_000.0),
        ):
            session.add(
                CallRow(
                    call=name,
                    caller="139",
                    dialled="12345",
                    sip_call_id=name,
                    language="zh",
                    arrived=at,
                    path=[],
                    offers=0,
                    abandoned=False,
                    transcript_round=0,
                )
            )
        session.flush()
        assert caller_history(session, "139", CallId("c-3")) == (
            "found",
            {"calls": "2", "last_call": "2026-02-03"},
        )
        assert caller_history(session, "138", CallId("c-3")) == ("none", {})


def test_who_waits_for_a_transfer_hears_a_telephone_ring() -> None:
    (step,) = POLICE.steps(N("police")).values()
    assert isinstance(step, Ask)
    assert step.prompts == ("ring_back",)
    said = POLICE.model_copy(update={"prompts": (P("connecting"),)})
    (own,) = said.steps(N("police")).values()
    assert isinstance(own, Ask)
    assert own.prompts == ("connecting",)
