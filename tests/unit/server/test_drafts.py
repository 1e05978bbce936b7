"""Drafts: on their thread, or at once where nothing was said."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest
from twisted.internet.interfaces import IReactorFromThreads

from calls.events import Answered, Arrived, Fact, Heard, Queued
from calls.ids import AgentId, CallId, LaneId
from config import reader
from server.drafting import DraftWriter
from server.drafts import Draft, Drafts
from server.outputs import MakeDraft
from tests.helpers import sites
from tests.helpers.database_house import Turned

CALL = CallId("c-1")
SILENT: tuple[Fact, ...] = (
    Arrived(CALL, 1.0, "13800138000", "12345", "x", "y"),
    Queued(CALL, 2.0, LaneId("general")),
    Answered(CALL, 3.0, AgentId("1001")),
)
SPOKEN = (*SILENT, Heard(CALL, 4.0, "citizen", "zh", 3.0, 4.0, "家里停水了", 0.9))


@pytest.fixture(scope="module")
def writer() -> DraftWriter:
    return DraftWriter.of(reader.read(sites.SHIPPED))


@pytest.fixture
def room() -> Iterator[tuple[Drafts, Turned, list[Draft]]]:
    """Drafts on a thread of their own, their reactor, and what was made."""
    reactor, made = Turned(), list[Draft]()
    drafts = Drafts(cast(IReactorFromThreads, reactor), Slow(), lambda _, each: made.append(each))
    drafts.start()
    yield drafts, reactor, made
    drafts.stop()


class Slow:
    """Takes its time for what was said."""

    def __call__(self, call: CallId, facts: Sequence[Fact], transcript: str) -> Draft:
        return {"said": len(facts)}

    def at_once(self, call: CallId, facts: Sequence[Fact], transcript: str) -> Draft | None:
        if transcript == "broken":
            raise ValueError(transcript)
        return {"said": 0} if transcript == "none" else None


@pytest.mark.parametrize("state", ["partial", "pending", "none", "done"])
def test_a_draft_of_nothing_said_is_the_same_made_at_once(writer: DraftWriter, state: str) -> None:
    assert writer.at_once(CALL, SILENT, state) == writer(CALL, SILENT, state)


def test_what_was_said_takes_longer(writer: DraftWriter) -> None:
    assert writer.at_once(CALL, SPOKEN, "partial") is None


def test_a_silent_calls_draft_is_there_when_it_was_asked_for(room: Any) -> None:
    drafts, reactor, made = room
    drafts.make(MakeDraft(CALL, SILENT, "none"))
    assert (made, drafts.waiting) == ([{"said": 0}], 0)
    drafts.make(MakeDraft(CALL, SPOKEN, "partial"))
    assert drafts.waiting == 1
    reactor.until(lambda: len(made) == 2)
    assert (made[1], drafts.waiting) == ({"said": 4}, 0)


def test_a_fault_in_drafting_at_once_costs_the_draft_alone(room: Any) -> None:
    drafts, _, made = room
    drafts.make(MakeDraft(CALL, SILENT, "broken"))
    assert (made, drafts.waiting, drafts.failed) == ([], 0, 1)
