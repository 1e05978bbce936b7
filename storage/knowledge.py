"""The knowledge base: versions of entries, and the full-text search of either database."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from storage.tables import KnowledgeRow
from workorders.knowledge import Entry, EntryKind, tokens

ASKED = 40
"""Tokens of a question that are looked for; more than a sentence or two is no question."""
VECTOR = "(setweight(to_tsvector('simple', title), 'A') || to_tsvector('simple', words))"
FOUND = {
    "sqlite": (
        "SELECT entry FROM knowledge_words WHERE knowledge_words MATCH :asked"
        " ORDER BY bm25(knowledge_words, 0.0, 4.0, 1.0), entry LIMIT :most"
    ),
    "postgresql": (
        f"SELECT entry FROM knowledge_words WHERE {VECTOR} @@ to_tsquery('simple', :asked)"
        f" ORDER BY ts_rank({VECTOR}, to_tsquery('simple', :asked)) DESC, entry LIMIT :most"
    ),
}
OR = {"sqlite": " OR ", "postgresql": " | "}
BEYOND = 5
"""Times as many are looked up as are wanted: some hold no more."""


def keep(session: Session, entry: Entry) -> Entry | None:
    """Keep an entry as its next version; None if that would say nothing new."""
    newest = select(KnowledgeRow).where(KnowledgeRow.entry == entry.id, KnowledgeRow.newest)
    before = session.scalar(newest.with_for_update())
    if before is not None and _same(_entry(before), entry):
        return None
    kept = replace(entry, version=1 if before is None else before.version + 1)
    older = update(KnowledgeRow).where(KnowledgeRow.entry == entry.id).values(newest=False)
    session.execute(older)
    session.add(_row(kept))
    session.flush()
    _index(session, kept)
    return kept


def current(session: Session) -> tuple[Entry, ...]:
    """Return the newest version of every entry that is not retired, whenever it holds."""
    rows = select(KnowledgeRow).where(KnowledgeRow.newest, ~KnowledgeRow.retired)
    return tuple(map(_entry, session.scalars(rows.order_by(KnowledgeRow.entry))))


def versions(session: Session, entry: str) -> tuple[Entry, ...]:
    """Return all versions of an entry, the newest first."""
    rows = select(KnowledgeRow).where(KnowledgeRow.entry == entry)
    return tuple(map(_entry, session.scalars(rows.order_by(KnowledgeRow.version.desc()))))


def mark(session: Session) -> tuple[int, float]:
    """Return what changes whenever anything is kept: how many versions, and the last moment."""
    count, last = session.execute(select(func.count(), func.max(KnowledgeRow.at))).one()
    return int(count), float(last or 0.0)


def search(session: Session, asked: str, now: float, most: int = 10) -> tuple[Entry, ...]:
    """Return the entries that hold now and answer best, best first; none for no words."""
    names = list(dict.fromkeys(token.name for token in tokens(asked)))[:ASKED]
    if not names or most < 1:
        return ()
    dialect = session.get_bind().dialect.name
    given = {"asked": OR[dialect].join(names), "most": most * BEYOND}
    ids: Sequence[str] = session.scalars(text(FOUND[dialect]), given).all()
    rows = select(KnowledgeRow).where(KnowledgeRow.newest, KnowledgeRow.entry.in_(ids))
    known = {row.entry: _entry(row) for row in session.scalars(rows)}
    holding = (known[each] for each in ids if each in known)
    return tuple(entry for entry in holding if entry.holds(now))[:most]


def _index(session: Session, entry: Entry) -> None:
    """Let the newest version be found, and no older one; a retired entry is found no more."""
    session.execute(text("DELETE FROM knowledge_words WHERE entry = :entry"), {"entry": entry.id})
    if not entry.retired:
        session.execute(
            text("INSERT INTO knowledge_words (entry, title, words) VALUES (:entry, :t, :w)"),
            {"entry": entry.id, "t": _words(entry.title), "w": _words(entry.text)},
        )


def _words(written: str) -> str:
    return " ".join(token.name for token in tokens(written))


def _same(one: Entry, other: Entry) -> bool:
    """Compare what is said, not who said it and when."""
    return replace(one, version=0, by="", at=0.0) == replace(other, version=0, by="", at=0.0)


def _entry(row: KnowledgeRow) -> Entry:
    return Entry(
        row.entry, cast(EntryKind, row.kind), row.title, row.text, row.owner, row.version,
        row.valid_from, row.valid_until, row.call, row.by, row.at, row.retired,
    )  # fmt: skip


def _row(entry: Entry) -> KnowledgeRow:
    return KnowledgeRow(
        entry=entry.id, version=entry.version, kind=entry.kind, title=entry.title,
        text=entry.text, owner=entry.owner, valid_from=entry.valid_from,
        valid_until=entry.valid_until, call=entry.call, by=entry.by, at=entry.at,
        retired=entry.retired, newest=True,
    )  # fmt: skip
