"""What a caller's earlier calls say of this one: how often today, and who knows the matter."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from calls.ids import AgentId, CallId
from calls.survey_events import OURS
from storage.tables import CallRow, DraftRow


@dataclass(frozen=True, slots=True)
class Standing:
    """Of a caller, apart from this call."""

    today: int = 0
    """Calls since midnight; ours to the citizen are none."""
    agent: AgentId | None = None
    """Who talked with the caller last about an order that is not old yet."""


def standing(
    session: Session, number: str, call: CallId, midnight: float, open_since: float
) -> Standing:
    """Read it; an order counts as open if it was drafted after `open_since`."""
    earlier = (CallRow.caller == number, CallRow.call != call)
    theirs = (*earlier, CallRow.dialled.not_in(OURS), CallRow.arrived >= midnight)
    today = session.scalar(select(func.count()).select_from(CallRow).where(*theirs))
    agent = session.scalar(
        select(CallRow.agent)
        .join(DraftRow, DraftRow.call == CallRow.call)
        .where(*earlier, CallRow.agent.is_not(None), CallRow.arrived >= open_since)
        .order_by(CallRow.arrived.desc())
        .limit(1)
    )
    return Standing(today or 0, None if agent is None else AgentId(agent))
