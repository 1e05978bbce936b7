"""The tables brought to the newest form, forward only, with no file of settings at run time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

MIGRATIONS = Path(__file__).parent / "migrations"


class NewerDatabase(Exception):
    """A newer version of the engine has changed the tables; this one must not write to them."""


def upgrade(engine: Engine) -> None:
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
