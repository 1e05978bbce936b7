"""What machine call-backs found out, from facts."""

from datetime import UTC

from calls.events import Fact, Rated
from calls.ids import AgentId, CallId
from calls.survey_events import SurveyEnded, SurveyPlanned, SurveyTried
from workorders.survey_figures import SurveyStory, by_day, figures, story

FIRST, AGAIN, LAST = CallId("c-first"), CallId("c-again"), CallId("c-last")
DRAWN = SurveyPlanned(FIRST, 100.0, "13900000001")
ONCE = [SurveyTried(FIRST, 200.0, 1, AGAIN), SurveyEnded(FIRST, 230.0, 1, "no_answer", 900.0)]
TWICE = [SurveyTried(FIRST, 900.0, 2, LAST), SurveyEnded(FIRST, 960.0, 2, "rated", None)]


def test_one_who_is_to_be_tried_again_waits_and_whoever_was_not_drawn_is_none() -> None:
    facts: list[Fact] = [DRAWN, *ONCE]
    assert story(facts, {}) == SurveyStory(100.0, "waiting")
    assert story(ONCE, {}) is None


def test_the_mark_is_that_of_the_call_in_which_it_was_asked() -> None:
    rated = Rated(LAST, 950.0, AgentId("1001"), 2, False, True)
    facts: list[Fact] = [DRAWN, *ONCE, *TWICE]
    assert story(facts, {AGAIN: [], LAST: [rated]}) == SurveyStory(100.0, "rated", 2, False)
    assert story(facts, {}) == SurveyStory(100.0, "rated")


def test_days_are_the_newest_first_and_the_mean_is_of_those_who_gave_a_mark() -> None:
    told = [
        SurveyStory(100.0, "rated", 5, True),
        SurveyStory(200.0, "rated", 2, None),
        SurveyStory(90_000.0, "no_person"),
    ]
    days = by_day(told, UTC)
    assert list(days) == ["1970-01-02", "1970-01-01"]
    assert (days["1970-01-01"].mean, days["1970-01-02"].mean) == (3.5, None)
    whole = figures(told)
    assert (whole.drawn, whole.solved, whole.unsolved) == (3, 1, 0)
    assert whole.outcomes == {"rated": 2, "no_person": 1}
