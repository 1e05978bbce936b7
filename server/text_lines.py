"""Files of JSON objects, one a line, read so that a fault names its line."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any


class BadLine(ValueError):
    """A line is not what it must be; the message names file and line, zh and en."""


def read(path: Path, needed: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file (`-` is standard input); `needed` must be texts."""
    source = sys.stdin if str(path) == "-" else path.open(encoding="utf-8-sig")
    try:
        for number, line in enumerate(source, 1):
            if line.strip():
                yield object_in(f"{path}:{number}", line, needed)
    finally:
        if source is not sys.stdin:
            source.close()


def object_in(where: str, line: str, needed: Sequence[str]) -> dict[str, Any]:
    """Read one line; `where` is how a fault names it. Raise BadLine."""
    try:
        value = json.loads(line)
    except ValueError:
        raise BadLine(f"{where}: 不是 JSON / not JSON") from None
    if not isinstance(value, dict):
        raise BadLine(f"{where}: 不是 JSON 对象 / not a JSON object")
    for name in needed:
        if not isinstance(value.get(name), str):
            raise BadLine(f"{where}: 缺少文字字段 {name} / {name} must be a text")
    return value
