"""Facts on disk at once; nothing lost by a kill, a torn line or a full disk."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from calls.events import Entered, Fact, KeyPressed
from calls.ids import CallId, NodeId
from calls.wire import to_text
from server.journal import Batch, Journal
from server.journal_files import JournalInUse, OnDisk

ROOT = Path(__file__).parents[3]


def fact(n: int) -> Fact:
    return Entered(CallId("c-1"), float(n), NodeId(f"节点{n}"))


def drain(journal: Journal, most: int = 200) -> list[tuple[str, int, Fact]]:
    """Store everything, as the database writer would."""
    found: list[tuple[str, int, Fact]] = []
    while (batch := journal.batch(most)) is not None:
        found += [(batch.boot, seq, each) for seq, each in batch.facts]
        journal.stored(batch)
    return found


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "claim")


class FullDisk:
    """A disk that can be filled up and emptied."""

    def __init__(self) -> None:
        self.room = 1_000_000
        self.gone = False
        self.refusals = 0

    def open(self, path: Path) -> "FullDiskFile":
        if self.gone:
            raise OSError(errno.EIO, "gone")
        return FullDiskFile(self, OnDisk(path))


class FullDiskFile:
    """A file on it: takes what fits, then refuses."""

    def __init__(self, disk: FullDisk, file: OnDisk) -> None:
        self._disk, self._file = disk, file

    def write(self, line: bytes) -> int:
        if self._disk.room == 0 or self._disk.gone:
            self._disk.refusals += 1
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = min(len(line), self._disk.room)
        self._disk.room -= taken
        return self._file.write(line[:taken])

    def truncate(self, size: int) -> None:
        if self._disk.gone:
            raise OSError(errno.EIO, "gone")
        self._file.truncate(size)

    def close(self) -> None:
        self._file.close()


def test_facts_come_back_in_order_with_their_numbers(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "b1")
    assert [journal.append(fact(n)) for n in range(1, 451)] == list(range(1, 451))
    assert journal.behind == 450
    assert drain(journal) == [("b1", n, fact(n)) for n in range(1, 451)]
    assert (journal.behind, journal.stored_upto) == (0, 450)
    journal.close()
    assert files(tmp_path) == []


def test_a_batch_comes_again_until_it_is_stored(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "b1")
    for n in range(5):
        journal.append(fact(n))
    first = journal.batch(3)
    assert first == journal.batch(3)
    assert first is not None
    journal.stored(first)
    second = journal.batch(3)
    assert second is not None
    assert [seq for seq, _ in second.facts] == [4, 5]


def test_what_an_earlier_start_left_comes_first_under_its_own_name(tmp_path: Path) -> None:
    before = Journal(tmp_path, "b1")
    for n in (1, 2, 3):
        before.append(fact(n))
    first = before.batch(1)
    assert first is not None
    before.stored(first)
    before.close()
    journal = Journal(tmp_path, "b2")
    assert (journal.behind, journal.replaying) == (3, True)
    journal.append(fact(9))
    expected = [("b1", 1, fact(1)), ("b1", 2, fact(2)), ("b1", 3, fact(3)), ("b2", 1, fact(9))]
    assert drain(journal) == expected
    assert not journal.replaying
    journal.close()
    assert files(tmp_path) == []


@pytest.mark.parametrize("tail", [b'{"boot":"b1","se', b"\xff\xfe", b'{"boot":"b1"}'])
def test_a_torn_last_line_is_as_if_it_never_was(tmp_path: Path, tail: bytes) -> None:
    before = Journal(tmp_path, "b1")
    before.append(fact(1))
    before.close()
    with (tmp_path / "00000001.jsonl").open("ab") as file:
        file.write(tail)
    journal = Journal(tmp_path, "b2")
    assert journal.behind == 1
    assert drain(journal) == [("b1", 1, fact(1))]
    assert journal.figures.unreadable == 0
    assert files(tmp_path) == []


def test_an_unreadable_line_is_passed_over_counted_and_its_segment_put_aside(
    tmp_path: Path,
) -> None:
    before = Journal(tmp_path, "b1")
    before.append(fact(1))
    before.close()
    with (tmp_path / "00000001.jsonl").open("ab") as file:
        file.write(b'not json\n{"boot":"b1","seq":2,"fact":{"fact":"OfTheFuture"}}\n')
    journal = Journal(tmp_path, "b2")
    journal.append(fact(5))
    assert journal.behind == 4
    assert drain(journal, most=1) == [("b1", 1, fact(1)), ("b2", 1, fact(5))]
    assert (journal.behind, journal.figures.unreadable) == (0, 2)
    journal.close()
    assert files(tmp_path) == ["00000001.jsonl.damaged"]
    assert Journal(tmp_path, "b3").append(fact(1)) == 1
    assert files(tmp_path) == ["00000001.jsonl.damaged", "00000002.jsonl"]


def test_segments_are_deleted_as_soon_as_they_are_stored(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "b1", segment_octets=1000)
    for n in range(100):
        journal.append(fact(n))
    many = len(files(tmp_path))
    assert many > 5
    for _ in range(5):
        batch = journal.batch(10)
        assert batch is not None
        journal.stored(batch)
    assert 1 < len(files(tmp_path)) < many
    drain(journal)
    assert len(files(tmp_path)) == 1


def test_a_full_disk_is_bridged_by_memory_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    disk = FullDisk()
    journal = Journal(tmp_path, "b1", open_segment=disk.open)
    journal.append(fact(1))
    disk.room = 30  # the next line tears
    for n in range(2, 8):
        journal.append(fact(n))
    assert (journal.figures.held, journal.behind) == (6, 7)
    assert (tmp_path / "00000001.jsonl").read_bytes().endswith(b"}\n")
    disk.room = 1_000_000
    journal.append(fact(8))
    assert (journal.figures.held, journal.behind) == (0, 8)
    assert drain(journal) == [("b1", n, fact(n)) for n in range(1, 9)]
    assert len((tmp_path / "00000001.jsonl").read_bytes().splitlines()) == 8


def test_facts_of_one_moment_are_written_whole_or_wait_together(tmp_path: Path) -> None:
    disk = FullDisk()
    journal = Journal(tmp_path, "b1", open_segment=disk.open)
    assert journal.append(fact(1), fact(2)) == 2
    disk.room = 150  # the first of the next lines would fit, the last tears
    assert journal.append(fact(3), fact(4), fact(5)) == 5
    assert (journal.figures.held, journal.behind) == (3, 5)
    assert len((tmp_path / "00000001.jsonl").read_bytes().splitlines()) == 2
    disk.room = 1_000_000
    journal.append(fact(6), fact(7))
    assert (journal.figures.appended, journal.figures.held, journal.behind) == (7, 0, 7)
    assert len((tmp_path / "00000001.jsonl").read_bytes().splitlines()) == 7
    assert drain(journal, 3) == [("b1", n, fact(n)) for n in range(1, 8)]


def test_the_database_gets_what_the_disk_refuses_straight_from_memory(tmp_path: Path) -> None:
    disk = FullDisk()
    journal = Journal(tmp_path, "b1", open_segment=disk.open)
    journal.append(fact(1))
    disk.room = 0
    journal.append(fact(2))
    assert drain(journal) == [("b1", 1, fact(1)), ("b1", 2, fact(2))]
    assert (journal.behind, journal.figures.held, journal.stored_upto) == (0, 0, 2)


def test_a_batch_from_memory_may_reach_the_disk_before_it_is_stored(tmp_path: Path) -> None:
    disk = FullDisk()
    disk.room = 0
    journal = Journal(tmp_path, "b1", open_segment=disk.open)
    journal.append(fact(1))
    batch = journal.batch()
    assert batch is not None
    disk.room = 1_000_000
    journal.append(fact(2))
    journal.stored(batch)
    assert drain(journal) == [("b1", 1, fact(1)), ("b1", 2, fact(2))]  # `keep` passes over 1
    assert journal.behind == 0


def test_a_disk_that_is_gone_altogether_gets_a_new_segment_when_it_returns(
    tmp_path: Path,
) -> None:
    disk = FullDisk()
    journal = Journal(tmp_path, "b1", open_segment=disk.open)
    journal.append(fact(1))
    disk.gone = True
    journal.append(fact(2))
    journal.append(fact(3))
    disk.gone = False
    journal.append(fact(4))
    assert [seq for _, seq, _ in drain(journal)] == [1, 2, 3, 4]
    journal.close()
    assert files(tmp_path) == []


def test_a_full_disk_does_not_fill_the_folder_with_empty_segments(tmp_path: Path) -> None:
    disk = FullDisk()
    disk.room = 0
    journal = Journal(tmp_path, "b1", open_segment=disk.open)
    for n in range(50):
        journal.append(fact(n))
    assert disk.refusals >= 50
    assert files(tmp_path) == ["00000001.jsonl"]


def test_when_memory_is_full_too_facts_are_dropped_and_counted(tmp_path: Path) -> None:
    disk = FullDisk()
    disk.room = 0
    journal = Journal(tmp_path, "b1", open_segment=disk.open, held_most=10)
    for n in range(25):
        journal.append(fact(n))
    assert (journal.figures.held, journal.figures.dropped, journal.behind) == (10, 15, 10)
    assert [seq for _, seq, _ in drain(journal)] == list(range(1, 11))


def test_a_refused_fact_is_put_where_a_person_finds_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "b1")
    journal.refuse("b1", 7, KeyPressed(CallId("c-1"), 1.0, "\ud800", True))
    assert b'"seq":7' in (tmp_path / "refused.jsonl").read_bytes()
    assert journal.figures.refused == 1


def test_half_a_surrogate_pair_from_a_peer_comes_back_as_it_was(tmp_path: Path) -> None:
    odd = KeyPressed(CallId("c-1"), 1.0, "\ud800\0\n", True)
    journal = Journal(tmp_path, "b1")
    journal.append(odd)
    assert drain(journal) == [("b1", 1, odd)]


def test_two_engines_cannot_share_a_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "b1")
    with pytest.raises(JournalInUse):
        Journal(tmp_path, "b2")
    journal.close()
    Journal(tmp_path, "b2").close()


WRITER = """
import sys
from pathlib import Path
from calls.events import Entered
from server.journal import Journal
journal = Journal(Path(sys.argv[1]), "killed")
for n in range(1, 1_000_000):
    journal.append(Entered("c-1", float(n), f"节点{n}"))
    print(n, flush=True)
"""


def test_kill_9_loses_nothing_that_was_appended(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert writer.stdout is not None
    said = [int(writer.stdout.readline()) for _ in range(300)]
    writer.send_signal(signal.SIGKILL)
    said += [
        int(line) for line in writer.stdout.read().splitlines(keepends=True) if line[-1:] == b"\n"
    ]
    writer.wait()
    writer.stdout.close()
    found = drain(Journal(tmp_path, "b2"))
    assert len(found) - said[-1] in (0, 1)  # the last may have been written and not yet said
    assert found == [("killed", n, fact(n)) for n in range(1, len(found) + 1)]


LIMITED = """
import resource, sys
from pathlib import Path
from calls.events import Entered
from server.journal import Journal
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
journal = Journal(Path(sys.argv[1]), "b1")
for n in range(1, 101):
    journal.append(Entered("c-1", float(n), f"节点{n}"))
assert journal.figures.held > 50, journal.figures
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.append(Entered("c-1", 101.0, "节点101"))
assert journal.figures.held == 0, journal.figures
"""


def test_a_real_limit_on_the_file_is_survived_as_well(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        timeout=30,
        capture_output=True,
    )
    assert drain(Journal(tmp_path, "b2")) == [("b1", n, fact(n)) for n in range(1, 102)]


def test_an_empty_batch_is_no_batch(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "b1")
    assert journal.batch() is None
    journal.stored(Batch("b1", (), 0, None, 0, 0))
    assert (journal.behind, journal.stored_upto) == (0, 0)


def test_what_memory_has_of_the_journal_is_what_the_disk_has(tmp_path: Path) -> None:
    disk = FullDisk()
    journal = Journal(tmp_path, "b1", open_segment=disk.open, segment_octets=400)
    for n in range(1, 8):
        journal.append(fact(n))
    disk.room = 0
    journal.append(fact(8))
    disk.room = 1_000_000
    for n in range(9, 20):
        journal.append(fact(n))
    remembered: list[tuple[int, str]] = []
    while (batch := journal.batch(3)) is not None:
        again = _lines_of(batch)
        assert batch.texts is None or [seq for seq, _ in again] == [s for s, _ in batch.facts]
        assert batch.texts is None or [text for _, text in again] == list(batch.texts)
        remembered += again
        journal.stored(batch)
    assert [seq for seq, _ in remembered] == list(range(1, 20))


def test_a_write_larger_than_a_batch_is_stored_in_parts_and_nothing_twice(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "b1")
    numbers = iter(range(1, 100))
    sizes = (1, 5, 2, 2, 1, 4, 3, 1, 1, 1)
    for size in sizes:
        journal.append(*(fact(next(numbers)) for _ in range(size)))
    stored: list[tuple[int, str]] = []
    while (batch := journal.batch(3)) is not None:
        assert len(batch.facts) == batch.lines <= 3
        again = _lines_of(batch)
        assert [to_text(fact) for _, fact in batch.facts] == [text for _, text in again]
        stored += again
        journal.stored(batch)
    assert [seq for seq, _ in stored] == list(range(1, 1 + sum(sizes)))
    assert journal.behind == 0


def _lines_of(batch: Batch) -> list[tuple[int, str]]:
    """Read a batch's lines from its segment."""
    assert batch.segment is not None
    lines = batch.segment.read_bytes()[: batch.upto].decode().splitlines()[-batch.lines :]
    values = [json.loads(line) for line in lines]
    encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    return [(each["seq"], encoded(each["fact"])) for each in values]
