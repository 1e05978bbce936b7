"""Recordings go when their time is over, each lane by its own days, and a proof stays."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import StaticPool, create_engine
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred, fail, succeed

from calls.events import Arrived, Ended, Fact, Queued, RecordingStarted, RecordingStopped
from calls.ids import CallId, LaneId
from calls.reasons import Reason
from server.retention import DAY, Purge, Retention
from storage import recordings, schema, unit_of_work
from storage.engines import prepare_sqlite

NOW = 1_790_000_000.0
RULES = Retention(180, {LaneId("counselling"): 30, LaneId("medical"): 365})


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    prepare_sqlite(engine, writes=True)
    schema.upgrade(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


class City:
    """A folder of recordings and the books about them."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session, self.folder, self.seq = session, folder, 0
        folder.mkdir()

    def call(self, number: int, days: float, lane: str | None, *, over: bool = True) -> Path:
        """Keep a call that was recorded some days ago."""
        call, at = CallId(f"c-{number:016x}"), NOW - days * DAY
        facts: list[Fact] = [
            Arrived(call, at, "1", "12345", "127.0.0.1:5060", f"{number}@x"),
            RecordingStarted(call, at, f"{call}.wav"),
        ]
        if lane is not None:
            facts.append(Queued(call, at + 1, LaneId(lane)))
        facts.append(RecordingStopped(call, at + 9, f"{call}.wav", 8.0, None))
        if over:
            facts.append(Ended(call, at + 9, "caller", Reason.COMPLETED))
        numbered = list(enumerate(facts, self.seq + 1))
        self.seq += len(facts)
        unit_of_work.keep(self.session, "boot", numbered)
        path = self.folder / f"{call}.wav"
        path.write_bytes(b"RIFF" + bytes([number]) * 100)
        return path

    def purge(self, in_thread: Callable[..., "Deferred[object]"] | None = None) -> None:
        def books(question: Callable[[Session], object]) -> "Deferred[object]":
            return succeed(question(self.session))

        run = in_thread or (lambda work: succeed(work()))
        Purge(lambda: NOW, self.folder, RULES, (books, books), run).look()

    def proofs(self) -> list[dict[str, object]]:
        manifest = self.folder / "manifest.jsonl"
        return (
            [json.loads(x) for x in manifest.read_text().splitlines()] if manifest.exists() else []
        )


@pytest.fixture
def city(session: Session, tmp_path: Path) -> City:
    return City(session, tmp_path / "recordings")


def test_each_lane_keeps_its_recordings_for_its_own_days(city: City) -> None:
    kept = [
        city.call(1, 179, "general"),
        city.call(2, 29, "counselling"),
        city.call(3, 364, "medical"),
        city.call(4, 179, None),
    ]
    gone = [
        city.call(5, 181, "general"),
        city.call(6, 31, "counselling"),
        city.call(7, 366, "medical"),
        city.call(8, 181, None),
    ]
    city.purge()
    assert [path.exists() for path in kept] == [True] * 4
    assert [path.exists() for path in gone] == [False] * 4
    assert {proof["file"] for proof in city.proofs()} == {path.name for path in gone}


def test_the_proof_says_what_the_file_was_and_the_row_that_it_is_gone(city: City) -> None:
    path = city.call(1, 200, "general")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    city.purge()
    (proof,) = city.proofs()
    assert (proof["sha256"], proof["octets"], proof["why"]) == (digest, 104, "retention")
    (row,) = recordings.of_call(city.session, CallId(f"c-{1:016x}"))
    assert (row.trouble, row.seconds) == (recordings.PURGED, 8.0)
    city.purge()
    assert len(city.proofs()) == 1, "once"


def test_a_call_that_is_not_over_is_left_alone(city: City) -> None:
    path = city.call(1, 400, "general", over=False)
    city.purge()
    assert path.exists()


def test_a_file_that_is_missing_already_is_written_down_without_a_proof(city: City) -> None:
    city.call(1, 200, "general").unlink()
    city.purge()
    assert city.proofs() == []
    (row,) = recordings.of_call(city.session, CallId(f"c-{1:016x}"))
    assert row.trouble == recordings.PURGED


def test_what_could_not_be_done_is_tried_again(city: City) -> None:
    path = city.call(1, 200, "general")
    city.purge(in_thread=lambda work: fail(OSError("no thread")))
    assert path.exists()
    city.purge()
    assert not path.exists()
