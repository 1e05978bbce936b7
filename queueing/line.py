"""Tickets in the order of their turns, so kept that one more or one less costs next to nothing."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator

from agents.skills import Needs
from calls.ids import CallId, LaneId
from queueing.ticket import Ticket

Rank = tuple[int, float, CallId]


class Line:
    """Callers by priority, then age, across lanes; and the same of each lane, and of each need."""

    def __init__(self, tickets: Iterable[Ticket] = ()) -> None:
        self._tickets: dict[CallId, Ticket] = {}
        self._ranks: list[Rank] = []
        self._by_lane: defaultdict[LaneId, list[Rank]] = defaultdict(list)
        self._by_needs: defaultdict[Needs, list[Rank]] = defaultdict(list)
        for ticket in tickets:
            self.add(ticket)

    def __len__(self) -> int:
        return len(self._tickets)

    def __contains__(self, call: object) -> bool:
        return call in self._tickets

    def add(self, ticket: Ticket) -> None:
        """Put a ticket in its place; the one that its call had is replaced."""
        self.remove(ticket.call)
        self._tickets[ticket.call] = ticket
        for ranks in self._lists(ticket):
            insort(ranks, ticket.rank)

    def remove(self, call: CallId) -> None:
        """Take a call's ticket out, if it is here."""
        ticket = self._tickets.pop(call, None)
        if ticket is None:
            return
        for ranks in self._lists(ticket):
            del ranks[bisect_left(ranks, ticket.rank)]
        if not self._by_needs[ticket.needs]:
            del self._by_needs[ticket.needs]

    def tickets(self, lane: LaneId | None = None) -> list[Ticket]:
        """Return the tickets, of one lane or of all, in the order of their turns."""
        ranks = self._ranks if lane is None else self._by_lane.get(lane, [])
        return [self._tickets[rank[2]] for rank in ranks]

    def count(self, lane: LaneId) -> int:
        """Count a lane's tickets."""
        return len(self._by_lane.get(lane, ()))

    def calls(self, lane: LaneId) -> set[CallId]:
        """Return the calls whose tickets are a lane's."""
        return {rank[2] for rank in self._by_lane.get(lane, ())}

    def ahead(self, rank: Rank, lane: LaneId | None = None) -> int:
        """Count the tickets, of one lane or of all, whose turn is before a rank."""
        return bisect_left(self._ranks if lane is None else self._by_lane.get(lane, []), rank)

    @property
    def lowest_priority(self) -> int:
        """The priority of the last one's."""
        return -self._ranks[-1][0]

    def by_needs(self) -> Iterator[tuple[Needs, Iterator[Ticket]]]:
        """Return what is needed, each with the tickets that need it, in the order of turns."""
        for needs, ranks in list(self._by_needs.items()):
            yield needs, (self._tickets[rank[2]] for rank in list(ranks))

    def _lists(self, ticket: Ticket) -> tuple[list[Rank], list[Rank], list[Rank]]:
        return self._ranks, self._by_lane[ticket.lane], self._by_needs[ticket.needs]
