"""What drafts rest on is there again after a start, and follows what is kept."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, StaticPool, create_engine
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock

from calls.events import Arrived, Drafted
from calls.ids import CallId
from server.draft_memory import Memory
from server.remembering import EVERY, Remembering
from storage import knowledge, schema, unit_of_work
from storage.engines import prepare_sqlite
from workorders.draft import DraftWorkOrder, Evidence, Field, Where
from workorders.duplicates import WITHIN
from workorders.knowledge import Entry
from workorders.wire import to_json

SAID = (Evidence("citizen", 0.0, 1.0, "幸福路路灯不亮"),)
NOW = 10_000_000.0
PERMIT = Entry("permit", "answer", "居住证怎么办理", "带身份证到派出所。", "ga", at=1.0)


def order(call: str, arrived: float) -> DraftWorkOrder:
    return DraftWorkOrder(
        CallId(call), "zh", None, arrived, "done",
        category=Field("市政/路灯", 0.9, "rule", SAID),
        place=Field(Where("幸福路"), 0.9, "rule", SAID),
        content=Field("幸福路路灯不亮。", 1.0, "rule", SAID),
    )  # fmt: skip


class OneThread:
    """Does at once what the drafting thread would do."""

    def do(self, job: Callable[[], None]) -> Deferred[None]:
        return succeed(job())


class Books:
    def __init__(self) -> None:
        self.engine: Engine = create_engine("sqlite://", poolclass=StaticPool)
        prepare_sqlite(self.engine, writes=True)
        schema.upgrade(self.engine)
        self.away = False

    def ask(self, question: Callable[[Session], Any]) -> Deferred[Any]:
        if self.away:
            return fail(OSError("away"))
        with Session(self.engine) as session, session.begin():
            return succeed(question(session))

    def draft(self, number: int, draft: DraftWorkOrder, form: dict[str, object]) -> None:
        facts = [
            (1, Arrived(draft.call, draft.arrived, "13800138000", "12345", "x", "y")),
            (2, Drafted(draft.call, draft.arrived + 1, form)),
        ]
        self.ask(lambda session: unit_of_work.keep(session, f"boot{number}", facts))


@pytest.fixture
def books() -> Iterator[Books]:
    books = Books()
    yield books
    books.engine.dispose()


def remembering(books: Books, memory: Memory) -> tuple[Remembering, Clock]:
    clock = Clock()
    mind = Remembering(memory, OneThread(), books.ask)  # type: ignore[arg-type]
    return mind, clock


def test_orders_of_the_last_days_are_duplicates_again_after_a_restart(books: Books) -> None:
    for number, (call, age) in enumerate((("c-old", WITHIN + 1), ("c-new", 3600.0))):
        draft = order(call, NOW - age)
        books.draft(number, draft, to_json(draft))
    damaged = order("c-bad", NOW - 60)
    books.draft(9, damaged, {"version": 99})
    memory = Memory()
    mind, clock = remembering(books, memory)
    mind.start(clock, NOW)
    assert [d.order for d in memory.open_orders.like(order("c-now", NOW))] == ["c-new"]
    mind.stop()


def test_what_was_drafted_since_the_start_stays_as_it_is(books: Books) -> None:
    kept = order("c-1", NOW - 60)
    books.draft(0, kept, to_json(kept))
    memory = Memory()
    memory.open_orders.remember(replace(kept, place=None, category=None))
    mind, clock = remembering(books, memory)
    mind.start(clock, NOW)
    assert len(memory.open_orders) == 1
    assert memory.open_orders.like(order("c-now", NOW)) == ()
    mind.stop()


def test_an_entry_kept_by_another_program_is_suggested_soon(books: Books) -> None:
    memory = Memory()
    mind, clock = remembering(books, memory)
    mind.start(clock, NOW)
    assert memory.knowledge.suggest("居住证怎么办理", NOW) == ()
    books.ask(lambda session: knowledge.keep(session, PERMIT))
    clock.advance(EVERY)
    assert [s.entry for s in memory.knowledge.suggest("居住证怎么办理", NOW)] == ["permit"]
    books.away = True
    clock.advance(EVERY)
    assert len(memory.knowledge) == 1, "what is known stays while the database is away"
    mind.stop()
