"""A database in memory, with the real migrations, and the story of a call."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, StaticPool, create_engine
from sqlalchemy.orm import Session

from storage import schema
from storage.engines import prepare_sqlite


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """One database for a file of tests; `session` undoes what each test did."""
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    prepare_sqlite(engine, writes=True)
    schema.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with engine.connect() as connection, connection.begin() as everything:
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        everything.rollback()  # what was committed, too
