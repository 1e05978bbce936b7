"""Facts as JSON and back: the form they have in the journal and in the database."""

from dataclasses import asdict, fields
from typing import Any, get_args

from calls import json_text
from calls.events import Ended, Fact, Heard, Word
from calls.reasons import Reason

KINDS: dict[str, type] = {kind.__name__: kind for kind in get_args(Fact)}
FIELDS: dict[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in KINDS.values()
}


class UnknownFact(ValueError):
    """The JSON is no fact of ours: of a newer version, or damaged."""


def to_json(fact: Fact) -> dict[str, Any]:
    """Return a fact as JSON values, with its kind under `fact`; a draft is not copied."""
    kind = type(fact)
    values: dict[str, Any] = {"fact": kind.__name__}
    for name in FIELDS[kind]:
        values[name] = getattr(fact, name)
    if kind is Heard:
        values["words"] = [asdict(w) if isinstance(w, Word) else w for w in values["words"]]
    return values


def to_text(fact: Fact) -> str:
    """Return a fact as the JSON that the journal and the database keep, encoded once for both."""
    return json_text.to_text(to_json(fact))


def from_json(values: dict[str, Any]) -> Fact:
    """Return the fact that `to_json` wrote; raise UnknownFact if it is none."""
    rest = dict(values)
    kind = KINDS.get(rest.pop("fact", ""))
    if kind is None:
        raise UnknownFact(f"no such fact: {values.get('fact')!r}")
    try:
        if kind is Heard:
            rest["words"] = tuple(Word(**word) for word in rest["words"])
        if kind is Ended:
            rest["reason"] = Reason(rest["reason"])
        return kind(**rest)  # type: ignore[no-any-return]  # a member of the union by construction
    except (TypeError, KeyError, ValueError) as error:
        raise UnknownFact(f"{values.get('fact')}: {error}") from None
