"""Draft work orders: what the engine drafted, what agents put right, what they confirmed.

A draft is JSON; an entry that is an object with `value` in it is a field, and
one that is null is a field that nobody said anything about. What an agent put
right is kept apart from the draft and laid over it on reading, so that no later
draft can undo it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.orm import Session

from calls.events import Drafted
from calls.ids import AgentId, CallId
from storage import order_numbers
from storage.tables import CallRow, DraftRow
from storage.upserts import upsert

REDRAFTED = ("json", "drafted_at", "updated_at")
AGENT = "agent"
"""The origin of a field that an agent put right."""


class OutOfDate(Exception):
    """The draft changed since it was read; read it again."""

    def __init__(self, version: int) -> None:
        """`version` is the one that it has now."""
        super().__init__(f"the draft is at version {version} now")
        self.version = version


class UnknownField(ValueError):
    """The draft has no such field."""


class NoSuchDraft(LookupError):
    """No draft came of that call."""


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """The draft of one call, with what agents put right laid over it."""

    call: CallId
    draft: Mapping[str, Any]
    version: int
    drafted_at: float
    updated_at: float
    confirmed_by: AgentId | None
    confirmed_at: float | None
    newer: bool
    """The engine drafted anew after an agent confirmed; what was confirmed stands."""
    number: str | None = None
    """That citizens know the order by (`calls.order_number`)."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What an agent makes of a draft."""

    call: CallId
    version: int
    """The version that the agent saw."""
    values: Mapping[str, Any]
    """Only the fields that the agent put right."""
    by: AgentId
    at: float
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class DraftFilter:
    """Which drafts a list shows; None lets everything pass."""

    confirmed: bool | None = None
    agent: AgentId | None = None
    before: tuple[float, CallId] | None = None
    """Only drafts of calls older than this arrival and id: where the page before ended."""
    most: int = 50


@dataclass(frozen=True, slots=True)
class ListedDraft:
    """One line of the list of drafts."""

    draft: KeptDraft
    caller: str
    arrived: float
    ended: float | None
    language: str
    lane: str | None
    agent: AgentId | None


LISTS = ("candidates", "co_units", "duplicates", "suggestions", "missing")
PLAIN = frozenset(("version", "call", "language", "lane", "arrived", "transcript_state", *LISTS))
"""Entries that are no fields, whatever they hold."""


def is_field(name: str, entry: object) -> bool:
    """Tell whether an entry of a draft is a field."""
    if name in PLAIN:
        return False
    return entry is None or (isinstance(entry, Mapping) and "value" in entry)


def corrected(draft: Mapping[str, Any], corrections: Mapping[str, Any]) -> dict[str, Any]:
    """Lay what agents put right over a draft.

    What the engine had suggested stays beside it as `suggested`, and a question
    about a field that an agent filled in is no longer missing.
    """
    result = dict(draft)
    for name, correction in corrections.items():
        entry = draft.get(name)
        suggested = dict(entry) if isinstance(entry, Mapping) else None
        kept = (
            {"candidates": suggested["candidates"]}
            if suggested and "candidates" in suggested
            else {}
        )
        result[name] = {
            **kept,
            "value": correction["value"],
            "confidence": 1.0,
            "origin": AGENT,
            "evidence": [],
            "by": correction["by"],
            "at": correction["at"],
            "suggested": suggested,
        }
    if isinstance(draft.get("missing"), list):
        result["missing"] = [
            question
            for question in draft["missing"]
            if not (isinstance(question, Mapping) and question.get("field") in corrections)
        ]
    return result


def take_drafts(connection: Connection, facts: Sequence[Drafted]) -> None:
    """Keep drafts that the engine made; what agents put right or confirmed stands."""
    rows = [
        {
            "call": fact.call,
            "json": fact.draft,
            "version": 1,
            "corrections": {},
            "drafted_at": fact.at,
            "updated_at": fact.at,
        }
        for fact in facts
    ]
    upsert(connection, DraftRow, rows, REDRAFTED, counted="version")
    first: dict[CallId, float] = {}
    for fact in facts:
        first.setdefault(fact.call, fact.at)
    order_numbers.give(connection, first)


def correct(session: Session, correction: Correction) -> KeptDraft:
    """Keep what an agent put right; raise NoSuchDraft, OutOfDate or UnknownField.

    A correction of a confirmed draft opens it again, unless it confirms as well.
    """
    row = session.get(DraftRow, correction.call, with_for_update=True)
    if row is None:
        raise NoSuchDraft(correction.call)
    if row.version != correction.version:
        raise OutOfDate(row.version)
    for name in correction.values:
        present = name in row.json and is_field(name, row.json[name])
        if not (present or name in row.corrections):
            raise UnknownField(name)
    row.corrections = row.corrections | {
        name: {"value": value, "by": correction.by, "at": correction.at}
        for name, value in correction.values.items()
    }
    row.version += 1
    row.updated_at = correction.at
    _confirm(row, correction)
    session.flush()
    return _kept(row)


def _confirm(row: DraftRow, correction: Correction) -> None:
    if correction.confirm:
        row.confirmed = corrected(row.json, row.corrections)
        row.confirmed_by, row.confirmed_at = correction.by, correction.at
    elif correction.values:
        row.confirmed = row.confirmed_by = row.confirmed_at = None


def of_call(session: Session, call: CallId) -> KeptDraft | None:
    """Return the draft that came of a call; None if none did."""
    row = session.get(DraftRow, call)
    return None if row is None else _kept(row)


def lately(session: Session, since: float, most: int) -> tuple[Mapping[str, Any], ...]:
    """Return the newest drafts of calls since a moment, as the engine made them; oldest first."""
    query = (
        select(DraftRow.json)
        .join(CallRow)
        .where(CallRow.arrived >= since)
        .order_by(CallRow.arrived.desc(), CallRow.call.desc())
        .limit(most)
    )
    return tuple(session.scalars(query).all()[::-1])


def listed(session: Session, wanted: DraftFilter) -> tuple[ListedDraft, ...]:
    """Return drafts, those of the newest calls first."""
    query = _narrowed(select(DraftRow, CallRow).join(CallRow), wanted)
    query = query.order_by(CallRow.arrived.desc(), CallRow.call.desc()).limit(wanted.most)
    return tuple(
        ListedDraft(
            draft=_kept(draft),
            caller=call.caller,
            arrived=call.arrived,
            ended=call.ended,
            language=call.language,
            lane=call.lane,
            agent=AgentId(call.agent) if call.agent is not None else None,
        )
        for draft, call in session.execute(query)
    )


def _narrowed(query: Select[DraftRow, CallRow], wanted: DraftFilter) -> Select[DraftRow, CallRow]:
    if wanted.confirmed is not None:
        unconfirmed = DraftRow.confirmed_by.is_(None)
        query = query.where(~unconfirmed if wanted.confirmed else unconfirmed)
    if wanted.agent is not None:
        query = query.where(CallRow.agent == wanted.agent)
    if wanted.before is not None:
        at, call = wanted.before
        older = (CallRow.arrived == at) & (CallRow.call < call)
        query = query.where((CallRow.arrived < at) | older)
    return query


def _kept(row: DraftRow) -> KeptDraft:
    kept = KeptDraft(
        call=CallId(row.call),
        draft=corrected(row.json, row.corrections),
        version=row.version,
        drafted_at=row.drafted_at,
        updated_at=row.updated_at,
        confirmed_by=None,
        confirmed_at=None,
        newer=False,
        number=row.number,
    )
    if row.confirmed_by is None or row.confirmed_at is None:
        return kept
    return replace(
        kept,
        draft=row.confirmed,
        confirmed_by=AgentId(row.confirmed_by),
        confirmed_at=row.confirmed_at,
        newer=row.drafted_at > row.confirmed_at,
    )
