"""Every order has one number, of its day, whoever asks for it first."""

import re
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.orm import Session

from calls.events import Arrived, Drafted
from calls.ids import AgentId, CallId
from calls.order_number import is_order_number, order_number
from storage import migrating, order_numbers, schema, unit_of_work, work_orders
from storage.engines import Engines, connect
from storage.lookups import newest_order, order_status, own_order
from storage.work_orders import Correction

NOON = 1_795_363_200.0
TODAY = "261123"
"""The day of `NOON` in the city; in UTC it is the 22nd still."""


def call(name: str, at: float, caller: str = "139") -> list[Arrived | Drafted]:
    """Return a call that was drafted twice."""
    id = CallId(name)
    draft: dict[str, object] = {"title": {"value": "路灯", "confidence": 1, "origin": "rule"}}
    return [
        Arrived(id, at, caller, "12345", "127.0.0.1:5070", name),
        Drafted(id, at + 1, draft),
        Drafted(id, at + 2, draft),
    ]


def keep(session: Session, *facts: Arrived | Drafted, boot: str = "b") -> None:
    unit_of_work.keep(session, boot, list(enumerate(facts, 1)))


def number_of(session: Session, name: str) -> str | None:
    kept = work_orders.of_call(session, CallId(name))
    return None if kept is None else kept.number


def test_orders_of_a_day_are_counted_and_a_newer_draft_keeps_the_number(session: Session) -> None:
    keep(session, *call("n-1", NOON), *call("n-2", NOON + 60))
    first, second = number_of(session, "n-1"), number_of(session, "n-2")
    assert first is not None and second is not None
    assert is_order_number(first) and is_order_number(second)
    assert int(second[:-1]) - int(first[:-1]) == 1
    keep(session, call("n-1", NOON)[2], boot="later")
    assert number_of(session, "n-1") == first


def test_the_next_day_begins_with_one(session: Session) -> None:
    keep(session, *call("d-1", NOON), *call("d-2", NOON + 86_400))
    following = number_of(session, "d-2")
    assert following is not None
    assert following[6:11] == "00001"


def test_replaying_the_journal_gives_no_new_number(session: Session) -> None:
    facts = call("r-1", NOON)
    keep(session, *facts)
    before = number_of(session, "r-1")
    keep(session, *facts)
    assert number_of(session, "r-1") == before
    rows = session.scalar(text("select count(*) from order_numbers where call = 'r-1'"))
    assert rows == 1


def test_a_caller_who_was_told_the_number_early_finds_the_order_under_it(session: Session) -> None:
    answer, known = own_order(session, "", CallId("e-1"), NOON)
    assert answer == "found"
    assert own_order(session, "", CallId("e-1"), NOON + 5)[1] == known
    keep(session, *call("e-1", NOON))
    assert number_of(session, "e-1") == known["order"]


def test_how_far_an_order_is_is_found_by_its_number_and_by_the_callers(session: Session) -> None:
    keep(session, *call("s-1", NOON, caller="13700000001"))
    number = number_of(session, "s-1") or ""
    later = CallId("s-2")
    told = ("found", {"order": number, "order_state": "recorded", "order_day": _day(number)})
    assert order_status(session, number, later) == told
    assert newest_order(session, "13700000001", later) == told
    version = work_orders.of_call(session, CallId("s-1"))
    assert version is not None
    work_orders.correct(
        session, Correction(CallId("s-1"), version.version, {}, AgentId("1001"), NOON, confirm=True)
    )
    assert order_status(session, number, later)[1]["order_state"] == "confirmed"


def _day(number: str) -> str:
    return f"20{number[:2]}-{number[2:4]}-{number[4:6]}"


def test_numbers_that_nobody_has_are_not_found(session: Session) -> None:
    caller = CallId("q-1")
    assert order_status(session, order_number("200101", 1), caller) == ("none", {})
    assert order_status(session, "123456789012", caller) == ("none", {})
    assert newest_order(session, "", caller) == ("none", {})
    assert newest_order(session, "10086", caller) == ("none", {})


@pytest.fixture
def two_nodes(tmp_path: Path) -> Iterator[tuple[Engines, Engines]]:
    """Two engines on one database, as two nodes have it."""
    url = f"sqlite:///{tmp_path}/shared.sqlite3"
    nodes = connect(url, busy_timeout=30.0), connect(url, busy_timeout=30.0)
    schema.upgrade(nodes[0].writing)
    yield nodes
    for node in nodes:
        node.dispose()


def test_two_nodes_that_count_at_the_same_time_never_give_one_number_twice(
    two_nodes: tuple[Engines, Engines],
) -> None:
    begin = Barrier(2)

    def count(node: int) -> None:
        begin.wait()
        for place in range(40):
            with Session(two_nodes[node].writing) as session, session.begin():
                order_numbers.of_call(session, CallId(f"{node}-{place}"), NOON)

    threads = [Thread(target=count, args=(node,)) for node in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(two_nodes[0].reading) as session:
        numbers = session.scalars(text("select number from order_numbers")).all()
    assert sorted(numbers) == [order_number(TODAY, place) for place in range(1, 81)]


def test_orders_from_before_there_were_numbers_get_theirs(tmp_path: Path) -> None:
    engines = connect(f"sqlite:///{tmp_path}/old.sqlite3", busy_timeout=5.0)
    settings = Config()
    settings.set_main_option("script_location", str(migrating.MIGRATIONS))
    settings.set_main_option("path_separator", "os")
    with engines.writing.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0020")
        for place, name in enumerate(("old-2", "old-1")):
            connection.execute(
                text(
                    "insert into calls (call, caller, dialled, sip_call_id, language, arrived,"
                    " path, offers, abandoned, transcript_round)"
                    " values (:c, '', '', '', 'zh', 0, '[]', 0, 0, 0)"
                ),
                {"c": name},
            )
            connection.execute(
                text(
                    "insert into drafts (call, json, corrections, version, drafted_at, updated_at)"
                    " values (:c, '{}', '{}', 1, :at, :at)"
                ),
                {"c": name, "at": NOON + place},
            )
    schema.upgrade(engines.writing)
    with Session(engines.writing) as session, session.begin():
        assert number_of(session, "old-2") == order_number(TODAY, 1)
        assert number_of(session, "old-1") == order_number(TODAY, 2)
        fresh = order_numbers.of_call(session, CallId("new"), NOON)
    assert fresh == order_number(TODAY, 3)
    assert re.fullmatch("[0-9]{12}", fresh)
    engines.dispose()
