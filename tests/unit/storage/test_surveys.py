"""Who is drawn to be asked how it went: of those an agent talked with, fairly, and never twice."""

from sqlalchemy.orm import Session

from calls.events import Answered, Arrived, Ended, Fact, Queued
from calls.ids import AgentId, CallId, LaneId
from calls.lane_events import CALLED_BACK
from calls.reasons import Reason
from calls.survey_events import SURVEYED, OptedOut, SurveyEnded, SurveyPlanned, SurveyTried
from storage import surveys, unit_of_work
from storage.lookups import caller_history
from storage.standing import standing
from storage.surveys import Drawn, Sampling

DAY = Sampling(0.0, 86_400.0, 0.5, 100, 30 * 86_400.0)
NOW = 90_000.0


def talked(
    session: Session, name: str, number: str, dialled: str = "12345", *, answered: bool = True
) -> CallId:
    call, at = CallId(name), 1000.0
    facts: list[Fact] = [
        Arrived(call, at, number, dialled, "127.0.0.1:5070", name),
        Queued(call, at + 1, LaneId("general")),
    ]
    if answered:
        facts.append(Answered(call, at + 5, AgentId("1001")))
    facts.append(Ended(call, at + 60, "caller", Reason.COMPLETED))
    unit_of_work.keep(session, f"boot-{name}", list(enumerate(facts, 1)))
    return call


def keep(session: Session, *facts: Fact) -> None:
    unit_of_work.keep(session, f"boot-{facts[0]}", list(enumerate(facts, 1)))


def test_the_share_is_drawn_the_same_each_time_of_those_an_agent_talked_with(
    session: Session,
) -> None:
    for n in range(10):
        talked(session, f"c-{n}", f"1390000000{n}")
    talked(session, "c-lost", "13700000001", answered=False)
    talked(session, "c-back", "13700000002", CALLED_BACK)
    talked(session, "c-withheld", "anonymous")
    drawn = surveys.draw(session, DAY, NOW)
    assert len(drawn) == 5 and drawn == surveys.draw(session, DAY, NOW)
    assert {one.number[:10] for one in drawn} == {"1390000000"}
    few = Sampling(DAY.since, DAY.until, 1.0, 3, DAY.not_again)
    assert len(surveys.draw(session, few, NOW)) == 3


def test_each_number_once_and_none_that_opted_out_or_was_drawn_lately(session: Session) -> None:
    every = Sampling(DAY.since, DAY.until, 1.0, 100, DAY.not_again)
    for n in range(3):
        talked(session, f"c-same-{n}", "13900000001")
    out, lately = talked(session, "c-out", "13900000002"), talked(session, "c-late", "13900000003")
    assert sorted(one.number[-1] for one in surveys.draw(session, every, NOW)) == ["1", "2", "3"]
    keep(session, OptedOut(out, 500.0, "13900000002"))
    keep(session, SurveyPlanned(lately, 600.0, "13900000003"))
    assert [one.number for one in surveys.draw(session, every, NOW)] == ["13900000001"]
    assert surveys.drawn_since(session, 600.0) and not surveys.drawn_since(session, 601.0)


def test_who_was_drawn_and_not_asked_yet_is_found_after_a_restart(session: Session) -> None:
    first, second, third = (talked(session, f"c-{n}", f"1390000000{n}") for n in range(3))
    for call, number in ((first, "0"), (second, "1"), (third, "2")):
        keep(session, SurveyPlanned(call, NOW, f"1390000000{number}"))
    busy = SurveyEnded(second, NOW + 9, 1, "busy", NOW + 99)
    keep(session, SurveyTried(second, NOW + 5, 1, CallId("x")), busy)
    keep(session, SurveyEnded(third, NOW + 9, 1, "rated", None))
    found = surveys.still_open(session, NOW + 20)
    assert found == [
        Drawn(first, "13900000000", "zh", NOW, NOW, 0),
        Drawn(second, "13900000001", "zh", NOW, NOW + 99, 1),
    ]
    assert surveys.still_open(session, NOW + surveys.OPEN_FOR + 1) == []


def test_calls_of_ours_are_none_of_the_citizens(session: Session) -> None:
    here = talked(session, "c-here", "13900000001")
    talked(session, "c-theirs", "13900000001")
    talked(session, "c-back", "13900000001", CALLED_BACK)
    talked(session, "c-survey", "13900000001", SURVEYED)
    assert standing(session, "13900000001", here, 0.0, 0.0).today == 1
    assert caller_history(session, "13900000001", here)[1]["calls"] == "1"
