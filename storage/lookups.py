"""What a flow may find out while a caller waits: few words, quickly, and nothing else.

What is known of an order is its number, the day it says, and how far it is: whoever keys a
number that is not theirs learns no more than that.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from calls.ids import CallId
from calls.order_number import day, is_order_number
from calls.survey_events import OURS
from storage import order_numbers
from storage.tables import CallRow, DraftRow, OrderNumberRow

Found = tuple[str, dict[str, str]]
"""`found` or `none`, and what is known then, by name."""
CHINA = timezone(timedelta(hours=8))


def caller_history(session: Session, number: str, call: CallId) -> Found:
    """Count the calls from a number before this one; the last one's day is the city's."""
    query = select(func.count(), func.max(CallRow.arrived)).where(
        CallRow.caller == number, CallRow.call != call, CallRow.dialled.not_in(OURS)
    )
    count, last = session.execute(query).one()
    if not number or not count:
        return "none", {}
    day = datetime.fromtimestamp(last, UTC).astimezone(CHINA).date().isoformat()
    return "found", {"calls": str(count), "last_call": day}


def order_status(session: Session, number: str, call: CallId) -> Found:
    """Say how far the order of a number is."""
    if not is_order_number(number):
        return "none", {}
    query = (
        select(OrderNumberRow.number, DraftRow.confirmed_by)
        .join(DraftRow, DraftRow.call == OrderNumberRow.call, isouter=True)
        .where(OrderNumberRow.number == number)
    )
    return _told(session.execute(query).first())


def newest_order(session: Session, number: str, call: CallId) -> Found:
    """Say how far the newest order is that came of a call from a telephone number."""
    if not number:
        return "none", {}
    query = (
        select(OrderNumberRow.number, DraftRow.confirmed_by)
        .join(CallRow, CallRow.call == OrderNumberRow.call)
        .join(DraftRow, DraftRow.call == OrderNumberRow.call)
        .where(CallRow.caller == number, CallRow.call != call)
        .order_by(CallRow.arrived.desc(), CallRow.call.desc())
        .limit(1)
    )
    return _told(session.execute(query).first())


def _told(order: Row[str, str | None] | None) -> Found:
    if order is None:
        return "none", {}
    number, confirmed_by = order
    known = {"order": number, "order_state": "recorded" if confirmed_by is None else "confirmed"}
    said = day(number)
    return "found", known if said is None else {**known, "order_day": said.isoformat()}


def own_order(session: Session, key: str, call: CallId, now: float) -> Found:
    """Say the number of the order that comes of this call, giving it one."""
    return "found", {"order": order_numbers.of_call(session, call, now)}


LOOK_UPS: Mapping[str, Callable[[Session, str, CallId], Found]] = {
    "caller_history": caller_history,
    "order_status": order_status,
    "newest_order": newest_order,
}
WRITTEN: Mapping[str, Callable[[Session, str, CallId, float], Found]] = {"own_order": own_order}
"""What is written down by being asked: asked of the thread that writes, at a moment."""
