"""What the writer remembers of calls changes no row: it only spares reading."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from calls.cdr import detail
from calls.events import Fact
from calls.ids import CallId
from storage import call_details, projections, unit_of_work
from storage.stories import Stories
from storage.tables import Base
from tests.helpers.call_stories import interleaved, story

Kept = dict[str, list[tuple[Any, ...]]]


def everything(session: Session) -> Kept:
    """Return all rows of all tables but the facts' own numbers."""
    return {
        table.name: [
            tuple(row)
            for row in session.execute(
                select(*[c for c in table.c if c.name != "id"]).order_by(*table.primary_key)
            )
        ]
        for table in Base.metadata.sorted_tables
    }


def kept_in(session: Session, facts: list[Fact], size: int, stories: Stories | None) -> Kept:
    """Keep facts in batches of `size`, return what came of it, and undo it."""
    pairs = list(enumerate(facts, 1))
    for start in range(0, len(pairs), size):
        unit_of_work.keep(session, "b1", pairs[start : start + size], stories)
    found = everything(session)
    session.rollback()
    return found


@pytest.mark.parametrize("most", [1, 2, 1000])
@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_calls_read_the_same_however_few_of_them_are_remembered(
    session: Session, most: int, size: int
) -> None:
    facts = interleaved(5)
    plain = kept_in(session, facts, 1000, None)
    assert kept_in(session, facts, size, Stories(most)) == plain
    assert len(plain["calls"]) == 5


def test_what_a_failed_transaction_had_added_is_forgotten(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories, facts = Stories(), list(enumerate(story(CallId("c-1")), 1))
    unit_of_work.keep(session, "b1", facts[:4], stories)
    session.commit()
    fine: Callable[..., None] = projections.bring_up_to_date

    def breaks(connection: Connection, *rest: Any) -> None:
        fine(connection, *rest)
        raise OSError("the disk is gone")

    monkeypatch.setattr(projections, "bring_up_to_date", breaks)
    with pytest.raises(OSError, match="gone"):
        unit_of_work.keep(session, "b1", facts[4:9], stories)
    session.rollback()
    stories.forget()
    monkeypatch.undo()
    unit_of_work.keep(session, "b1", facts[4:], stories)
    kept = call_details.whole(session, CallId("c-1"))
    assert kept is not None
    assert kept.call.record == detail(story(CallId("c-1")))
    assert kept.call.record.offers == 1
