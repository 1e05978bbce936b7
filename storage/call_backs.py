"""Who asked to be called back and has not been yet."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from calls.events import Arrived, CallBackAsked, Fact, Queued
from calls.ids import CallId, LaneId
from calls.lane_events import CallBackEnded
from storage.call_details import facts_of_all
from storage.tables import FactRow

OLDEST = 14 * 86_400.0
"""Seconds after which nobody expects to be called back."""


@dataclass(frozen=True, slots=True)
class OpenWish:
    """Somebody who is to be called back."""

    asked_in: CallId
    dialled: str
    number: str
    """Personal data."""
    lane: LaneId
    since: float
    """Since when the place is held."""
    attempt: int
    """Attempts made; one that the engine's death cut off does not count."""
    at: float
    """When it is to be tried."""


def open_wishes(session: Session, now: float) -> list[OpenWish]:
    """Return them, oldest first."""
    asked = (
        select(FactRow.call)
        .where(FactRow.kind == CallBackAsked.__name__, FactRow.at > now - OLDEST)
        .order_by(FactRow.id)
    )
    calls = [CallId(call) for call in dict.fromkeys(session.scalars(asked))]
    found = (wish_of(facts) for facts in facts_of_all(session, calls).values())
    return [wish for wish in found if wish is not None]


def wish_of(facts: tuple[Fact, ...]) -> OpenWish | None:
    """Return what one call's facts leave open; None if nothing."""
    asked = [fact for fact in facts if isinstance(fact, CallBackAsked)]
    if not asked:
        return None
    wish, ends = asked[-1], [fact for fact in facts if isinstance(fact, CallBackEnded)]
    last = ends[-1] if ends else None
    if last is not None and last.again_at is None:
        return None
    places = [f.at for f in facts if isinstance(f, Queued) and f.lane == wish.lane]
    return OpenWish(
        wish.call,
        next((fact.dialled for fact in facts if isinstance(fact, Arrived)), ""),
        wish.number,
        wish.lane,
        min(places, default=wish.at),
        0 if last is None else last.attempt,
        wish.at if last is None or last.again_at is None else last.again_at,
    )
