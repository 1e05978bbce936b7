"""When facts get into the tables: together if nobody looks, sooner for whoever asks."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from calls.events import Arrived, Drafted, Entered
from calls.ids import AgentId, CallId, NodeId
from server.database import DatabaseSettings
from storage import work_orders
from tests.helpers.database_house import House, count_facts, url_in

CALL = CallId("c-1")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings = DatabaseSettings(asking=1000.0)  # of a reactor whose time flies
    house = House(tmp_path, url_in(tmp_path), "b1", settings).start()
    yield house
    house.stop()


def arrived() -> Arrived:
    return Arrived(CALL, 1.0, "13800138000", "12345", "127.0.0.1:5070", "x")


def entered(n: int) -> Entered:
    return Entered(CALL, float(n), NodeId(f"n{n}"))


def test_facts_that_nobody_asks_for_wait_for_more_and_are_stored_together(house: House) -> None:
    house.database.keep(arrived())
    house.reactor.advance(1.0)
    house.database.keep(entered(2))
    house.reactor.advance(0.9)
    assert house.database.behind == 2
    house.reactor.advance(0.1)
    house.settle()
    assert house.database.stored_upto == 2


def test_who_asks_sees_what_happened_half_a_second_ago(house: House) -> None:
    house.database.keep(arrived())
    assert house.count() == 0, "what has only just happened is not waited for"
    house.reactor.advance(0.6)
    assert house.count() == 1
    assert house.database.behind == 0


def test_a_change_finds_the_facts_that_it_rests_on(house: House) -> None:
    house.database.keep(arrived())
    house.database.keep(Drafted(CALL, 2.0, {"title": {"value": "a"}}))
    house.reactor.advance(0.6)
    right = work_orders.Correction(CALL, 1, {"title": "b"}, AgentId("1001"), 3.0)
    kept = house.reactor.result(house.database.change(lambda s: work_orders.correct(s, right)))
    assert kept.version == 2


def test_a_change_that_rests_on_no_fact_waits_for_none(house: House) -> None:
    house.database.keep(arrived())
    house.reactor.advance(0.6)
    assert house.reactor.result(house.database.note(count_facts)) == 0


def test_who_asks_is_answered_when_facts_cannot_be_written(house: House, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "hotline.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    house.database.keep(arrived())
    house.reactor.advance(0.6)
    assert house.count() == 0
    other.execute("ROLLBACK")
    other.close()
    house.settle()
    assert house.count() == 1


def test_who_asks_waits_for_a_slow_writer_only_so_long(tmp_path: Path) -> None:
    house = House(tmp_path, url_in(tmp_path), "b1").start()
    free = threading.Event()
    busy = house.database.note(lambda _: free.wait(60))
    house.database.keep(arrived())
    house.reactor.advance(0.6)
    assert house.count() == 0
    free.set()
    assert house.reactor.result(busy)
    house.stop()


def test_a_full_batch_waits_for_nothing(house: House) -> None:
    for n in range(1, 1001):
        house.database.keep(entered(n))
    house.reactor.advance(0.0)
    assert not house.reactor.getDelayedCalls(), "it is being written"
    house.settle()
    assert house.count() == 1000


def test_what_came_while_others_were_written_waits_for_more(house: House) -> None:
    house.database.keep(arrived())
    house.reactor.advance(2.0)
    house.reactor.until(lambda: house.database.stored_upto == 1)
    house.database.keep(entered(2))
    house.settle()
    assert house.reactor.seconds() >= 4.0
