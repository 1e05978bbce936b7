"""A bad rating opens one task, and somebody closes it with what was done."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from calls.events import Arrived, Fact, Rated
from calls.ids import AgentId, CallId
from storage import rating_tasks, unit_of_work
from storage.rating_tasks import NoOpenTask

LI, BOSS = AgentId("1001"), AgentId("1011")


def rated(session: Session, name: str, at: float, mark: int, *, bad: bool) -> CallId:
    call = CallId(name)
    facts: list[Fact] = [
        Arrived(call, at, "139", "12345", "127.0.0.1:5070", name),
        Rated(call, at + 60, LI, mark, None, bad),
    ]
    unit_of_work.keep(session, f"boot-{name}", list(enumerate(facts, 1)))
    return call


def test_only_bad_ratings_open_a_task_the_oldest_first(session: Session) -> None:
    rated(session, "good", 10.0, 5, bad=False)
    second = rated(session, "second", 200.0, 3, bad=True)
    first = rated(session, "first", 100.0, 1, bad=True)
    found = rating_tasks.tasks(session)
    assert [task.call for task in found] == [first, second]
    assert (found[0].mark, found[0].agent, found[0].closed_by) == (1, LI, None)


def test_a_task_is_closed_once_and_stays_with_what_was_done(session: Session) -> None:
    call = rated(session, "bad", 10.0, 1, bad=True)
    rating_tasks.close(session, call, BOSS, 500.0, "已回电道歉")
    assert rating_tasks.tasks(session) == ()
    (done,) = rating_tasks.tasks(session, closed=True)
    assert (done.closed_by, done.closed_at, done.note) == (BOSS, 500.0, "已回电道歉")
    with pytest.raises(NoOpenTask):
        rating_tasks.close(session, call, LI, 600.0, "再来")
    with pytest.raises(NoOpenTask):
        rating_tasks.close(session, CallId("none"), LI, 600.0, "再来")


def test_replaying_the_journal_opens_nothing_again(session: Session) -> None:
    call = rated(session, "bad", 10.0, 1, bad=True)
    rating_tasks.close(session, call, BOSS, 500.0, "已回电")
    again = Rated(call, 70.0, LI, 1, None, True)
    unit_of_work.keep(session, "another boot", [(1, again)])
    assert rating_tasks.tasks(session) == ()
    assert session.scalar(text("select count(*) from rating_tasks")) == 1
