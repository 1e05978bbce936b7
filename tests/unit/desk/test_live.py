"""Calls as they are now, folded from facts: each fact changes just what it says."""

from collections.abc import Callable

import pytest

from calls.events import (
    Answered,
    Arrived,
    Collected,
    DangerHeard,
    Drafted,
    Ended,
    Fact,
    Heard,
    LanguageChosen,
    LeftLane,
    Offered,
    OfferFailed,
    Queued,
    RecordingStarted,
    RecordingStopped,
)
from calls.ids import AgentId, CallId, LaneId
from calls.lane_events import LanguageHeard
from calls.reasons import Reason
from calls.talk_events import (
    GuestLeft,
    Held,
    HelpAsked,
    HelpEnded,
    Joined,
    Muted,
    NotReached,
    Reached,
    ReachedFor,
    RecordingPaused,
    Resumed,
    Returned,
    Supervised,
    SupervisionEnded,
    Transferred,
)
from desk.day_figures import DayFigures, LaneDay
from desk.live import KEPT, LINES_MOST, LiveCall, LiveCalls, Partial
from desk.live_views import call_of

CALL, GENERAL = CallId("c-1"), LaneId("general")
ME, BOSS = AgentId("1001"), AgentId("1011")
TALK: list[Fact] = [
    Arrived(CALL, 0.0, "13800138000", "12345", "10.0.0.1:5060", "a@b"),
    LanguageChosen(CALL, 1.0, "ja"),
    RecordingStarted(CALL, 1.0, "2026/a.wav"),
    Queued(CALL, 2.0, GENERAL),
    Offered(CALL, 10.0, GENERAL, ME, "最闲"),
    Answered(CALL, 12.0, ME),
]


def after(*facts: Fact, begin: list[Fact] | None = None) -> LiveCall:
    calls = LiveCalls()
    for fact in [*(TALK if begin is None else begin), *facts]:
        calls.fact(fact)
    found = calls.get(CALL)
    assert found is not None
    return found


def said(text: str, at: float = 20.0) -> Heard:
    return Heard(CALL, at, "citizen", "zh", 1.0, 2.0, text, 0.9)


@pytest.mark.parametrize(
    ("facts", "phase"), [(2, "menu"), (4, "waiting"), (5, "ringing"), (6, "talking")]
)
def test_a_call_goes_from_the_menu_to_the_talk(facts: int, phase: str) -> None:
    assert after(begin=TALK[:facts]).phase == phase


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ([], lambda c: (c.agent, c.language, c.lane, c.recording) == (ME, "ja", GENERAL, True)),
        ([Held(CALL, 13.0, ME)], lambda c: c.held),
        ([Held(CALL, 13.0, ME), Resumed(CALL, 14.0, ME)], lambda c: not c.held),
        ([Muted(CALL, 13.0, ME, True)], lambda c: c.muted),
        ([RecordingPaused(CALL, 13.0, ME, True)], lambda c: c.paused),
        ([RecordingStopped(CALL, 13.0, "x", 1.0, None)], lambda c: not c.recording),
        ([HelpAsked(CALL, 13.0, ME, "听不懂")], lambda c: c.help.text == "听不懂"),
        ([HelpAsked(CALL, 13.0, ME, ""), HelpEnded(CALL, 14.0, ME)], lambda c: c.help is None),
        ([DangerHeard(CALL, 13.0, 1.0, "着火了", "fire", "119", True)], lambda c: c.danger),
        ([Drafted(CALL, 13.0, {}), Drafted(CALL, 14.0, {})], lambda c: c.drafts == 2),
        ([Ended(CALL, 13.0, "caller", Reason.COMPLETED)], lambda c: c.phase == "over"),
    ],
)
def test_what_is_done_in_a_call_is_shown(
    facts: list[Fact], shown: Callable[[LiveCall], object]
) -> None:
    assert shown(after(*facts))


def test_whoever_is_reached_for_comes_stays_and_goes() -> None:
    reached: list[Fact] = [ReachedFor(CALL, 13.0, ME, "duty", "consult")]
    live = after(*reached)
    assert live.reaching is not None and not live.reaching.answered
    live = after(*reached, Reached(CALL, 14.0, "duty"))
    assert live.reaching is not None and live.reaching.answered
    joined: list[Fact] = [*reached, Reached(CALL, 14.0, "duty"), Joined(CALL, 15.0, "duty")]
    assert (after(*joined).reaching, after(*joined).guests) == (None, ["duty"])
    assert after(*joined, GuestLeft(CALL, 16.0, "duty", "hung_up")).guests == []
    assert after(*reached, GuestLeft(CALL, 16.0, "duty", "hung_up")).reaching is None
    missed = after(*reached, NotReached(CALL, 14.0, "duty", "busy"))
    assert (missed.reaching, missed.missed) == (None, ("duty", "busy"))


def test_who_has_the_caller_after_a_transfer_is_the_agent_now() -> None:
    asked = ReachedFor(CALL, 13.0, ME, "agent:1003", "transfer")
    live = after(asked, HelpAsked(CALL, 13.5, ME, ""), Transferred(CALL, 14.0, ME, "agent:1003"))
    assert (live.agent, live.reaching, live.help) == ("1003", None, None)
    assert after(Transferred(CALL, 14.0, ME, "number:110")).agent is None


def test_a_caller_who_is_returned_or_not_taken_waits_again() -> None:
    assert after(OfferFailed(CALL, 11.0, ME, "busy"), begin=TALK[:5]).phase == "waiting"
    back = after(Returned(CALL, 20.0, GENERAL, "agent_lost"))
    assert (back.phase, back.agent) == ("waiting", None)
    assert after(LeftLane(CALL, 9.0, GENERAL, "key"), begin=TALK[:4]).phase == "menu"


def test_certain_words_take_the_place_of_uncertain_ones_and_only_the_newest_are_kept() -> None:
    calls = LiveCalls()
    for fact in TALK:
        calls.fact(fact)
    calls.words(CALL, "citizen", Partial("家里", 1.0))
    calls.words(CALL, "agent", Partial("您好", 1.0))
    calls.words(CallId("c-unknown"), "citizen", Partial("x", 1.0))
    calls.fact(said("家里停水。"))
    live = calls.get(CALL)
    assert live is not None and set(live.partials) == {"agent"}
    for n in range(LINES_MOST):
        calls.fact(said(str(n)))
    assert (len(live.lines), live.before, live.lines[0].text) == (LINES_MOST, 1, "0")


def test_a_supervisor_has_a_part_from_the_first_word_to_the_end() -> None:
    calls = LiveCalls()
    for fact in TALK:
        calls.fact(fact)
    calls.fact(Supervised(CALL, 13.0, BOSS, "listen"))
    calls.fact(Supervised(CALL, 14.0, BOSS, "barge"))
    live = calls.supervised_by(BOSS)
    assert live is not None and live.supervisors == {BOSS: "barge"}
    calls.fact(SupervisionEnded(CALL, 15.0, BOSS, "hung_up"))
    assert calls.supervised_by(BOSS) is None
    calls.fact(Supervised(CALL, 16.0, BOSS, "listen"))
    calls.fact(Ended(CALL, 17.0, "caller", Reason.COMPLETED))
    assert calls.supervised_by(BOSS) is None


def test_calls_that_ended_are_forgotten_but_not_while_somebody_wraps_them_up() -> None:
    calls = LiveCalls()
    for fact in [*TALK, Ended(CALL, 100.0, "caller", Reason.COMPLETED)]:
        calls.fact(fact)
    calls.forget(100.0 + KEPT - 1, set())
    assert len(calls) == 1
    calls.forget(100.0 + KEPT, {CALL})
    assert len(calls) == 1
    calls.forget(100.0 + 2 * KEPT, set())
    assert len(calls) == 0


# The day's figures.


def day(*facts: Fact) -> LaneDay:
    figures = DayFigures(0.0)
    for fact in facts:
        figures.fact(fact)
    return figures.lanes[GENERAL]


def test_a_lane_counts_who_came_who_was_answered_in_time_and_who_gave_up() -> None:
    other, third, fourth = CallId("c-2"), CallId("c-3"), CallId("c-4")
    lane = day(
        Queued(CALL, 0.0, GENERAL),
        Queued(other, 0.0, GENERAL),
        Queued(third, 0.0, GENERAL),
        Queued(fourth, 0.0, GENERAL),
        Answered(CALL, 15.0, ME),
        Answered(other, 15.1, ME),
        Ended(third, 20.0, "caller", Reason.ABANDONED),
        LeftLane(fourth, 30.0, GENERAL, "key"),
        Ended(CALL, 90.0, "caller", Reason.COMPLETED),
    )
    assert lane == LaneDay(came=4, answered=2, soon=1, abandoned=1, left=1)
    assert lane.level == pytest.approx(1 / 3)


def test_nothing_to_divide_by_is_no_level_and_a_new_day_begins_with_who_waits() -> None:
    figures = DayFigures(0.0)
    figures.fact(Queued(CALL, 0.0, GENERAL))
    assert figures.lanes[GENERAL].level is None
    figures.fact(Queued(CallId("c-2"), 1.0, GENERAL))
    figures.fact(Answered(CALL, 2.0, ME))
    figures.begin(86_400.0)
    assert (figures.since, figures.lanes[GENERAL]) == (86_400.0, LaneDay(came=1))


def test_what_the_caller_typed_is_there_for_whoever_answers() -> None:
    live = after(Collected(CALL, 1.5, "order", "260304000176"))
    assert live.typed == {"order": "260304000176"}
    assert call_of(live, ME, {})["typed"] == {"order": "260304000176"}


def test_another_language_that_is_heard_is_shown_with_its_lane_until_it_is_the_calls_own() -> None:
    spoken = LanguageHeard(CALL, 13.0, "ja", "en", 0.95, 3.1, LaneId("english"))
    names = {"english": "英语坐席"}
    shown = call_of(after(spoken), ME, names)["spoken"]
    assert shown == {
        "language": "en", "share": 0.95, "lane": {"id": "english", "name": "英语坐席"},
    }  # fmt: skip
    assert call_of(after(spoken, LanguageChosen(CALL, 14.0, "en")), ME, names)["spoken"] is None
    there = call_of(after(spoken, Queued(CALL, 14.0, LaneId("english"))), ME, names)["spoken"]
    assert there["lane"] is None
    for language in ("ja", None):  # what is listened for, or nothing certain
        unlike = LanguageHeard(CALL, 13.0, "ja", language, 0.5, 3.1, None)  # type: ignore[arg-type]
        assert call_of(after(spoken, unlike), ME, names)["spoken"] is None
