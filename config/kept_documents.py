"""What was read of sound files, kept as JSON: the next start has it without reading YAML.

A file is named by what it was made of, the text and the way of reading it, so that one that is
there is never wrong; whatever cannot be used is read as if it were not there.
"""

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

Places = dict[tuple[str | int, ...], tuple[int, int]]
MOST = 100
"""Files kept; the oldest go. A site has some fifteen, and each version those that changed."""


def find(folder: Path, text: str) -> tuple[Any, Places] | None:
    """Return the value of a text, and the line and column of each part; None if not kept."""
    try:
        kept = json.loads((folder / _name(text)).read_text("utf-8"))
        places = {tuple(path): (line, column) for path, line, column in kept["places"]}
        return _tuples(kept["value"]), places
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(folder: Path, text: str, value: Any, places: Places) -> bool:
    """Keep what a text holds; False if the disk refuses, and the next start is slower."""
    listed = [[path, line, column] for path, (line, column) in places.items()]
    path = folder / _name(text)
    fresh = path.with_suffix(".new")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps({"value": value, "places": listed}), "utf-8")
        fresh.replace(path)
        old = sorted(folder.glob("*.json"), key=lambda one: one.stat().st_mtime)[:-MOST]
        for one in old:
            one.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _name(text: str) -> str:
    return sha256(_way() + text.encode("utf-8", "surrogatepass")).hexdigest() + ".json"


@cache
def _way() -> bytes:
    """Tell ways of reading apart: another version of this house may read a text otherwise."""
    return sha256(Path(__file__).with_name("yaml_reading.py").read_bytes()).digest()


def _tuples(value: Any) -> Any:
    match value:
        case list():
            return tuple(_tuples(item) for item in value)
        case dict():
            return {key: _tuples(item) for key, item in value.items()}
        case _:
            return value
