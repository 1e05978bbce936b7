"""The JSON Schema of every file of settings, so that editors complete and underline."""

from typing import Any

from pydantic import TypeAdapter

from config.attribute_docs import Described
from config.day_schema import DayFile, SaidFile
from config.draft import PLANS
from config.flow_schema import FlowFile
from config.flow_test_schema import FlowTest, FlowTestFile
from config.hours_schema import Calendar, HoursSettings
from config.lane_schema import Agent, Lane
from config.plans import Plan
from config.schema import MatterType, Place, SiteFile, SpokenText, Unit
from config.trunk_schema import Trunk
from config.values import Settings

TOPS: dict[str, dict[str, type[Settings]]] = {
    "trunks.yaml": {"trunks": Trunk},
    "lanes.yaml": {"lanes": Lane},
    "hours.yaml": {"hours": HoursSettings, "calendars": Calendar},
    "agents.yaml": {"agents": Agent},
    "units.yaml": {"units": Unit},
    "types.yaml": {"types": MatterType},
    "gazetteer.yaml": {"places": Place},
}
"""Files that hold named entries: what stands below which key; the first key is required."""


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of every file, for editors: file name or pattern → schema."""
    schemas = {name: _entries_schema(keys) for name, keys in TOPS.items()}
    schemas["site.yaml"] = described(SiteFile)
    schemas["flows/*.yaml"] = described(FlowFile)
    schemas["tests/*.yaml"] = _without_id(described(FlowTestFile), FlowTest.__name__)
    schemas["prompts/*/texts.yaml"] = _without_id(
        described(dict[str, SpokenText]), SpokenText.__name__
    )
    schemas[PLANS] = _entries_schema({"plans": Plan})
    schemas["days/*.yaml"] = described(DayFile)
    schemas["days/said/*.yaml"] = described(SaidFile)
    return schemas


def _entries_schema(keys: dict[str, type[Settings]]) -> dict[str, Any]:
    """Return the JSON Schema of a file of named entries."""
    properties: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    for key, model in keys.items():
        schema = described(dict[str, model])  # type: ignore[valid-type]  # by name
        definitions |= _without_id(schema, model.__name__).pop("$defs")
        properties[key] = {**schema, "default": {}}
    return {
        "type": "object",
        "properties": properties,
        "required": [next(iter(keys))],
        "additionalProperties": False,
        "$defs": definitions,
    }


def described(wanted: Any) -> dict[str, Any]:
    """Return the JSON Schema of a type, with a description of each setting."""
    return TypeAdapter(wanted).json_schema(schema_generator=Described)


def _without_id(schema: dict[str, Any], entry: str) -> dict[str, Any]:
    """Take out the id, which is the key that an entry stands under."""
    definition = schema["$defs"][entry]
    del definition["properties"]["id"]
    definition["required"] = [name for name in definition.get("required", ()) if name != "id"]
    return schema
