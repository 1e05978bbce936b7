"""What a flow may find out while a caller waits: few words, quickly, and nothing else."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from calls.ids import CallId
from storage.tables import CallRow

Found = tuple[str, dict[str, str]]
"""`found` or `none`, and what is known then, by name."""
CHINA = timezone(timedelta(hours=8))


def caller_history(session: Session, number: str, call: CallId) -> Found:
    """Count the calls from a number before this one; the last one's day is the city's."""
    query = select(func.count(), func.max(CallRow.arrived)).where(
        CallRow.caller == number, CallRow.call != call
    )
    count, last = session.execute(query).one()
    if not number or not count:
        return "none", {}
    day = datetime.fromtimestamp(last, UTC).astimezone(CHINA).date().isoformat()
    return "found", {"calls": str(count), "last_call": day}


LOOK_UPS: Mapping[str, Callable[[Session, str, CallId], Found]] = {
    "caller_history": caller_history,
}
