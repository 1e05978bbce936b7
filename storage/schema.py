"""The tables brought to the newest form; how is `storage.migrating` to say, where there is more."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

VERSIONS = Path(__file__).parent / "migrations" / "versions"
"""One file a migration; the names begin with what Alembic calls the revision."""


class NewerDatabase(Exception):
    """A newer version of the engine has changed the tables; this one must not write to them."""


def newest() -> str:
    """Return the newest revision; one follows the other."""
    return max(file.stem.partition("_")[0] for file in VERSIONS.glob("[0-9]*.py"))


def upgrade(engine: Engine) -> None:
    """Apply the migrations that are missing; raise NewerDatabase if there are unknown ones."""
    if _present(engine) == [newest()]:
        return
    from storage.migrating import migrate  # noqa: PLC0415  most starts have nothing to migrate

    migrate(engine)


def _present(engine: Engine) -> list[str]:
    """Return the revisions that the tables are at; none of a new database."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return []
        return list(connection.scalars(text("SELECT version_num FROM alembic_version")))
