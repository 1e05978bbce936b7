"""The migrations and the tables say the same."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, StaticPool, create_engine, text

from storage import migrating, schema
from storage.tables import Base


def _no_full_text(name: str | None, kind: str, _: object) -> bool:
    """Leave out the tables of the database's own full-text search."""
    return not (kind == "table" and name is not None and name.startswith("knowledge_words"))


def test_the_migrations_make_exactly_the_tables_that_the_code_knows(engine: Engine) -> None:
    with engine.connect() as connection:
        opts = {"compare_type": True, "include_name": _no_full_text}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    schema.upgrade(engine)
    with engine.connect() as connection:
        assert len(connection.execute(text("select * from alembic_version")).all()) == 1


def test_the_newest_revision_by_the_files_names_is_the_one_that_alembic_goes_to() -> None:
    assert schema.newest() == ScriptDirectory(str(migrating.MIGRATIONS)).get_current_head()


def test_what_is_at_the_newest_already_is_not_migrated(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Engine] = []
    monkeypatch.setattr(migrating, "migrate", asked.append)
    schema.upgrade(engine)
    assert not asked
    new = create_engine("sqlite://", poolclass=StaticPool)
    schema.upgrade(new)
    assert asked == [new]


def test_a_database_of_a_newer_engine_is_left_alone() -> None:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    schema.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(schema.NewerDatabase, match="9999"):
        schema.upgrade(engine)
