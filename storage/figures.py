"""Stories of calls for the figures, read from the facts and nothing else."""

from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from calls.events import Fact
from calls.lane_events import AgentStateChanged
from calls.wire import UnknownFact, from_json
from storage.tables import CallRow, FactRow
from workorders.call_story import READ, CallStory, story
from workorders.occupancy import SILENT_AFTER

KINDS = [kind.__name__ for kind in READ]


def stories(session: Session, since: float, until: float) -> list[CallStory]:
    """Return the calls that arrived from `since` until before `until`, UTC seconds, in order."""
    query = (
        select(FactRow.call, FactRow.json)
        .join(CallRow, CallRow.call == FactRow.call)
        .where(CallRow.arrived >= since, CallRow.arrived < until, FactRow.kind.in_(KINDS))
        .order_by(CallRow.arrived, FactRow.call, FactRow.id)
    )
    return list(_folded((call, values) for call, values in session.execute(query)))


def changes_of_staff(session: Session, since: float, until: float) -> list[AgentStateChanged]:
    """Return what agents did, from half a day before `since` on: what began then may go on.

    Read by kind and time, which there is an index for.
    """
    query = select(FactRow.json).where(
        FactRow.kind == AgentStateChanged.__name__,
        FactRow.at >= since - SILENT_AFTER,
        FactRow.at < until,
    )
    found = map(from_json, session.scalars(query))
    return [fact for fact in found if isinstance(fact, AgentStateChanged)]


def _folded(rows: Iterable[tuple[str, dict[str, object]]]) -> Iterator[CallStory]:
    present: str | None = None
    facts: list[Fact] = []
    for call, values in rows:
        if call != present:
            yield from filter(None, [story(facts)])
            present, facts = call, []
        try:
            facts.append(from_json(values))
        except UnknownFact:  # of another version of the engine: the figures go without it
            continue
    yield from filter(None, [story(facts)])
