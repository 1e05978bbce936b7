"""One database transaction: facts kept, and what is read from them brought up to date.

Statements carry plain rows, many at a time, and no objects: this is the one path that
every fact of every call takes.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.orm import Session

from calls.events import Fact
from calls.wire import to_text
from storage import projections
from storage.stories import Stories
from storage.tables import FactRow, JournalPositionRow, plain
from storage.upserts import add_plain, table_of, upsert

FACTS, POSITIONS = table_of(FactRow), table_of(JournalPositionRow)
ADD_FACTS = insert(FACTS).values(
    boot=bindparam("boot"),
    seq=bindparam("seq"),
    call=bindparam("call"),
    at=bindparam("at"),
    kind=bindparam("kind"),
    json=bindparam("text"),  # encoded already
)


def keep(
    session: Session,
    boot: str,
    facts: Sequence[tuple[int, Fact]],
    stories: Stories | None = None,
    texts: Sequence[str] | None = None,
) -> int:
    """Keep numbered facts of one start of the engine; return how many were new.

    `facts` are in rising order of their number in the journal of `boot`. What
    was kept before is passed over, so the same journal can be replayed at will.
    `stories` spares reading rows again for each batch; whoever keeps it lets it
    `forget` if the transaction fails. `texts` are the facts as `to_text` writes them.
    """
    session.flush()
    connection = session.connection()
    position = _position(connection, boot)
    first = next((n for n, (seq, _) in enumerate(facts) if seq > position), len(facts))
    fresh = facts[first:]
    if not fresh:
        return 0
    news = [fact for _, fact in fresh]
    told = (stories or Stories()).of(connection, news)
    written = texts[first:] if texts is not None else [to_text(fact) for fact in news]
    add_plain(connection, ADD_FACTS, _rows(boot, fresh, written))
    projections.bring_up_to_date(connection, news, told)
    _move(connection, boot, fresh[-1][0])
    session.expire_all()
    return len(fresh)


def pass_over(session: Session, boot: str, seq: int) -> None:
    """Move the position past a fact that cannot be kept."""
    connection = session.connection()
    _move(connection, boot, max(seq, _position(connection, boot)))


def kept_upto(session: Session, boot: str) -> int:
    """Return the number of the last fact of `boot` that is kept; 0 if none is."""
    seq = session.scalar(select(JournalPositionRow.seq).where(JournalPositionRow.boot == boot))
    return seq or 0


def _position(connection: Connection, boot: str) -> int:
    """Return how far `boot` is kept; the row is locked where the database locks rows."""
    kept = select(POSITIONS.c.seq).where(POSITIONS.c.boot == boot).with_for_update()
    return connection.scalar(kept) or 0


def _move(connection: Connection, boot: str, seq: int) -> None:
    upsert(connection, JournalPositionRow, [{"boot": boot, "seq": seq}], ("seq",))


def _rows(
    boot: str, facts: Sequence[tuple[int, Fact]], texts: Sequence[str]
) -> list[dict[str, Any]]:
    return [
        {
            "boot": boot,
            "seq": seq,
            "call": fact.call,
            "at": fact.at,
            "kind": type(fact).__name__,
            "text": plain(text),
        }
        for (seq, fact), text in zip(facts, texts, strict=True)
    ]
