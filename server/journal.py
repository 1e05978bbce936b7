"""The journal: every fact on disk at once, until the database has it.

A folder of segments, JSON lines each, written with one `os.write` for the facts of
one moment, so that `kill -9` loses nothing that was appended. (A power cut may lose what the
system had not written out yet.) The database writer takes batches from here,
oldest first, and says when they are stored; a segment that is stored is deleted.
"""

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

import structlog

from calls.events import Fact
from calls.wire import UnknownFact, from_json, to_text
from server.journal_files import (
    OnDisk,
    Segment,
    SegmentFile,
    claimed,
    highest_number,
    left_behind,
    put_away,
)

LOG = structlog.get_logger(__name__)
SEGMENT_OCTETS = 4 * 1024 * 1024
"""A segment that has grown to this is closed, and deleted once stored."""
HELD_MOST = 20_000
"""Facts kept in memory while the disk refuses them; about 10 MB."""
UTF8 = ("utf-8", "surrogatepass")
"""Half surrogate pairs, which a peer can send, are kept."""
RECENT_MOST = 2000
"""Writes to disk whose facts memory has too, so that they need not be read again."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Facts of one start of the engine, to be stored in one transaction."""

    boot: str
    facts: tuple[tuple[int, Fact], ...]
    lines: int
    """Lines that the batch took up, the unreadable included."""
    segment: Path | None
    """None for facts that only memory holds."""
    upto: int
    """Octet of the segment that the batch reaches to."""
    unreadable: int
    """Lines that are no fact of ours."""
    texts: tuple[str, ...] | None = None
    """The facts as JSON, where that is at hand."""


@dataclass(slots=True)
class Figures:
    """What the journal has been through."""

    appended: int = 0
    held: int = 0
    """Facts that only memory has, for the disk refuses them."""
    dropped: int = 0
    """Facts lost: the disk refused them, and memory was full too."""
    unreadable: int = 0
    refused: int = 0
    """Facts that the database can never take; they are in `refused.jsonl`."""


class _Written(NamedTuple):
    """What one write put on disk, as memory has it."""

    segment: Path
    start: int
    """Octet of the segment that its first line begins at."""
    end: int
    first: int
    """The number of its first fact."""
    facts: tuple[Fact, ...]
    texts: list[str]


@dataclass(slots=True)
class _Reading:
    """A batch while it is being read from a segment."""

    boot: str = ""
    facts: list[tuple[int, Fact]] = field(default_factory=list)
    lines: int = 0
    octets: int = 0
    unreadable: int = 0


class Journal:
    """A line of facts to the database that outlives the process.

    `append` is for the reactor thread, `batch`, `stored` and `refuse` for one
    other thread. When the disk refuses a fact, memory holds it and the facts
    after it, in order and up to `held_most`, until the disk or the database
    takes them; beyond that they are dropped, counted and loudly logged.
    """

    def __init__(
        self,
        folder: Path,
        boot: str,
        *,
        open_segment: Callable[[Path], SegmentFile] = OnDisk,
        segment_octets: int = SEGMENT_OCTETS,
        held_most: int = HELD_MOST,
    ) -> None:
        """Find what earlier starts left in `folder`; `boot` names this one and is new."""
        self.boot, self._head = boot, _head(boot)
        self.figures = Figures()
        self._folder = folder
        self._open_segment = open_segment
        self._segment_octets = segment_octets
        self._held_most = held_most
        self._lock = threading.Lock()
        self._seq = 0
        self._stored_seq = 0
        self._held: deque[tuple[int, bytes, Fact]] = deque()
        self._recent: deque[_Written] = deque(maxlen=RECENT_MOST)
        self._file: SegmentFile | None = None
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._claim = claimed(folder)
        self._segments = deque(left_behind(folder))
        self._left_behind = {segment.path for segment in self._segments}
        self._number = highest_number(folder)
        self._waiting_lines = sum(segment.lines for segment in self._segments)

    # The reactor thread's side.

    def append(self, *facts: Fact) -> int:
        """Write facts down, all at once; return the number of the last in this start's journal."""
        texts = [to_text(fact) for fact in facts]
        with self._lock:
            first = self._seq + 1
            lines = [
                f'{self._head}{seq},"fact":{text}}}\n'.encode(*UTF8)
                for seq, text in enumerate(texts, first)
            ]
            self._seq += len(facts)
            self.figures.appended += len(facts)
            if self._settle_held() and self._write(b"".join(lines), len(lines)):
                written = self._segments[-1]
                start = written.size - sum(map(len, lines))
                what = _Written(written.path, start, written.size, first, facts, texts)
                self._recent.append(what)  # so that it need not be read again
            else:
                for seq, line, fact in zip(count(first), lines, facts, strict=False):
                    self._hold(seq, line, fact)
            return self._seq

    @property
    def behind(self) -> int:
        """How many facts the database does not have yet."""
        with self._lock:
            return self._waiting_lines + len(self._held)

    @property
    def replaying(self) -> bool:
        """Whether facts of earlier starts are still to be stored."""
        with self._lock:
            return any(
                segment.path in self._left_behind and segment.read < segment.size
                for segment in self._segments
            )

    @property
    def stored_upto(self) -> int:
        """The number of the last fact of this start that the database has."""
        return self._stored_seq

    def close(self) -> None:
        """Stop writing; what is not stored yet is found at the next start."""
        with self._lock:
            self._settle_held()
            if self._held:
                LOG.error("journal_lost_at_close", facts=len(self._held))
            self._close_file()
            self._sweep()
            self._claim.close()

    # The database writer's side.

    def batch(self, most: int = 200) -> Batch | None:
        """Return the oldest facts that are not stored; None if all are.

        Facts of earlier starts come first. The same batch comes again until it is stored.
        """
        with self._lock:
            self._settle_held()
            self._sweep()
            segment = next((s for s in self._segments if s.read < s.size), None)
            if segment is None:
                return self._held_batch(most)
            remembered = self._remembered(segment, most)
            if remembered is not None:
                return remembered
            path, start, size = segment.path, segment.read, segment.size
        found = self._read(path, start, size, most)
        return Batch(
            found.boot,
            tuple(found.facts),
            found.lines,
            path,
            start + found.octets,
            found.unreadable,
        )

    def _remembered(self, segment: Segment, most: int) -> Batch | None:
        """Return what is to be read next, if memory has it too."""
        recent = self._recent
        while recent and recent[0].first + len(recent[0].facts) - 1 <= self._stored_seq:
            recent.popleft()
        found, many, end = list[_Written](), 0, segment.read
        for written in recent:
            if (written.segment, written.start) != (segment.path, end):
                break  # what memory held meanwhile lies between, or a part of it was read
            if many + len(written.facts) > most:
                break
            many, end = many + len(written.facts), written.end
            found.append(written)
        if not found:
            return None
        facts = chain.from_iterable(enumerate(written.facts, written.first) for written in found)
        texts = chain.from_iterable(written.texts for written in found)
        return Batch(self.boot, tuple(facts), many, segment.path, end, 0, tuple(texts))

    def stored(self, batch: Batch) -> None:
        """Take note that the database has a batch, and delete what is no longer needed."""
        with self._lock:
            if batch.boot == self.boot and batch.facts:
                self._stored_seq = max(self._stored_seq, batch.facts[-1][0])
            if batch.segment is None:
                self._drop_stored_held()
                return
            for segment in self._segments:
                if segment.path == batch.segment:
                    segment.read = batch.upto
                    segment.damaged |= batch.unreadable > 0
            if batch.unreadable:
                self.figures.unreadable += batch.unreadable
                LOG.error("journal_lines_unreadable", lines=batch.unreadable)
            self._waiting_lines -= batch.lines
            self._sweep()

    def refuse(self, boot: str, seq: int, fact: Fact) -> None:
        """Put aside a fact that the database can never take, for a person to look at."""
        self.figures.refused += 1
        line = f'{_head(boot)}{seq},"fact":{to_text(fact)}}}\n'.encode(*UTF8)
        with (self._folder / "refused.jsonl").open("ab") as file:
            file.write(line)

    # Writing.

    def _write(self, lines: bytes, number: int = 1) -> bool:
        """Append lines to the present segment, whole or not at all."""
        try:
            segment = self._present()
            assert self._file is not None
            written = self._file.write(lines)
            if written != len(lines):
                raise OSError("the disk took only a part of it")
        except OSError as error:
            self._say_refused(error)
            self._mend()
            return False
        segment.size += written
        segment.lines += number
        self._waiting_lines += number
        return True

    def _present(self) -> Segment:
        """Return the segment that is written to; begin one if needed."""
        if self._file is not None and self._segments[-1].size >= self._segment_octets:
            self._close_file()
        if self._file is None:
            self._number += 1
            path = self._folder / f"{self._number:08d}.jsonl"
            self._file = self._open_segment(path)
            self._segments.append(Segment(path, 0, 0))
        return self._segments[-1]

    def _mend(self) -> None:
        """Take away what a write left behind that was cut short; else begin a new segment."""
        if self._file is None:
            return
        try:
            self._file.truncate(self._segments[-1].size)
        except OSError:
            self._close_file()

    def _close_file(self) -> None:
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:
                LOG.warning("journal_close_failed", error=str(error))
            self._file = None

    # Holding in memory.

    def _hold(self, seq: int, line: bytes, fact: Fact) -> None:
        if len(self._held) >= self._held_most:
            self.figures.dropped += 1
            if self.figures.dropped & (self.figures.dropped - 1) == 0:  # 1, 2, 4, 8 …
                LOG.critical("journal_dropped_facts", dropped=self.figures.dropped)
            return
        self._held.append((seq, line, fact))
        self.figures.held = len(self._held)

    def _settle_held(self) -> bool:
        """Write what memory holds, oldest first; return whether nothing is held any more."""
        if not self._held:
            return True
        while self._held and self._write(self._held[0][1]):
            self._held.popleft()
        self.figures.held = len(self._held)
        if not self._held:
            LOG.warning("journal_writes_again")
        return not self._held

    def _held_batch(self, most: int) -> Batch | None:
        """Give the database directly what the disk will not take."""
        facts = tuple((seq, fact) for seq, _, fact in list(self._held)[:most])
        return Batch(self.boot, facts, 0, None, 0, 0) if facts else None

    def _drop_stored_held(self) -> None:
        while self._held and self._held[0][0] <= self._stored_seq:
            self._held.popleft()
        self.figures.held = len(self._held)

    def _say_refused(self, error: OSError) -> None:
        if not self._held:
            LOG.error("journal_disk_refuses", error=str(error), folder=str(self._folder))

    # Reading.

    def _read(self, path: Path, start: int, size: int, most: int) -> _Reading:
        """Read lines from octet `start`: facts of one boot, at most `most` lines."""
        found = _Reading()
        with path.open("rb") as file:
            file.seek(start)
            while found.lines < most and start + found.octets < size:
                line = file.readline()
                if not line:
                    raise OSError(f"{path.name} is shorter than it was")
                if not self._take(line, found):
                    break
        return found

    def _take(self, line: bytes, found: _Reading) -> bool:
        """Add a line to a batch; False if it belongs to the next one."""
        try:
            boot, seq, fact = _parsed(line)
        except (UnknownFact, ValueError, KeyError, TypeError):
            found.unreadable += 1
        else:
            if found.boot not in ("", boot):
                return False
            found.boot = boot
            found.facts.append((seq, fact))
        found.lines += 1
        found.octets += len(line)
        return True

    def _sweep(self) -> None:
        """Delete segments that are stored; those with unreadable lines are kept aside."""
        while self._segments and self._segments[0].read >= self._segments[0].size:
            segment = self._segments[0]
            if self._file is not None and len(self._segments) == 1:
                return
            self._segments.popleft()
            put_away(segment)


def _head(boot: str) -> str:
    """Return how each line of one start begins, up to the number of the fact."""
    return f'{{"boot":{json.dumps(boot)},"seq":'


def _parsed(line: bytes) -> tuple[str, int, Fact]:
    values = json.loads(line.decode(*UTF8))
    return str(values["boot"]), int(values["seq"]), from_json(values["fact"])
