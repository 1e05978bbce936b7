"""Numbers of orders: each call's order gets one, once, whichever engine asks first.

The count of a day goes up in one statement, and whoever asks at the same time waits for the
transaction to end: two engines on one database never give the same number. A transaction that
fails gives its numbers back.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from calls.ids import CallId
from calls.order_number import day_of, order_number
from storage.tables import OrderDayRow, OrderNumberRow
from storage.upserts import insert_into, table_of, upsert

DAYS, NUMBERS = table_of(OrderDayRow), table_of(OrderNumberRow)


def give(connection: Connection, calls: Mapping[CallId, float]) -> None:
    """Give a number to each call's order that has none; `calls` says when it began to be one."""
    having = select(NUMBERS.c.call).where(NUMBERS.c.call.in_(calls))
    present = set(connection.scalars(having)) if calls else set()
    by_day: dict[str, list[CallId]] = {}
    for call, at in calls.items():
        if call not in present:
            by_day.setdefault(day_of(at), []).append(call)
    for day, fresh in sorted(by_day.items()):
        last = _counted(connection, day, len(fresh))
        first = last - len(fresh) + 1
        rows = [
            {"call": call, "number": order_number(day, first + place), "at": calls[call]}
            for place, call in enumerate(fresh)
        ]
        upsert(connection, OrderNumberRow, rows)


def of_call(session: Session, call: CallId, at: float) -> str:
    """Return the number of a call's order, giving it one at `at` if it has none."""
    give(session.connection(), {call: at})
    found = session.scalar(select(OrderNumberRow.number).where(OrderNumberRow.call == call))
    assert found is not None, "it was given a moment ago"
    return found


def call_of(session: Session, number: str) -> CallId | None:
    """Return the call whose order has a number; None if none has it."""
    call = session.scalar(select(OrderNumberRow.call).where(OrderNumberRow.number == number))
    return None if call is None else CallId(call)


def _counted(connection: Connection, day: str, more: int) -> int:
    """Count the orders of a day up, and return how many there are now."""
    statement = insert_into(DAYS, connection.dialect.name).values(day=day, last=more)
    counted = statement.on_conflict_do_update(
        index_elements=["day"], set_={"last": DAYS.c.last + more}
    )
    return int(connection.scalar(counted.returning(DAYS.c.last)) or 0)
