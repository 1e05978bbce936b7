"""The way each call took through its flow, by the version of the settings that it began on."""

from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from calls.events import Fact, FlowChosen
from calls.wire import UnknownFact, from_json
from storage.tables import FactRow

KINDS = ("FlowChosen", "Entered", "Ended")
AT_ONCE = 2000
"""Rows that are read at a time."""


def ways_taken(session: Session, since: float) -> Iterator[tuple[FlowChosen, list[Fact]]]:
    """Give each call that began after `since` (UTC seconds): its flow and version, its facts."""
    query = (
        select(FactRow.call, FactRow.json)
        .where(FactRow.kind.in_(KINDS), FactRow.at >= since)
        .order_by(FactRow.call, FactRow.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for _, rows in groupby(session.execute(query), key=lambda row: row.call):
        facts = [fact for row in rows for fact in _readable(row.json)]
        chosen = next((fact for fact in facts if isinstance(fact, FlowChosen)), None)
        if chosen is not None:
            yield chosen, facts


def _readable(values: dict[str, object]) -> Iterator[Fact]:
    """Return the fact; one of another version of this program is passed over."""
    try:
        yield from_json(values)
    except UnknownFact:
        return
