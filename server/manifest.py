"""What recordings were when they were closed: a line each, in a file beside them.

`manifest.jsonl` is only ever appended to. Whoever holds a copy of it can show that a
recording is the one that was closed then: `sha256sum` of the file is its `sha256`.
"""

import hashlib
import json
import os
from datetime import UTC, datetime

NAME = "manifest.jsonl"
PIECE = 1 << 18
"""Octets read at once."""


def enter(path: str, seconds: float, trouble: str | None) -> str | None:
    """Add a closed file's line; return its SHA-256, None for a device. May raise OSError."""
    if not os.path.isfile(path):
        return None
    digest, octets = _sum(path)
    line = {
        "file": os.path.basename(path),
        "sha256": digest,
        "octets": octets,
        "seconds": round(seconds, 3),
        "closed_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "trouble": trouble,
    }
    _append(path, line)
    return digest


def strike(path: str, why: str) -> None:
    """Add the proof that a file was what it was, and goes. May raise OSError."""
    digest, octets = _sum(path)
    line = {
        "file": os.path.basename(path),
        "sha256": digest,
        "octets": octets,
        "purged_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "why": why,
    }
    _append(path, line)


def converted(original: str, target: str, seconds: float) -> None:
    """Add the line of a file that stands for another from here on. May raise OSError."""
    (before, _), (digest, octets) = _sum(original), _sum(target)
    line = {
        "file": os.path.basename(target),
        "sha256": digest,
        "octets": octets,
        "seconds": round(seconds, 3),
        "converted_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "from": os.path.basename(original),
        "from_sha256": before,
    }
    _append(target, line)


def _append(path: str, line: dict[str, object]) -> None:
    """Add a line to the manifest beside a file."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    number = os.open(os.path.join(os.path.dirname(path), NAME), flags, 0o640)
    try:
        os.write(
            number, json.dumps(line, ensure_ascii=False).encode() + b"\n"
        )  # whole, by O_APPEND
    finally:
        os.close(number)


def _sum(path: str) -> tuple[str, int]:
    digest, octets = hashlib.sha256(), 0
    with open(path, "rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            octets += len(piece)
    return digest.hexdigest(), octets
