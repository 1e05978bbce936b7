"""A draft as JSON values and back, exactly."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from workorders.draft import (
    FIELDS,
    DraftWorkOrder,
    Duplicate,
    Evidence,
    Field,
    Question,
    Ranked,
    Suggestion,
    When,
    Where,
)

BARE = frozenset((str, float, int, bool, type(None)))
"""Kinds of values that JSON has too."""
PARTS = (DraftWorkOrder, Field, Evidence, When, Where, Ranked, Question, Duplicate, Suggestion)
NAMES = {
    kind: (names, attrgetter(*names))
    for kind in PARTS
    if (names := tuple(field.name for field in fields(kind)))
}
"""The names of each kind's values, and what reads them all."""
VERSION = 1
"""Of the form below; a draft of another version is refused, not guessed at."""


class UnknownDraft(ValueError):
    """The JSON is no draft of ours: of another version, or damaged."""


def to_json(draft: DraftWorkOrder) -> dict[str, object]:
    """Return a draft as JSON values, with the `version` of the form."""
    return {"version": VERSION, **_plain(draft)}


def from_json(values: Mapping[str, Any]) -> DraftWorkOrder:
    """Return the draft that `to_json` wrote; raise UnknownDraft if it is none.

    A draft written before there were event levels, co-units, duplicates and suggestions has none.
    """
    rest = dict(values)
    if rest.pop("version", None) != VERSION:
        raise UnknownDraft(f"version {values.get('version')!r}, not {VERSION}")
    try:
        rest = LATER | rest
        for name in FIELDS:
            rest[name] = _field(rest[name], VALUES.get(name, _same))
        for name, kind in LISTS.items():
            rest[name] = tuple(
                kind(**{**entry, "because": tuple(entry["because"])}) for entry in rest[name]
            )
        rest["missing"] = tuple(Question(**entry) for entry in rest["missing"])
        return DraftWorkOrder(**rest)
    except (TypeError, KeyError, ValueError) as error:
        raise UnknownDraft(str(error)) from None


def _plain(value: Any) -> Any:
    """Turn values of ours into what JSON gives back, all the way down."""
    kind = type(value)
    if kind in BARE:
        return value
    part = NAMES.get(kind)
    if part is not None:
        names, values = part
        each = zip(names, values(value), strict=True)
        return {name: v if type(v) in BARE else _plain(v) for name, v in each}
    if kind is tuple:
        return [v if type(v) in BARE else _plain(v) for v in value]
    if kind is datetime:
        return value.isoformat()
    raise TypeError(f"no part of a draft: {kind.__name__}")


def _field(values: dict[str, Any] | None, read: Callable[[Any], Any]) -> Field[Any] | None:
    if values is None:
        return None
    evidence = tuple(Evidence(**entry) for entry in values["evidence"])
    return Field(read(values["value"]), values["confidence"], values["origin"], evidence)


def _same(value: Any) -> Any:
    return value


def _when(values: dict[str, Any]) -> When:
    begins, ends, clock = values["begins"], values["ends"], values["clock"]
    return When(
        values["said"],
        datetime.fromisoformat(begins) if begins is not None else None,
        datetime.fromisoformat(ends) if ends is not None else None,
        values["every"],
        (clock[0], clock[1]) if clock is not None else None,
    )


def _where(values: dict[str, Any]) -> Where:
    return Where(**{**values, "choices": tuple(values["choices"])})


LATER: dict[str, Any] = {"event_level": None, "co_units": (), "duplicates": (), "suggestions": ()}
LISTS: dict[str, type[Ranked] | type[Duplicate] | type[Suggestion]] = {
    "candidates": Ranked,
    "co_units": Ranked,
    "duplicates": Duplicate,
    "suggestions": Suggestion,
}
VALUES: dict[str, Callable[[Any], Any]] = {"time": _when, "place": _where}
