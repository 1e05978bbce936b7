"""The JSON Schemas that are published: a validator that is not ours takes them and our files."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from config.json_schemas import json_schemas

CONFIG = Path(__file__).parents[3] / "config"
SCHEMAS = json_schemas()
FILES = [
    (path, pattern)
    for pattern in SCHEMAS
    for path in sorted((CONFIG if pattern.startswith("days") else CONFIG / "site").glob(pattern))
]


def as_an_editor_reads(value: Any) -> Any:
    """JSON has neither days nor names that are figures."""
    if isinstance(value, dict):
        return {str(name): as_an_editor_reads(one) for name, one in value.items()}
    if isinstance(value, list):
        return [as_an_editor_reads(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def faults(pattern: str, text: str) -> list[str]:
    value = as_an_editor_reads(YAML(typ="safe", pure=True).load(text))
    found = Draft202012Validator(SCHEMAS[pattern]).iter_errors(value)
    return sorted(f"{'.'.join(map(str, one.absolute_path))} {one.validator}" for one in found)


@pytest.mark.parametrize("pattern", SCHEMAS)
def test_a_schema_is_one_by_the_standard_and_its_patterns_are_those_of_editors(
    pattern: str,
) -> None:
    Draft202012Validator.check_schema(SCHEMAS[pattern])
    assert "(?P" not in json.dumps(SCHEMAS[pattern]), "ECMA-262 has no such groups"


@pytest.mark.parametrize(
    ("path", "pattern"), FILES, ids=[str(path.relative_to(CONFIG)) for path, _ in FILES]
)
def test_nothing_is_underlined_in_a_shipped_file(path: Path, pattern: str) -> None:
    assert faults(pattern, path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("pattern", "text", "underlined"),
    [
        ("lanes.yaml", "lanes:\n  fund: {name: {zh: 金, en: F}, needs: [fund], max_wait: 8}",
         ["lanes.fund.max_wait anyOf"]),
        ("lanes.yaml", "lanes:\n  fund: {name: {zh: 金, en: F}, need: [fund]}",
         ["lanes.fund additionalProperties", "lanes.fund required"]),
        ("hours.yaml", "hours:\n  fund: {week: {mon-fri: ['9:00-17:00']}}",
         ["hours.fund required", "hours.fund.week.mon-fri.0 pattern"]),
        ("flows/*.yaml", "begin: a\nnodes:\n  a: {type: mneu, prompts: [b]}",
         ["nodes.a oneOf"]),
    ],
)  # fmt: skip
def test_a_slip_is_underlined_where_it_stands(
    pattern: str, text: str, underlined: list[str]
) -> None:
    assert faults(pattern, text) == underlined
