"""A day's facts on their way into a database, in large pieces, and whether all arrived."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from calls.events import Fact
from storage import schema, unit_of_work
from storage.engines import Engines, connect
from storage.stories import Stories
from storage.tables import CallRow, DraftRow, FactRow

PIECE = 5_000
"""Facts of one transaction."""


@dataclass(slots=True)
class Keeping:
    """Keeps facts through the same unit of work as the engine does."""

    engines: Engines
    boot: str
    kept: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    _waiting: list[tuple[int, Fact]] = field(default_factory=list)
    _stories: Stories = field(default_factory=Stories)
    """Calls that are up are remembered from one transaction to the next, as the engine does."""

    @classmethod
    def open(cls, file: Path, boot: str) -> "Keeping":
        """Make the tables in a new file."""
        engines = connect(f"sqlite:///{file}", busy_timeout=5.0)
        schema.upgrade(engines.writing)
        return cls(engines, boot)

    def fact(self, fact: Fact) -> None:
        """Take a fact; write when a piece is full."""
        self.kept += 1
        self.kinds[type(fact).__name__] += 1
        self._waiting.append((self.kept, fact))
        if len(self._waiting) >= PIECE:
            self.write()

    def write(self) -> None:
        """Write what waits, in one transaction."""
        if self._waiting:
            with Session(self.engines.writing) as session, session.begin():
                unit_of_work.keep(session, self.boot, self._waiting, self._stories)
            self._waiting.clear()

    def missing(self) -> list[str]:
        """Write the rest, and say what the tables lack: an empty list, if all went well."""
        self.write()
        with Session(self.engines.reading) as session:
            found = {
                kind: count
                for kind, count in session.execute(
                    select(FactRow.kind, func.count()).group_by(FactRow.kind)
                )
            }
            calls = session.scalar(select(func.count()).select_from(CallRow)) or 0
            ended = session.scalar(select(func.count()).where(CallRow.ended.is_not(None))) or 0
            drafts = session.scalar(select(func.count()).select_from(DraftRow)) or 0
        lacking = [
            f"{kind}: {found.get(kind, 0)} of {count}"
            for kind, count in sorted(self.kinds.items())
            if found.get(kind, 0) != count
        ]
        lacking += _unequal("calls", calls, self.kinds["Arrived"])
        lacking += _unequal("ended calls", ended, self.kinds["Ended"])
        if self.kinds["Drafted"] and not drafts:
            lacking.append("drafts: none")
        return lacking

    def close(self) -> None:
        """Let the file go."""
        self.engines.dispose()


def _unequal(what: str, found: int, wanted: int) -> list[str]:
    return [] if found == wanted else [f"{what}: {found} of {wanted}"]
