"""The journal's files: made, claimed, found again and put away."""

import fcntl
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import structlog

LOG = structlog.get_logger(__name__)
SEGMENT_NAME = re.compile(r"(?P<number>[0-9]{8})\.jsonl")


class JournalInUse(Exception):
    """Two engines must not share a journal: each would delete what the other still writes."""


class SegmentFile(Protocol):
    """An open segment, to be appended to."""

    def write(self, line: bytes) -> int:
        """Append in one go; return how many octets the disk took."""

    def truncate(self, size: int) -> None:
        """Cut the file back to `size` octets."""

    def close(self) -> None:
        """Close it."""


class OnDisk:
    """A segment on a real disk."""

    def __init__(self, path: Path) -> None:
        """Make a new file; it must not exist yet."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, 0o600)

    def write(self, line: bytes) -> int:
        """Append in one go."""
        return os.write(self._descriptor, line)

    def truncate(self, size: int) -> None:
        """Cut the file back."""
        os.ftruncate(self._descriptor, size)

    def close(self) -> None:
        """Close it."""
        os.close(self._descriptor)


@dataclass(slots=True)
class Segment:
    """One file of the journal, and how far it has been stored."""

    path: Path
    size: int
    """Octets of whole lines; what a torn write left behind them is not ours."""
    lines: int
    read: int = 0
    """Octets that are stored."""
    damaged: bool = False


def claimed(folder: Path) -> IO[bytes]:
    """Keep every other process out of the folder; the claim ends with the process."""
    claim = (folder / "claim").open("wb")
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        claim.close()
        raise JournalInUse(f"another engine writes to {folder}") from None
    return claim


def left_behind(folder: Path) -> Iterator[Segment]:
    """Find the segments of earlier starts, oldest first; a torn last line is left out."""
    for path in sorted(folder.iterdir()):
        if SEGMENT_NAME.fullmatch(path.name):
            try:
                content = path.read_bytes()
            except OSError as error:
                LOG.error("journal_segment_unreadable", segment=path.name, error=str(error))
                continue
            yield Segment(path, content.rfind(b"\n") + 1, content.count(b"\n"))


def highest_number(folder: Path) -> int:
    """Return the highest number that a segment ever had here, put-aside ones included."""
    numbers = (SEGMENT_NAME.match(path.name) for path in folder.iterdir())
    return max((int(match["number"]) for match in numbers if match), default=0)


def put_away(segment: Segment) -> None:
    try:
        if segment.damaged:
            segment.path.rename(segment.path.with_suffix(".jsonl.damaged"))
            LOG.error("journal_segment_put_aside", segment=segment.path.name)
        else:
            segment.path.unlink(missing_ok=True)
    except OSError as error:  # found and passed over again at the next start
        LOG.warning("journal_segment_stays", segment=segment.path.name, error=str(error))
