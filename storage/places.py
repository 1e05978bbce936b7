"""Who had a place in a lane when the line, or the engine, was gone."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from calls.events import Answered, Fact, LeftLane, Queued
from calls.ids import CallId, LaneId
from calls.lane_events import PlaceGivenBack
from calls.reasons import Reason
from storage.call_details import facts_of_all
from storage.tables import CallRow

CUT_OFF = frozenset(
    reason.value
    for reason in (
        Reason.ABANDONED,
        Reason.INTERRUPTED,
        Reason.WORKER_LOST,
        Reason.SHUT_DOWN,
        Reason.FAULT,
        Reason.MEDIA_LOST,
        Reason.NO_REFRESH,
    )
)
"""Ends that leave a caller without what the call was for."""
GIVEN_UP = frozenset({"key", "full", "nobody", "too_long", "long_wait", "closed"})
"""Ways out of a lane that end the place."""


@dataclass(frozen=True, slots=True)
class LostPlace:
    """A caller in a lane, until the line was gone."""

    number: str
    """Personal data."""
    lane: LaneId
    since: float
    left: float | None
    """When the line was gone; None: with the engine."""


def lost(session: Session, after: float) -> list[LostPlace]:
    """Return the places that were lost after an instant, oldest call first."""
    query = (
        select(CallRow.call, CallRow.caller, CallRow.ended)
        .where(CallRow.lane.is_not(None), CallRow.caller != "")
        .where(CallRow.ended.is_(None) | (CallRow.ended > after))
        .where(CallRow.reason.is_(None) | CallRow.reason.in_(CUT_OFF))
        .order_by(CallRow.arrived)
    )
    rows = session.execute(query).all()
    facts = facts_of_all(session, [CallId(call) for call, _, _ in rows])
    found = []
    for call, number, ended in rows:
        place = held(facts[CallId(call)], talked=ended is None)
        if place is not None:
            found.append(LostPlace(number, *place, ended))
    return found


def held(facts: Iterable[Fact], *, talked: bool) -> tuple[LaneId, float] | None:
    """Return the lane and the place that a call's facts end with; None if it had none.

    `talked`: one who was with an agent when the engine was gone had a place too.
    """
    place: tuple[LaneId, float] | None = None
    for fact in facts:
        match fact:
            case Queued(lane=lane, at=at):
                place = lane, at
            case PlaceGivenBack(lane=lane, since=since):
                place = lane, since
            case LeftLane(why=why) if why in GIVEN_UP:
                place = None
            case Answered() if not talked:
                place = None
    return place
