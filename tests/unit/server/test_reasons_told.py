"""Why a call ended is one word of one set: in the record, in the log and in the metrics."""

from typing import Any, cast

import pytest
from prometheus_client import generate_latest
from structlog.testing import capture_logs
from twisted.internet.task import Clock

from calls.cdr import detail
from calls.events import Arrived, Ended, Fact, RecordingStopped
from calls.ids import CallId
from calls.reasons import Reason, blame
from server.call_life import LOST
from server.engine import Engine
from tests.helpers.switchboard import Switchboard

CALL = CallId("c-0000000000000001")


@pytest.fixture
def engine() -> Engine:
    """An engine that only writes down."""
    engine = Engine(cast(Any, None), Clock(), lambda: 0.0)
    engine.keep = lambda *facts: None
    return engine


@pytest.mark.parametrize("reason", Reason)
def test_record_log_and_metrics_say_the_same_word_with_the_same_blame(
    engine: Engine, reason: Reason
) -> None:
    story: list[Fact] = [
        Arrived(CALL, 0.0, "13800138000", "12345", "127.0.0.1:5070", "x"),
        Ended(CALL, 1.0, "us", reason),
    ]
    with capture_logs() as log:
        for fact in story:
            engine.note(fact)
    record = detail(story)
    assert record is not None
    (line,) = [entry for entry in log if entry["event"] == "call_ended"]
    assert (line["reason"], line["blame"]) == (record.reason, record.blame)
    metric = f'hotline_calls_ended_total{{blame="{record.blame}",reason="{record.reason}"}} 1.0'
    assert metric in generate_latest(engine.figures.registry).decode()
    assert record.blame is blame(reason)


def test_one_line_a_call_reaches_the_log_and_no_number(engine: Engine) -> None:
    with capture_logs() as log:
        engine.note(Arrived(CALL, 0.0, "13800138000", "12345", "127.0.0.1:5070", "x"))
        engine.note(Ended(CALL, 1.0, "caller", Reason.ABANDONED))
    assert [entry["event"] for entry in log if entry["log_level"] != "debug"] == ["call_ended"]
    assert "13800138000" not in str(log)


def test_a_recording_that_could_not_go_on_is_told_of(engine: Engine) -> None:
    with capture_logs() as log:
        engine.note(RecordingStopped(CALL, 0.0, "x.wav", 5.0, "no space"))
        engine.note(RecordingStopped(CALL, 0.0, "y.wav", 5.0, None))
    warned = [entry for entry in log if entry["log_level"] == "warning"]
    assert [(each["event"], each["trouble"]) for each in warned] == [
        ("recording_cut_short", "no space")
    ]


def test_a_caller_whom_we_let_wait_for_ever_is_our_fault() -> None:
    board = Switchboard(opens=False)
    board.invite()
    board.at(1200.0)
    (ended,) = [fact for fact in board.facts if isinstance(fact, Ended)]
    assert ended.reason is LOST["unanswered"] is Reason.FAULT
    assert board.last_answer().status == 480
