"""Calls as the writer of facts remembers them, so that no row is read again for each batch."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from calls.events import (
    AgentLeft,
    Answered,
    Arrived,
    Ended,
    Entered,
    Fact,
    KeyPressed,
    LanguageChosen,
    LeftLane,
    Offered,
    PickedUp,
    Queued,
    RecordingStarted,
    Understood,
)
from calls.ids import CallId
from calls.wire import UnknownFact, from_json
from storage.tables import CallRow, FactRow
from storage.upserts import table_of

MOST = 2000
"""Stories remembered: a few kilobytes each."""
FOLDED = frozenset(
    (
        AgentLeft,
        Answered,
        Arrived,
        Ended,
        Entered,
        KeyPressed,
        LanguageChosen,
        LeftLane,
        Offered,
        PickedUp,
        Queued,
        RecordingStarted,
        Understood,
    )
)
"""The kinds that `calls.cdr.detail` reads; utterances, the many, are not among them."""
FACTS, CALLS = table_of(FactRow), table_of(CallRow)


@dataclass(slots=True)
class Story:
    """One call: the facts that its record is folded of, and where its transcript stands."""

    facts: list[Fact] = field(default_factory=list)
    round: int = 0
    """How often transcription was begun anew; see `transcripts.py`."""
    arrived: bool = False

    def add(self, fact: Fact) -> None:
        """Take one more fact of a kind that is folded."""
        self.facts.append(fact)
        self.arrived = self.arrived or type(fact) is Arrived


class Stories:
    """The stories of calls heard of lately; others are read from their rows when asked for.

    What is remembered runs ahead of the transaction: if that fails, `forget` everything.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: dict[CallId, Story] = {}

    def forget(self) -> None:
        """Remember nothing: the rows are right and memory may not be."""
        self._known.clear()

    def of(self, connection: Connection, facts: Iterable[Fact]) -> dict[CallId, Story]:
        """Return the stories of the calls that `facts` are of, as they were before these."""
        found: dict[CallId, Story] = {}
        unknown: dict[CallId, Story] = {}
        for fact in facts:
            call = fact.call
            if call not in found:
                story = self._known.pop(call, None)
                if story is None:
                    story = Story()
                    if type(fact) is not Arrived:  # with which each call's story begins
                        unknown[call] = story
                found[call] = story
        if unknown:
            _read(connection, unknown)
        self._known.update(found)
        while len(self._known) > self._most:
            del self._known[next(iter(self._known))]
        return found


def _read(connection: Connection, stories: dict[CallId, Story]) -> None:
    """Fill stories from the rows."""
    calls: Collection[CallId] = stories.keys()
    kinds = sorted(kind.__name__ for kind in FOLDED)
    told = (
        select(FACTS.c.call, FACTS.c.json)
        .where(FACTS.c.call.in_(calls), FACTS.c.kind.in_(kinds))
        .order_by(FACTS.c.id)
    )
    for call, values in connection.execute(told):
        for fact in readable(values):
            stories[CallId(call)].add(fact)
    rounds = select(CALLS.c.call, CALLS.c.transcript_round).where(CALLS.c.call.in_(calls))
    for call, count in connection.execute(rounds):
        stories[CallId(call)].round = count


def readable(values: dict[str, Any]) -> list[Fact]:
    """Read a kept fact; nothing if another version of the engine wrote it otherwise."""
    try:
        return [from_json(values)]
    except UnknownFact:
        return []
