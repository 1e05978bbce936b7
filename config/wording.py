"""What pydantic found, in words for the people who edit the settings."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.document import Document, KeyPath
from config.values import Settings, shown

Model = TypeVar("Model", bound=Settings)
Words = tuple[str, str]
"""Chinese, English."""


def _hint(value: Any) -> Words:
    """Guess the slip of the pen behind a value of the wrong kind."""
    if isinstance(value, str) and "：" in value:
        return "；冒号要用半角“:”，后面加空格", "; use the half-width colon followed by a space"
    if isinstance(value, str) and ("，" in value or "、" in value):
        return "；列表要用半角逗号，例如 [a, b]", "; separate a list by half-width commas"
    return "", ""


def _wrong_kind(zh: str, en: str) -> Callable[[ErrorDetails], Words]:
    def words(error: ErrorDetails) -> Words:
        value = error["input"]
        hint = _hint(value)
        return f"{zh}，现在是 {shown(value)}{hint[0]}", f"{en}, got {shown(value)}{hint[1]}"

    return words


def _bound(zh: str, en: str, name: str) -> Callable[[ErrorDetails], Words]:
    def words(error: ErrorDetails) -> Words:
        bound, value = error.get("ctx", {}).get(name), error["input"]
        return f"{value} 超出范围，{zh} {bound}", f"{value} is out of range: {en} {bound}"

    return words


def _expected(error: ErrorDetails) -> Words:
    choices = str(error.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", ")
    value = shown(error["input"])
    return f"只能是 {choices}，现在是 {value}", f"must be one of {choices}; got {value}"


_SETTINGS = _wrong_kind("这里应是下一级设置，每行一项“名称: 值”", "need settings, one a line")
_LIST = _wrong_kind("这里应是列表，例如 [a, b]", "need a list such as [a, b]")
_WHOLE = _wrong_kind("应写整数", "need a whole number")
_NUMBER = _wrong_kind("应写数字", "need a number")
_TRUTH = _wrong_kind("只能写 true（是）或 false（否）", "need true or false")

WORDS: Mapping[str, Callable[[ErrorDetails], Words]] = {
    "missing": lambda _: ("缺少这一项", "is missing"),
    "dict_type": _SETTINGS,
    "model_type": _SETTINGS,
    "model_attributes_type": _SETTINGS,
    "tuple_type": _LIST,
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "bool_type": _TRUTH,
    "string_type": _wrong_kind("应写文字（数字请加引号）", "need text; put figures in quotes"),
    "literal_error": _expected,
    "greater_than_equal": _bound("最小是", "at least", "ge"),
    "less_than_equal": _bound("最大是", "at most", "le"),
}


CODES = {"extra_forbidden": "setting-unknown", "missing": "setting-missing"}
"""Of what pydantic found; anything else is a wrong value."""


def blame(document: Document, at: KeyPath, model: type[BaseModel], error: ValidationError) -> None:
    """Write every error of a value at `at` down as faults of its file."""
    for detail in error.errors(include_url=False):
        location = tuple(part for part in detail["loc"] if part != "[key]")
        if detail["type"] == "extra_forbidden":
            zh, en = unknown(str(location[-1]), _known(model, location[:-1]))
        else:
            location, (zh, en) = _worded(location, detail)
        code = CODES.get(detail["type"], "setting-value")
        document.blame((*at, *location), zh, en, code)


def _worded(location: KeyPath, detail: ErrorDetails) -> tuple[KeyPath, Words]:
    context = detail.get("ctx", {})
    if detail["type"] == "settings":
        key = context.get("key")
        return (location if key is None else (*location, key)), (context["zh"], context["en"])
    words = WORDS.get(detail["type"])
    if words is None:
        return location, (f"设置无效：{detail['msg']}", detail["msg"])
    return location, words(detail)


def unknown(name: str, known: Iterable[str]) -> Words:
    """Say that a name is not known, and which was probably meant."""
    close = get_close_matches(name, list(known), 1)
    if close:
        return f"没有“{name}”这一项，是不是“{close[0]}”？", f"unknown; is {close[0]!r} meant?"
    listed = ", ".join(known)
    return f"没有“{name}”这一项；可以写的有：{listed}", f"unknown; known are: {listed}"


def _known(model: type[BaseModel], location: KeyPath) -> list[str]:
    """Return the settings that the model has at a place within it."""
    inner = model
    for part in location:
        if isinstance(part, str) and part in inner.model_fields:
            inner = next(_models(inner.model_fields[part].annotation), inner)
    fields = inner.model_fields.items()
    return [field.alias or name for name, field in fields if name not in ("id", "type")]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Find the models that a type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models(part)


def valid(document: Document, at: KeyPath, value: Any, model: type[Model]) -> Model | None:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        blame(document, at, model, error)
        return None


def blame_kind(document: Document, at: KeyPath, value: Any) -> None:
    """Say that settings are needed; of a file that could not be read, the reason says enough."""
    if document.value is None:
        return
    colon = isinstance(value, str) and "：" in value
    hint = ("；冒号要用半角“:”，后面加空格", "; use a half-width colon") if colon else ("", "")
    document.blame(
        at,
        f"这里应是下一级设置，每行一项“名称: 值”，现在是 {shown(value)}{hint[0]}",
        f"need settings, one a line, got {shown(value)}{hint[1]}",
    )
