"""The writer thread against real databases: locked, gone, killed; PostgreSQL if there is one."""

import os
import signal
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from calls.events import Arrived, Drafted, Ended, Entered, Heard
from calls.ids import AgentId, CallId, NodeId
from calls.reasons import Reason
from server.database import Stopped
from server.journal import Journal
from storage import call_details, unit_of_work, work_orders
from storage.schema import NewerDatabase
from storage.tables import FactRow
from tests.helpers.database_house import House, count_facts, url_in

ROOT = Path(__file__).parents[2]
T = TypeVar("T")
CALL = CallId("c-1")


def _drop_everything(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Both databases; PostgreSQL only where HOTLINE_TEST_DATABASE names one to be emptied."""
    if request.param == "sqlite":
        return url_in(tmp_path)
    given = os.environ.get("HOTLINE_TEST_DATABASE")
    if not given:
        pytest.skip("HOTLINE_TEST_DATABASE names no PostgreSQL")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    name = make_url(given).database or ""
    assert "test" in name, "the database's name must say that it is for tests: it is emptied"
    _drop_everything(given)
    return given


@pytest.fixture
def house(tmp_path: Path, url: str) -> Iterator[House]:
    house = House(tmp_path, url, f"boot-{uuid.uuid4().hex}").start()
    yield house
    house.stop()


def arrived(call: CallId = CALL, at: float = 1.0) -> Arrived:
    return Arrived(call, at, "13800138000", "12345", "127.0.0.1:5070", "x")


def entered(n: int, call: CallId = CALL) -> Entered:
    return Entered(call, float(n), NodeId(f"n{n}"))


def test_facts_reach_the_tables_and_the_journal_is_emptied(house: House) -> None:
    for each in (arrived(), entered(2), Ended(CALL, 3.0, "caller", Reason.COMPLETED)):
        house.database.keep(each)
    house.settle()
    whole = house.reactor.result(house.database.ask(lambda s: call_details.whole(s, CALL)))
    assert whole is not None
    assert whole.call.record.path == ("n2",)
    assert whole.call.record.reason is Reason.COMPLETED
    assert house.database.figures()["ok"] is True
    assert house.database.stored_upto == 3


def test_ten_thousand_facts_are_stored_in_batches_and_in_order(house: House) -> None:
    house.database.keep(arrived())
    for n in range(2, 10_001):
        house.database.keep(Heard(CALL, float(n), "citizen", "zh", n, n + 1, f"第{n}句", 0.5))
    assert house.database.behind == 10_000
    house.reactor.until(lambda: house.database.behind == 0, limit=60)
    assert house.count() == 10_000
    order = house.reactor.result(
        house.database.ask(lambda s: list(s.scalars(select(FactRow.seq).order_by(FactRow.id))))
    )
    assert order == list(range(1, 10_001))


def test_a_change_is_durable_when_its_deferred_fires_and_fails_in_the_open(house: House) -> None:
    house.database.keep(arrived())
    house.database.keep(Drafted(CALL, 2.0, {"title": {"value": "a"}}))
    house.settle()
    right = work_orders.Correction(CALL, 1, {"title": "b"}, AgentId("1001"), 3.0)
    kept = house.reactor.result(house.database.change(lambda s: work_orders.correct(s, right)))
    assert kept.version == 2
    with pytest.raises(work_orders.OutOfDate):
        house.reactor.result(house.database.change(lambda s: work_orders.correct(s, right)))


def test_a_fact_that_no_database_takes_is_put_aside_and_the_others_go_on(
    house: House, tmp_path: Path
) -> None:
    house.database.keep(arrived())
    nowhere: Any = None
    house.database.keep(Heard(CALL, 2.0, "citizen", "zh", nowhere, 1.0, "停水", 0.5))
    house.database.keep(entered(3))
    house.settle()
    found = house.reactor.result(house.database.ask(lambda s: call_details.whole(s, CALL)))
    assert found is not None
    assert found.call.record.path == ("n3",)
    assert house.database.figures()["refused"] == 1
    assert house.database.stored_upto == 3
    assert "停水" in (tmp_path / "journal" / "refused.jsonl").read_text("utf-8")


def test_a_projection_that_breaks_on_one_fact_does_not_stop_the_line(
    house: House, tmp_path: Path
) -> None:
    house.database.keep(arrived())
    word: Any = "not a word"
    house.database.keep(Heard(CALL, 2.0, "citizen", "zh", 0.0, 1.0, "停水", 0.5, (word,)))
    house.database.keep(entered(3))
    house.settle()
    assert (house.database.figures()["refused"], house.count()) == (1, 2)


@pytest.fixture
def sqlite_house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path, url_in(tmp_path), "b1").start()
    yield house
    house.stop()


def test_a_locked_database_is_waited_for_and_nothing_is_lost(
    sqlite_house: House, tmp_path: Path
) -> None:
    house = sqlite_house
    house.database.keep(arrived())
    house.settle()
    other = sqlite3.connect(tmp_path / "hotline.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    for n in range(2, 500):
        house.database.keep(entered(n))
    house.reactor.until(lambda: house.database.trouble)
    assert "locked" in str(house.database.trouble)
    assert house.database.behind == 498
    assert house.count() == 1, "readers are not held up"
    house.database.keep(entered(500))
    assert house.database.behind == 499
    with pytest.raises(OperationalError, match="locked"):
        house.reactor.result(house.database.change(count_facts))
    other.execute("ROLLBACK")
    other.close()
    house.settle()
    assert house.count() == 500
    house.reactor.until(lambda: house.database.trouble is None)


def test_attempts_come_ever_less_often_up_to_the_limit(sqlite_house: House, tmp_path: Path) -> None:
    house = sqlite_house
    other = sqlite3.connect(tmp_path / "hotline.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    house.database.keep(arrived())
    waits: list[float] = []
    for _ in range(9):
        house.reactor.until(lambda: not house.reactor.getDelayedCalls())
        house.reactor.until(house.reactor.getDelayedCalls)
        call = house.reactor.getDelayedCalls()[0]
        waits.append(round(call.getTime() - house.reactor.seconds(), 1))
        house.reactor.advance(call.getTime() - house.reactor.seconds())
    other.execute("ROLLBACK")
    other.close()
    assert waits == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    house.settle()


def test_a_database_that_is_not_there_at_the_start_is_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "mounted"
    house = House(tmp_path, url_in(folder), "b1")
    ready = house.database.start()
    house.database.keep(arrived())
    house.reactor.until(lambda: house.database.trouble)
    assert not ready.called
    assert house.database.behind == 1
    folder.mkdir(parents=True)
    house.reactor.result(ready)
    house.settle()
    assert house.count() == 1
    house.stop()


def test_what_could_not_be_stored_before_the_stop_is_stored_at_the_next_start(
    tmp_path: Path,
) -> None:
    house = House(tmp_path, url_in(tmp_path), "b1").start()
    other = sqlite3.connect(tmp_path / "hotline.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    house.database.keep(arrived())
    house.stop()
    other.execute("ROLLBACK")
    other.close()
    again = House(tmp_path, url_in(tmp_path), "b2")
    again.database.keep(entered(5))
    again.start()
    opened = again.reactor.result(again.database.ask(call_details.open_calls))
    assert opened == (CALL,)
    again.settle()
    assert again.count() == 2
    again.stop()
    assert [path.name for path in (tmp_path / "journal").iterdir()] == ["claim"]


def test_stopping_stores_what_is_there_and_then_refuses_politely(tmp_path: Path) -> None:
    house = House(tmp_path, url_in(tmp_path), "b1").start()
    for n in range(1000):
        house.database.keep(entered(n))
    house.stop()
    assert house.database.behind == 0
    with pytest.raises(Stopped):
        house.reactor.result(house.database.ask(count_facts))


def test_a_database_that_was_never_started_can_be_stopped(tmp_path: Path) -> None:
    house = House(tmp_path, url_in(tmp_path), "b1")
    house.database.keep(arrived())
    house.stop()
    assert Journal(tmp_path / "journal", "b2").behind == 1


def test_a_newer_database_is_said_at_the_start(tmp_path: Path) -> None:
    House(tmp_path, url_in(tmp_path), "b1").start().stop()
    with sqlite3.connect(tmp_path / "hotline.db") as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    house = House(tmp_path, url_in(tmp_path), "b2")
    with pytest.raises(NewerDatabase):
        house.start()
    house.stop()


KILLED = """
import sys
from pathlib import Path
from calls.events import Arrived, Entered
from server.journal import Journal
from storage import schema, unit_of_work
from storage.engines import connect
from sqlalchemy.orm import Session
engines = connect(sys.argv[2], busy_timeout=5)
schema.upgrade(engines.writing)
journal = Journal(Path(sys.argv[1]), "killed")
journal.append(Arrived("c-1", 1.0, "13800138000", "12345", "x", "y"))
for n in range(2, 100_000):
    journal.append(Entered("c-1", float(n), f"n{n}"))
    print(n, flush=True)
    if n % 20 == 0:
        batch = journal.batch(20)
        with Session(engines.writing) as session, session.begin():
            unit_of_work.keep(session, batch.boot, batch.facts)
        if n % 60:  # now and then it dies between the commit and the journal's word
            journal.stored(batch)
"""


def test_kill_9_in_the_middle_and_two_replays_leave_every_fact_once(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path / "journal"), url_in(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert writer.stdout is not None
    for _ in range(250):
        writer.stdout.readline()
    writer.send_signal(signal.SIGKILL)
    said = [int(n) for n in writer.stdout.read().split(b"\n")[:-1]]
    writer.wait()
    writer.stdout.close()
    last = said[-1] if said else 251
    segments = {path: path.read_bytes() for path in (tmp_path / "journal").glob("*.jsonl")}
    for boot in ("b2", "b3"):
        house = House(tmp_path, url_in(tmp_path), boot).start()
        seqs = house.reactor.result(
            house.database.ask(lambda s: list(s.scalars(select(FactRow.seq).order_by(FactRow.id))))
        )
        assert seqs == list(range(1, len(seqs) + 1))
        assert len(seqs) - last in (0, 1)
        house.stop()
        for path, content in segments.items():  # the same journal once more
            path.write_bytes(content)


def test_keeping_is_undone_as_a_whole_when_it_fails_in_the_middle(sqlite_house: House) -> None:
    def half(session: Session) -> None:
        unit_of_work.keep(session, "other", [(1, arrived()), (2, entered(2))])
        raise KeyError("the power went")

    with pytest.raises(KeyError):
        sqlite_house.reactor.result(sqlite_house.database.change(half))
    assert sqlite_house.count() == 0
    seq = sqlite_house.database.ask(lambda s: unit_of_work.kept_upto(s, "other"))
    assert sqlite_house.reactor.result(seq) == 0


def test_a_reader_cannot_write(sqlite_house: House) -> None:
    job = sqlite_house.database.ask(lambda s: unit_of_work.keep(s, "b", [(1, arrived())]))
    with pytest.raises(OperationalError, match="readonly"):
        sqlite_house.reactor.result(job)
