"""Rows added, or replaced in part if they are there; for SQLite and PostgreSQL alike."""

from functools import cache
from importlib import import_module
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Insert, Table
from sqlalchemy.sql import Executable
from sqlalchemy.sql.compiler import SQLCompiler

from storage.tables import Base

Rows = list[dict[str, Any]]


def table_of(kind: type[Base]) -> Table:
    """Return the table of a kind of rows, for statements that carry no objects."""
    return cast(Table, kind.__table__)


def upsert(
    connection: Connection,
    kind: type[Base],
    rows: Rows,
    replaced: tuple[str, ...] = (),
    counted: str | None = None,
) -> None:
    """Add rows; where the key is there already, replace these columns and leave the others.

    Without `replaced` a row that is there stays as it is. `counted` is a column that
    goes up by one with each replacement.
    """
    if rows:
        connection.execute(_statement(connection.dialect.name, kind, replaced, counted), rows)


def add_plain(connection: Connection, statement: Insert, rows: Rows) -> None:
    """Add rows of plain values, which no column's type has to turn into others: cheap for many."""
    key = statement, connection.dialect.name
    compiled = _plain_ones.get(key)
    if compiled is None:
        compiled = _plain_ones[key] = _compiled(statement, connection.dialect)
    if compiled.positiontup is None:
        connection.exec_driver_sql(compiled.string, rows)
    else:
        names = itemgetter(*compiled.positiontup)
        connection.exec_driver_sql(compiled.string, [names(row) for row in rows])


_plain_ones: dict[tuple[Insert, str], SQLCompiler] = {}


def _compiled(statement: Insert, dialect: Dialect) -> SQLCompiler:
    compiled = statement.inline().compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler), "an INSERT is SQL"
    return compiled


def insert_into(table: Table, dialect: str) -> Any:
    """Return the INSERT of a database's own, which knows ON CONFLICT; only that one is loaded."""
    return import_module(f"sqlalchemy.dialects.{dialect}").insert(table)


@cache
def _statement(
    dialect: str, kind: type[Base], replaced: tuple[str, ...], counted: str | None
) -> Executable:
    """Make a statement once, so that the compiled one is found again by identity."""
    table = table_of(kind)
    statement = insert_into(table, dialect)
    key = [column.name for column in table.primary_key]
    if not replaced:
        return cast(Executable, statement.on_conflict_do_nothing(index_elements=key))
    new: dict[str, Any] = {name: statement.excluded[name] for name in replaced}
    if counted is not None:
        new[counted] = table.c[counted] + 1
    return cast(Executable, statement.on_conflict_do_update(index_elements=key, set_=new))
