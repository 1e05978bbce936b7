"""What an engine's death cut off is ended in the records at the next start."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from twisted.internet.defer import succeed

from calls.events import Arrived, Ended, Fact
from calls.ids import AgentId, CallId
from calls.lane_events import CALLED_BACK, OrderCalled, OrderCallEnded
from calls.reasons import Reason
from server.late_words import LateWords
from server.outputs import MakeDraft
from storage import schema, unit_of_work
from storage.engines import connect
from tests.helpers.recognition import Desk

ORDER, BACK, WISH, PLAIN = (CallId(name) for name in ("order", "back", "wish", "plain"))
NUMBER = "13900000001"


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Session]:
    engines = connect(f"sqlite:///{tmp_path / 'hotline.sqlite3'}", busy_timeout=2.0)
    schema.upgrade(engines.writing)
    with Session(engines.writing) as session, session.begin():
        yield session
    engines.dispose()


def test_a_call_from_an_order_that_was_cut_off_is_ended_in_the_orders_record_too(
    books: Session, tmp_path: Path
) -> None:
    told: list[Fact] = [
        Arrived(ORDER, 1.0, NUMBER, "12345", "192.0.2.1:5060", "a"),
        Ended(ORDER, 2.0, "caller", Reason.COMPLETED),
        OrderCalled(ORDER, 3.0, AgentId("1001"), BACK),
        Arrived(BACK, 3.0, NUMBER, CALLED_BACK, "", ORDER),
        Arrived(WISH, 4.0, NUMBER, CALLED_BACK, "", ORDER),
        Arrived(PLAIN, 5.0, NUMBER, "12345", "192.0.2.1:5060", "b"),
        Arrived(CallId("new"), 20.0, NUMBER, "12345", "192.0.2.1:5060", "c"),
    ]
    unit_of_work.keep(books, "boot", list(enumerate(told, 1)))
    kept: list[Fact] = []
    drafts: list[MakeDraft] = []
    late = LateWords(
        lambda: 30.0,
        lambda question: succeed(question(books)),
        Desk(tmp_path).listening,
        Path("/nowhere"),
        kept.append,
        drafts.append,
    )
    late.recover(10.0)
    assert [(f.call, f.reason) for f in kept if isinstance(f, Ended)] == [
        (call, Reason.INTERRUPTED) for call in (BACK, WISH, PLAIN)
    ]
    assert [f for f in kept if isinstance(f, OrderCallEnded)] == [
        OrderCallEnded(ORDER, 30.0, BACK, "interrupted")
    ]
    assert [draft.call for draft in drafts] == [BACK, WISH, PLAIN]
