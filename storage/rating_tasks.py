"""Bad ratings to be seen to: each opens one task, and somebody closes it with what was done."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from calls.events import Rated
from calls.ids import AgentId, CallId
from storage.tables import CallRow, OrderNumberRow, RatingTaskRow
from storage.upserts import upsert

MOST = 200


@dataclass(frozen=True, slots=True)
class RatingTask:
    """A caller who was not content."""

    call: CallId
    at: float
    agent: AgentId | None
    """Who had talked with the caller."""
    mark: int
    """1 is worst, 5 is best."""
    solved: bool | None
    lane: str | None
    number: str | None
    """Of the order that came of the call."""
    closed_by: AgentId | None
    closed_at: float | None
    note: str


class NoOpenTask(LookupError):
    """No task of that call waits: there is none, or somebody has closed it."""


def take_ratings(connection: Connection, facts: Sequence[Rated]) -> None:
    """Open a task for each bad rating; one that is there already stays as it is."""
    rows = [
        {
            "call": fact.call,
            "at": fact.at,
            "agent": fact.agent,
            "mark": fact.mark,
            "solved": fact.solved,
            "note": "",
        }
        for fact in facts
        if fact.bad
    ]
    upsert(connection, RatingTaskRow, rows)


def tasks(session: Session, *, closed: bool = False) -> tuple[RatingTask, ...]:
    """Return what is open, the oldest first; or what was closed, the newest first."""
    done = RatingTaskRow.closed_at.is_not(None)
    order = RatingTaskRow.closed_at.desc() if closed else RatingTaskRow.at
    query = (
        select(RatingTaskRow, CallRow.lane, OrderNumberRow.number)
        .join(CallRow, CallRow.call == RatingTaskRow.call)
        .join(OrderNumberRow, OrderNumberRow.call == RatingTaskRow.call, isouter=True)
        .where(done if closed else ~done)
        .order_by(order)
        .limit(MOST)
    )
    return tuple(_task(row, lane, number) for row, lane, number in session.execute(query))


def close(session: Session, call: CallId, by: AgentId, at: float, note: str) -> None:
    """Write down who saw to it, and how; raise NoOpenTask."""
    row = session.get(RatingTaskRow, call, with_for_update=True)
    if row is None or row.closed_at is not None:
        raise NoOpenTask(call)
    row.closed_by, row.closed_at, row.note = by, at, note
    session.flush()


def _task(row: RatingTaskRow, lane: str | None, number: str | None) -> RatingTask:
    return RatingTask(
        call=CallId(row.call),
        at=row.at,
        agent=None if row.agent is None else AgentId(row.agent),
        mark=row.mark,
        solved=row.solved,
        lane=lane,
        number=number,
        closed_by=None if row.closed_by is None else AgentId(row.closed_by),
        closed_at=row.closed_at,
        note=row.note,
    )
