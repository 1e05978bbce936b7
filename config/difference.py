"""What two versions of a site's folder differ in, in words for the people who publish them."""

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from config.document import KeyPath, dotted, read_document
from config.values import shown

MISSING = object()


def differences(old: Path, new: Path) -> list[str]:
    """Return every difference, a line each, in the order of files and keys."""
    names = sorted({*files_of(old), *files_of(new)})
    return [line for name in names for line in _file(name, old, new)]


def files_of(folder: Path) -> list[str]:
    """Return the names of the files that make up a site, below its folder."""
    patterns = ("*.yaml", "flows/*.yaml", "tests/*.yaml", "prompts/*/*.wav", "prompts/*/texts.yaml")
    found = (path for pattern in patterns for path in folder.glob(pattern))
    return sorted(path.relative_to(folder).as_posix() for path in found)


def _file(name: str, old: Path, new: Path) -> Iterator[str]:
    before, after = old / name, new / name
    if not before.exists():
        yield f"新增 added: {name}"
    elif not after.exists():
        yield f"删除 removed: {name}"
    elif before.read_bytes() == after.read_bytes():
        return
    elif name.endswith(".wav"):
        lengths = f"{_seconds(before):.1f} s → {_seconds(after):.1f} s"
        yield f"换录音 recorded anew: {name} ({lengths})"
    else:
        changes = list(_values(name, old, new))
        yield from changes or [f"只改注释或格式 comments or layout only: {name}"]


def _values(name: str, old: Path, new: Path) -> Iterator[str]:
    before, after = read_document(old, name).value, read_document(new, name).value
    for path, was, becomes in _compared((), before, after):
        where = f"{name} {dotted(path)}"
        if was is MISSING:
            yield f"新增 added: {where}{_worth(becomes)}"
        elif becomes is MISSING:
            yield f"删除 removed: {where}{_worth(was)}"
        else:
            yield f"改 changed: {where}: {_said(was)} → {_said(becomes)}"


def _compared(path: KeyPath, was: Any, becomes: Any) -> Iterator[tuple[KeyPath, Any, Any]]:
    """Go down as far as both sides are settings; name what differs there."""
    if isinstance(was, dict) and isinstance(becomes, dict):
        for key in [*was, *(key for key in becomes if key not in was)]:
            at = (*path, key)
            yield from _compared(at, was.get(key, MISSING), becomes.get(key, MISSING))
    elif was != becomes:
        yield path, was, becomes


def _worth(value: Any) -> str:
    """Say a value that is short; a whole entry is named and not repeated."""
    return "" if isinstance(value, dict) else f" {_said(value)}"


def _said(value: Any) -> str:
    if isinstance(value, tuple) and all(not isinstance(one, dict | tuple) for one in value):
        text = "[" + ", ".join(str(one) for one in value) + "]"
        return text if len(text) <= 80 else f"{text[:79]}…"
    return shown(value)


def _seconds(path: Path) -> float:
    with wave.open(str(path), "rb") as sound:
        return sound.getnframes() / sound.getframerate()
