"""What the words below each setting say, as descriptions in the JSON Schema that editors show.

They are read from the source, which takes a while: only when schemas are written.
"""

import ast
import inspect
from itertools import pairwise
from textwrap import dedent
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema


def attribute_docs(model: type) -> dict[str, str]:
    """Return the words that stand below each attribute of a class, its ancestors' too."""
    found: dict[str, str] = {}
    for one in reversed(model.__mro__):
        if issubclass(one, BaseModel) and one is not BaseModel:
            found |= _own(one)
    return found


def _own(model: type) -> dict[str, str]:
    body = ast.parse(dedent(inspect.getsource(model))).body[0]
    assert isinstance(body, ast.ClassDef), "the source of a class is a class"
    return {
        line.target.id: inspect.cleandoc(words.value.value)
        for line, words in pairwise(body.body)
        if isinstance(line, ast.AnnAssign)
        and isinstance(line.target, ast.Name)
        and isinstance(words, ast.Expr)
        and isinstance(words.value, ast.Constant)
        and isinstance(words.value.value, str)
    }


class Described(GenerateJsonSchema):
    """JSON Schema with a description of each setting."""

    def model_schema(self, schema: core_schema.ModelSchema) -> dict[str, Any]:
        """Add the descriptions to a model's properties."""
        written = super().model_schema(schema)
        properties = written.get("properties", {})
        fields: dict[str, FieldInfo] = schema["cls"].model_fields
        for attribute, words in attribute_docs(schema["cls"]).items():
            name = fields[attribute].alias or attribute if attribute in fields else ""
            if name in properties:
                properties[name].setdefault("description", words)
        return written
