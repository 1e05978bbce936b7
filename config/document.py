"""One YAML file: plain values, and the line and column of each.

YAML 1.2 without anchors, aliases and tags of its own. Keys are always text, so that
`12345:` and `0:` need no quotes; lists are tuples.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from config import kept_documents
from config.faults import Fault, Severity

KeyPath = tuple[str | int, ...]
Place = tuple[int, int]
"""Line and column, counted from 1."""

LARGEST = 2_000_000
"""Octets of a file that is read at all."""


@dataclass(slots=True)
class Document:
    """One file as read. Without a value when it could not be read; `faults` then says why."""

    name: str
    value: Any = None
    places: dict[KeyPath, Place] = field(default_factory=dict)
    """Of the key, or of the item in a list."""
    faults: list[Fault] = field(default_factory=list)
    damaged: set[KeyPath] = field(default_factory=set)
    """Where what was written is not YAML of ours; more is not said of it."""

    def place(self, path: KeyPath) -> Place:
        """Return where a setting stands, or where it is missing from."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def blame(
        self,
        path: KeyPath,
        zh: str,
        en: str,
        code: str = "setting-value",
        severity: Severity = "error",
    ) -> None:
        """Add a fault at the place of a setting."""
        if path in self.damaged:
            return
        line, column = self.place(path)
        fault = Fault(self.name, line, column, dotted(path), zh, en, code, severity)
        self.faults.append(fault)

    def blame_missing(self, path: KeyPath, name: str, known: Iterable[str], file: str) -> None:
        """Say that what a setting names is not there, and what is."""
        listed = sorted(known)
        zh = "、".join(listed[:20]) or "（空）"
        en = ", ".join(listed[:20]) or "nothing"
        self.blame(
            path,
            f"“{name}”不存在；{file} 里有：{zh}",
            f"{name!r} does not exist; {file} has: {en}",
            "name-unknown",
        )


def dotted(path: KeyPath) -> str:
    """Write a path as people do: `agents.1001.skills[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def read_document(folder: Path, name: str, kept: Path | None = None) -> Document:
    """Read one file below the site's folder; whatever it holds, this returns.

    In the folder `kept` what was read of sound files is kept for the next start.
    """
    document = Document(name)
    text = _text(folder / name, document)
    if text is None:
        return document
    read = _read(name, text, kept)
    document.value, document.damaged = read.value, set(read.damaged)
    document.places, document.faults = dict(read.places), list(read.faults)
    return document


@lru_cache(maxsize=32)
def _read(name: str, text: str, kept: Path | None) -> Document:
    """Read a text, once while it stays the same; nobody changes what is returned.

    Checking, advising and publishing read the same files, and YAML is the slow part of each.
    """
    document = Document(name)
    found = None if kept is None else kept_documents.find(kept, text)
    if found is not None:
        document.value, document.places = found
        return document
    from config import yaml_reading  # noqa: PLC0415  a start finds what the last one kept

    yaml_reading.read_into(document, text)
    if kept is not None and not document.faults and not document.damaged:
        kept_documents.keep(kept, text, document.value, document.places)
    return document


def _text(path: Path, document: Document) -> str | None:
    try:
        octets = path.read_bytes()
    except FileNotFoundError:
        document.blame((), "找不到这个文件", "this file is missing", "file-missing")
        return None
    except OSError as error:
        document.blame((), f"文件无法读取：{error.strerror}", f"cannot be read: {error.strerror}")
        return None
    if len(octets) > LARGEST:
        document.blame((), f"文件超过 {LARGEST} 字节", f"is larger than {LARGEST} octets")
        return None
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _blame_encoding(document, octets, error)
        return None


def _blame_encoding(document: Document, octets: bytes, error: UnicodeDecodeError) -> None:
    before = octets[: error.start].decode("utf-8")
    document.places[()] = before.count("\n") + 1, len(before) - before.rfind("\n")
    try:
        octets.decode("gb18030")
        looks = "UTF-16" if octets[:2] in (b"\xff\xfe", b"\xfe\xff") else "GBK"
    except UnicodeDecodeError:
        looks = "UTF-16" if octets[:2] in (b"\xff\xfe", b"\xfe\xff") else "?"
    document.blame(
        (),
        f"文件不是 UTF-8 编码（像是 {looks}）；请用 UTF-8 另存",
        f"is not UTF-8 (it looks like {looks}); save it as UTF-8",
        "file-encoding",
    )
