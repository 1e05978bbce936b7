"""The record is read from the facts."""

from calls.cdr import detail
from calls.events import (
    Answered,
    Arrived,
    Ended,
    Entered,
    Fact,
    KeyPressed,
    LanguageChosen,
    LeftLane,
    Offered,
    OfferFailed,
    PickedUp,
    Queued,
    RecordingStarted,
)
from calls.ids import AgentId, CallId, LaneId, NodeId
from calls.reasons import Blame, Reason

CALL = CallId("c-1")


def arrived(at: float = 0.0) -> Arrived:
    return Arrived(CALL, at, "13900000000", "12345", "127.0.0.1:5070", "x@y")


def test_before_it_arrived_there_is_no_record() -> None:
    assert detail([]) is None


def test_a_call_answered_at_the_second_agent_waits_until_that_answer() -> None:
    record = detail(
        [
            arrived(),
            PickedUp(CALL, 0.1, "PCMA"),
            Entered(CALL, 0.2, NodeId("greeting")),
            KeyPressed(CALL, 3.0, "9", True),
            LanguageChosen(CALL, 3.0, "ko"),
            RecordingStarted(CALL, 0.1, "2026/c-1.wav"),
            Queued(CALL, 4.0, LaneId("korean")),
            Offered(CALL, 4.0, LaneId("korean"), AgentId("1009"), "longest idle"),
            OfferFailed(CALL, 24.0, AgentId("1009"), "no_answer"),
            Offered(CALL, 24.0, LaneId("korean"), AgentId("1010"), "longest idle"),
            Answered(CALL, 26.0, AgentId("1010")),
            Ended(CALL, 66.0, "agent", Reason.COMPLETED),
        ]
    )
    assert record is not None
    assert record.language == "ko"
    assert record.path == ("greeting", "key:9")
    assert (record.waited, record.talked, record.offers) == (22.0, 40.0, 2)
    assert (record.agent, record.by, record.blame) == ("1010", "agent", Blame.NOBODY)
    assert not record.abandoned
    assert record.recording == "2026/c-1.wav"


def test_an_abandoned_call_waited_until_it_ended() -> None:
    record = detail(
        [
            arrived(),
            Queued(CALL, 2.0, LaneId("general")),
            Ended(CALL, 9.0, "caller", Reason.ABANDONED),
        ]
    )
    assert record is not None
    assert record.abandoned
    assert record.waited == 7.0
    assert record.talked is None


def test_stays_in_two_lanes_add_up() -> None:
    record = detail(
        [
            arrived(),
            Queued(CALL, 1.0, LaneId("medical")),
            LeftLane(CALL, 4.0, LaneId("medical"), "nobody"),
            Queued(CALL, 5.0, LaneId("general")),
            Entered(CALL, 11.0, NodeId("wait")),
        ]
    )
    assert record is not None
    assert record.waited == 9.0
    assert record.ended is None
    assert record.lane == "general"


def test_a_wrong_key_is_marked_in_the_path() -> None:
    facts: list[Fact] = [arrived(), KeyPressed(CALL, 1.0, "#", False)]
    record = detail(facts)
    assert record is not None
    assert record.path == ("key:#?",)
