"""Connections: one engine that writes and one that only reads, on SQLite or PostgreSQL."""

from dataclasses import dataclass
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import ConnectionPoolEntry


@dataclass(frozen=True, slots=True)
class Engines:
    """The two ways to the database."""

    writing: Engine
    reading: Engine

    def dispose(self) -> None:
        """Close every connection."""
        self.writing.dispose()
        self.reading.dispose()


def connect(url: str, *, busy_timeout: float, readers: int = 2) -> Engines:
    """Prepare both ways to the database at `url`; nothing is opened yet.

    `busy_timeout` is how many seconds one statement waits for somebody else's lock.
    """
    return Engines(
        writing=_engine(url, busy_timeout, writes=True, size=1),
        reading=_engine(url, busy_timeout, writes=False, size=readers),
    )


def _engine(url: str, busy_timeout: float, *, writes: bool, size: int) -> Engine:
    options: dict[str, Any] = {
        "pool_size": size,
        "max_overflow": 0,
        "pool_timeout": 10,
        "hide_parameters": True,  # an error's text is logged, and numbers must not be
    }
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, **options, connect_args={"timeout": busy_timeout})
        prepare_sqlite(engine, writes=writes)
        return engine
    milliseconds = int(busy_timeout * 1000)
    return create_engine(
        url,
        **options,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 5,
            "options": f"-c lock_timeout={milliseconds} -c statement_timeout=30000",
        },
    )


def prepare_sqlite(engine: Engine, *, writes: bool) -> None:
    """Set each connection right, and let every transaction say at once whether it writes.

    A transaction that begins by reading and writes later fails at once, whatever
    the busy timeout, if another one wrote between: so writers begin IMMEDIATE.
    `synchronous=FULL` because a segment of the journal is deleted after the commit.
    """

    @event.listens_for(engine, "connect")
    def set_right(connection: SqliteConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver leaves BEGIN to us
        connection.execute("PRAGMA foreign_keys=ON")
        if writes:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
        else:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
