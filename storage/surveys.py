"""Who is drawn to be asked how it went, and who was drawn and has not been asked yet."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from calls.events import Fact
from calls.ids import CallId, Language
from calls.survey_events import OURS, OptedOut, SurveyEnded, SurveyPlanned
from storage.call_details import facts_of_all
from storage.tables import CallRow, FactRow

OPEN_FOR = 7 * 86_400.0
"""Seconds after which one who was drawn is in no case called any more."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """Of which calls, and how many. Times are UTC seconds."""

    since: float
    until: float
    share: float
    most: int
    not_again: float
    """Seconds in which one number is drawn once."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One who is to be asked."""

    call: CallId
    number: str
    """Personal data."""
    language: Language
    planned: float
    at: float
    attempt: int = 0


def drawn_since(session: Session, at: float) -> bool:
    """Tell whether anybody was drawn since an instant."""
    planned = select(FactRow.id).where(FactRow.kind == SurveyPlanned.__name__, FactRow.at >= at)
    return session.scalar(planned.limit(1)) is not None


def draw(session: Session, rules: Sampling, now: float) -> list[Drawn]:
    """Draw from the calls that an agent took; the same calls give the same draw.

    Nobody who opted out, who was drawn lately or withholds the number; each number once.
    """
    barred = _numbers(session, OptedOut, 0.0) | _numbers(
        session, SurveyPlanned, now - rules.not_again
    )
    query = (
        select(CallRow.call, CallRow.caller, CallRow.language)
        .where(CallRow.arrived >= rules.since, CallRow.arrived < rules.until)
        .where(CallRow.talked.is_not(None), CallRow.dialled.not_in(OURS))
    )
    rows = sorted(session.execute(query), key=lambda row: sha256(row.call.encode()).digest())
    by_number = {
        row.caller: Drawn(CallId(row.call), row.caller, cast(Language, row.language), now, now)
        for row in reversed(rows)
        if row.caller.lstrip("+").isdecimal() and row.caller not in barred
    }
    count = min(rules.most, math.ceil(rules.share * len(by_number)))
    return list(reversed(by_number.values()))[:count]


def _numbers(session: Session, kind: type[OptedOut | SurveyPlanned], after: float) -> set[str]:
    query = select(FactRow.json).where(FactRow.kind == kind.__name__, FactRow.at >= after)
    return {str(values["number"]) for values in session.scalars(query)}


def still_open(session: Session, now: float) -> list[Drawn]:
    """Return those who were drawn and are still to be called."""
    query = select(FactRow.call).where(
        FactRow.kind == SurveyPlanned.__name__, FactRow.at > now - OPEN_FOR
    )
    languages = {
        row.call: cast(Language, row.language)
        for row in session.execute(
            select(CallRow.call, CallRow.language).where(CallRow.call.in_(query))
        )
    }
    facts = facts_of_all(session, [CallId(call) for call in languages])
    found = (_open_of(told, languages[call]) for call, told in facts.items())
    return [one for one in found if one is not None]


def _open_of(facts: Iterable[Fact], language: Language) -> Drawn | None:
    """Return what one call's facts leave open."""
    found: Drawn | None = None
    for fact in facts:
        match fact:
            case SurveyPlanned(call=call, at=at, number=number):
                found = Drawn(call, number, language, at, at)
            case SurveyEnded(again_at=None):
                found = None
            case SurveyEnded(attempt=attempt, again_at=float(again)) if found is not None:
                found = Drawn(found.call, found.number, language, found.planned, again, attempt)
    return found
