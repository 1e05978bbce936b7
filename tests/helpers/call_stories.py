"""Calls told as facts, for tests of what is kept of them."""

from calls.events import (
    Answered,
    Arrived,
    Drafted,
    Ended,
    Entered,
    Fact,
    Heard,
    LegFigures,
    Offered,
    PickedUp,
    Queued,
    RecordingStarted,
    RecordingStopped,
    Transcribed,
    Understood,
    Word,
)
from calls.ids import AgentId, CallId, LaneId, NodeId
from calls.reasons import Reason

CALL = CallId("c-00000000000000aa")


def story(call: CallId = CALL, began: float = 1000.0) -> list[Fact]:
    """A call from arrival to end, with everything that can happen on the way."""
    return [
        Arrived(call, began, "13800138000", "12345", "127.0.0.1:5070", "abc@x"),
        PickedUp(call, began + 1, "PCMA"),
        RecordingStarted(call, began + 1, f"2026/{call}.wav"),
        Entered(call, began + 1, NodeId("greeting")),
        Understood(call, began + 9, "0"),
        Queued(call, began + 10, LaneId("general")),
        Offered(call, began + 11, LaneId("general"), AgentId("1001"), "空闲最久"),
        Answered(call, began + 15, AgentId("1001")),
        Heard(
            call,
            began + 20,
            "citizen",
            "zh",
            15.5,
            17.0,
            "家里停水了",
            0.9,
            (Word("停水", 16.0, 16.5, 0.8),),
        ),
        Heard(call, began + 22, "agent", "zh", 18.0, 19.0, "请问在哪里", 0.95),
        LegFigures(call, began + 60, "citizen", 3000, 3000, 0, 0.001, 0.002),
        RecordingStopped(call, began + 60, f"2026/{call}.wav", 59.0, None),
        Ended(call, began + 60, "caller", Reason.COMPLETED),
        Transcribed(call, began + 61, "done", ""),
        Drafted(
            call,
            began + 61,
            {"title": {"value": "停水", "confidence": 0.7, "origin": "rule", "evidence": []}},
        ),
    ]


def interleaved(calls: int) -> list[Fact]:
    """Return the facts of calls that are up at the same time, each a little later than the last."""
    told = [
        (fact.at, fact)
        for number in range(calls)
        for fact in story(CallId(f"c-{number}"), 1000.0 + number)
    ]
    return [fact for _, fact in sorted(told, key=lambda pair: pair[0])]
