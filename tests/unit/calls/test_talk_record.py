"""The fold of what was done in a call."""

from calls.events import Ended
from calls.ids import AgentId, CallId, LaneId
from calls.reasons import Reason
from calls.talk_events import (
    Held,
    HelpAsked,
    Joined,
    NotReached,
    ReachedFor,
    RecordingPaused,
    Resumed,
    Returned,
    Supervised,
    SupervisionEnded,
    Transferred,
)
from calls.talk_record import TalkRecord, talks

CALL, WANG, BOSS = CallId("c-1"), AgentId("1001"), AgentId("1011")


def test_a_call_without_facts_had_no_talk() -> None:
    assert talks([]) == TalkRecord(0, 0.0, 0, 0, 0, 0, 0, 0, 0.0, 0.0)


def test_everything_that_was_done_is_counted_and_added_up() -> None:
    facts = [
        Held(CALL, 10.0, WANG),
        Resumed(CALL, 15.0, WANG),
        RecordingPaused(CALL, 16.0, WANG, True),
        RecordingPaused(CALL, 19.0, WANG, False),
        HelpAsked(CALL, 20.0, WANG, ""),
        Supervised(CALL, 21.0, BOSS, "listen"),
        Supervised(CALL, 23.0, BOSS, "barge"),
        SupervisionEnded(CALL, 28.0, BOSS, "hung_up"),
        ReachedFor(CALL, 30.0, WANG, "fire", "consult"),
        NotReached(CALL, 31.0, "fire", "busy"),
        ReachedFor(CALL, 32.0, WANG, "duty", "join"),
        Joined(CALL, 33.0, "duty"),
        Transferred(CALL, 34.0, WANG, "duty"),
        Returned(CALL, 35.0, LaneId("general"), "agent_lost"),
    ]
    assert talks(facts) == TalkRecord(1, 5.0, 1, 1, 1, 1, 1, 1, 7.0, 3.0)


def test_a_hold_that_never_ends_counts_to_the_end_of_the_call() -> None:
    facts = [Held(CALL, 10.0, WANG), Ended(CALL, 17.0, "caller", Reason.COMPLETED)]
    assert talks(facts).held == 7.0
