"""What machine call-backs found out, read from the facts and nothing else."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from calls.ids import CallId
from calls.survey_events import SurveyPlanned, SurveyTried
from storage.call_details import facts_of_all
from storage.tables import FactRow
from workorders.survey_figures import SurveyStory, story


def survey_stories(session: Session, since: float, until: float) -> list[SurveyStory]:
    """Return those who were drawn from `since` until before `until`, UTC seconds, in order."""
    planned = (
        select(FactRow.call)
        .where(FactRow.kind == SurveyPlanned.__name__, FactRow.at >= since, FactRow.at < until)
        .order_by(FactRow.at)
    )
    first = facts_of_all(session, [CallId(call) for call in session.scalars(planned)])
    asked = [
        fact.by_call for facts in first.values() for fact in facts if isinstance(fact, SurveyTried)
    ]
    of_surveys = facts_of_all(session, asked)
    return [found for facts in first.values() if (found := story(facts, of_surveys)) is not None]
