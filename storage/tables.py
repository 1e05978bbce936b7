"""The rows, and nothing else. Times are UTC seconds since the epoch; durations are seconds."""

import json
from typing import Any

from sqlalchemy import (
    BigInteger,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column
from sqlalchemy.types import TypeDecorator

from calls import json_text

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraints have names of their own, so that a later migration can find them."""


def plain(text: str) -> str:
    """Return a text without what UTF-8 or PostgreSQL cannot keep."""
    return whole(text).replace("\0", "\N{BULLET}")


def whole(text: str) -> str:
    """Return a text without halves of surrogate pairs; nearly all texts are as they were."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


class Plain(TypeDecorator[str]):
    """Text that every database takes: what a peer sent may hold NUL or half a surrogate pair."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what cannot be kept."""
        return None if value is None else plain(value)


class Json(TypeDecorator[Any]):
    """JSON as text, with Chinese legible to whoever reads the table by eye."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write; NUL is escaped by JSON itself."""
        if value is None:
            return None
        return whole(json_text.to_text(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read."""
        return None if value is None else json.loads(value)


RowNumber = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts rows up by itself only in a column that is called INTEGER."""


class Base(DeclarativeBase):
    """What all rows share."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {str: Plain, float: Double}  # noqa: RUF012  # SQLAlchemy's own spelling


class FactRow(Base):
    """One fact as the journal had it; rows are added and never changed."""

    __tablename__ = "facts"
    __table_args__ = (
        UniqueConstraint("boot", "seq"),
        Index(None, "call", "kind"),
        Index(None, "kind", "at"),
    )

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    boot: Mapped[str]
    seq: Mapped[int] = mapped_column(BigInteger)
    call: Mapped[str]
    at: Mapped[float]
    kind: Mapped[str]
    json: Mapped[Any] = mapped_column(Json)


class JournalPositionRow(Base):
    """How far the journal of one start of the engine has been kept."""

    __tablename__ = "journal_position"

    boot: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)


class CallRow(Base):
    """One call: its detail record, folded anew from its facts whenever one comes."""

    __tablename__ = "calls"
    __table_args__ = (Index(None, "ended"), Index(None, "transcript_state"))

    call: Mapped[str] = mapped_column(primary_key=True)
    caller: Mapped[str] = mapped_column(index=True)
    dialled: Mapped[str]
    sip_call_id: Mapped[str]
    language: Mapped[str]
    arrived: Mapped[float] = mapped_column(index=True)
    picked_up: Mapped[float | None]
    ended: Mapped[float | None]
    path: Mapped[Any] = mapped_column(Json)
    lane: Mapped[str | None]
    agent: Mapped[str | None]
    offers: Mapped[int]
    waited: Mapped[float | None]
    talked: Mapped[float | None]
    abandoned: Mapped[bool]
    recording: Mapped[str | None]
    by: Mapped[str | None]
    reason: Mapped[str | None]
    transcript_state: Mapped[str | None]
    transcript_why: Mapped[str | None]
    transcript_round: Mapped[int]
    """How often transcription was begun anew; see `transcripts.py`."""


class UtteranceRow(Base):
    """One final utterance; times in seconds from the start of the recording."""

    __tablename__ = "utterances"

    call: Mapped[str] = mapped_column(ForeignKey("calls.call"), primary_key=True)
    leg: Mapped[str] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    start: Mapped[float] = mapped_column(primary_key=True)
    end: Mapped[float]
    language: Mapped[str]
    text: Mapped[str]
    confidence: Mapped[float]
    words: Mapped[Any] = mapped_column(Json)


class RecordingRow(Base):
    """One file of what was said."""

    __tablename__ = "recordings"

    call: Mapped[str] = mapped_column(ForeignKey("calls.call"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    started: Mapped[float]
    seconds: Mapped[float | None]
    """None while it grows, and for ever if the engine died."""
    trouble: Mapped[str | None]


class OrderDayRow(Base):
    """How many orders of one day in the city have a number."""

    __tablename__ = "order_days"

    day: Mapped[str] = mapped_column(primary_key=True)
    """YYMMDD."""
    last: Mapped[int]


class OrderNumberRow(Base):
    """The number of the order of one call; given once, perhaps before there is a draft."""

    __tablename__ = "order_numbers"

    call: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    at: Mapped[float]


class DraftRow(Base):
    """The draft work order of one call, with what agents put right."""

    __tablename__ = "drafts"
    __table_args__ = (Index(None, "confirmed_by"),)

    call: Mapped[str] = mapped_column(ForeignKey("calls.call"), primary_key=True)
    json: Mapped[Any] = mapped_column(Json)
    """The newest draft as the engine made it."""
    corrections: Mapped[Any] = mapped_column(Json)
    """By field: value, by, at. Never touched by a newer draft."""
    version: Mapped[int]
    """Counts up with every draft, correction and confirmation."""
    drafted_at: Mapped[float]
    updated_at: Mapped[float]
    confirmed: Mapped[Any] = mapped_column(Json, nullable=True)
    """What the agent saw and confirmed, whole; None if nobody has."""
    confirmed_by: Mapped[str | None]
    confirmed_at: Mapped[float | None]
    number: Mapped[str | None] = column_property(
        select(OrderNumberRow.number).where(OrderNumberRow.call == call).scalar_subquery()
    )
    """That citizens know the order by; of another table, read along."""


class RatingTaskRow(Base):
    """A bad rating that somebody is to see to, or has."""

    __tablename__ = "rating_tasks"

    call: Mapped[str] = mapped_column(ForeignKey("calls.call"), primary_key=True)
    at: Mapped[float]
    agent: Mapped[str | None]
    mark: Mapped[int]
    solved: Mapped[bool | None]
    closed_by: Mapped[str | None]
    closed_at: Mapped[float | None] = mapped_column(index=True)
    note: Mapped[str]


class KnowledgeRow(Base):
    """One version of one entry of the knowledge base; versions are added, and none is rewritten.

    What the newest versions are found by is in `knowledge_words`, a table of the
    database's own full-text search (see `knowledge.py`).
    """

    __tablename__ = "knowledge"

    entry: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    owner: Mapped[str]
    valid_from: Mapped[float | None]
    valid_until: Mapped[float | None]
    call: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[float]
    retired: Mapped[bool]
    newest: Mapped[bool] = mapped_column(index=True)
    """Exactly one version of an entry; all but this stands as it was written."""


class AuditRow(Base):
    """Who did what at the desk; rows are added and never changed."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "call", "at"),)

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    at: Mapped[float] = mapped_column(index=True)
    agent: Mapped[str]
    action: Mapped[str]
    call: Mapped[str | None]
    address: Mapped[str]
    note: Mapped[str]


class RegistrationRow(Base):
    """Where an agent's telephone was last reached, so that a restart does not lose it."""

    __tablename__ = "registrations"

    user: Mapped[str] = mapped_column(primary_key=True)
    contact: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    expires_at: Mapped[float]
    sip_call_id: Mapped[str]
    cseq: Mapped[int] = mapped_column(BigInteger)
