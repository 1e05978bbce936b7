"""Alembic's part: the migrations that are missing, forward only, with no file of settings."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from storage.schema import NewerDatabase

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Apply the migrations that are missing; raise NewerDatabase if there are unknown ones."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    known = {
        revision.revision for revision in ScriptDirectory.from_config(settings).walk_revisions()
    }
    with engine.begin() as connection:
        present = MigrationContext.configure(connection).get_current_heads()
        if not set(present) <= known:
            raise NewerDatabase(f"the database is at {', '.join(present)}, unknown here")
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
