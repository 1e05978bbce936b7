"""The waiting room: every caller in every lane, and what becomes of each.

A caller leaves it in exactly one of these ways: answered, left (hung up, or
by key), or given up by the lane (full, nobody, too long).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agents.agent import Agent, Doing
from agents.skills import qualified
from calls.ids import AgentId, CallId, LaneId, Skill
from queueing.acd import Pair, pairs
from queueing.ewt import expected_wait, never_rising, running_mean
from queueing.lane import Lane
from queueing.overflow import Overflow, at_the_door, last_moment, while_waiting
from queueing.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Admitted:
    """The caller has a place.

    `ewt` is seconds; 0 if an agent is free now, so that there is nothing to announce;
    None if nobody knows.
    """

    call: CallId
    lane: LaneId
    position: int
    ewt: float | None


@dataclass(frozen=True, slots=True)
class Full:
    """As many wait as may; the caller has no place."""

    call: CallId
    lane: LaneId


@dataclass(frozen=True, slots=True)
class Nobody:
    """No agent is at work in the lane; the caller has no place, or no longer."""

    call: CallId
    lane: LaneId


@dataclass(frozen=True, slots=True)
class TooLong:
    """The lane's longest wait has passed; the caller has no place any more."""

    call: CallId
    lane: LaneId


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell the caller; `ewt` in seconds never rises from one announcement to the next."""

    call: CallId
    lane: LaneId
    position: int
    ewt: float | None


@dataclass(frozen=True, slots=True)
class Left:
    """A caller is out of the room, after so many seconds in it."""

    call: CallId
    lane: LaneId
    waited: float


@dataclass(slots=True)
class _Seat:
    ticket: Ticket
    announced: float | None
    announce_at: float | None
    offered: bool = False


class WaitingRoom:
    """Callers in lanes. Staff is passed in as it is now; the room remembers callers only."""

    def __init__(self, lanes: Iterable[Lane]) -> None:
        self._lanes = {lane.id: lane for lane in lanes}
        self._handling = {lane.id: lane.handling for lane in self._lanes.values()}
        self._seats: dict[CallId, _Seat] = {}
        self._empty_since: dict[LaneId, float] = {}

    def __contains__(self, call: object) -> bool:
        return call in self._seats

    def __len__(self) -> int:
        return len(self._seats)

    def take_rules(self, lanes: Iterable[Lane]) -> None:
        """Let lanes have other rules, and let there be more of them.

        A lane that is not named stays as it was, for callers who are still led to it.
        """
        for lane in lanes:
            self._lanes[lane.id] = lane
            self._handling.setdefault(lane.id, lane.handling)

    def ticket(self, call: CallId) -> Ticket:
        """Return a caller's place."""
        return self._seats[call].ticket

    def waiting(self, lane: LaneId | None = None) -> list[Ticket]:
        """Return who waits, ringing or not, in the order of their turns."""
        tickets = (seat.ticket for seat in self._seats.values())
        mine = (ticket for ticket in tickets if lane is None or ticket.lane == lane)
        return sorted(mine, key=lambda ticket: ticket.rank)

    def admit(
        self,
        call: CallId,
        lane: LaneId,
        now: float,
        staff: Sequence[Agent],
        *,
        priority: int | None = None,
    ) -> Admitted | Full | Nobody:
        """Give a caller a place, or say why not; `priority` is the lane's if not given."""
        rules = self._lanes[lane]
        ticket = Ticket(
            call, lane, rules.needs, now, rules.priority if priority is None else priority,
            rules.pick,
        )  # fmt: skip
        free = sum(agent.doing is Doing.READY for agent in _able(rules.needs, staff))
        waiting = sum(s.ticket.lane == lane and not s.offered for s in self._seats.values())
        match at_the_door(rules, waiting, free, len(_at_work(rules.needs, staff))):
            case Overflow.FULL:
                return Full(call, lane)
            case Overflow.NOBODY:
                return Nobody(call, lane)
        every = rules.announce_every
        self._seats[call] = seat = _Seat(ticket, None, None if every is None else now + every)
        if self._served_at_once(call, staff, now):
            return Admitted(call, lane, self.position(call), 0.0)
        seat.announced = self._estimates(staff)[call]
        return Admitted(call, lane, self.position(call), seat.announced)

    def staffed(self, lane: LaneId, staff: Sequence[Agent]) -> bool:
        """Tell whether anyone is at work who could take the lane's calls."""
        return bool(_at_work(self._lanes[lane].needs, staff))

    def position(self, call: CallId) -> int:
        """Return a caller's place in the lane, from 1."""
        ticket = self._seats[call].ticket
        return 1 + sum(other.rank < ticket.rank for other in self.waiting(ticket.lane))

    def leave(self, call: CallId, now: float) -> Left | None:
        """Forget a caller who hung up, pressed a key or was answered; None if not here."""
        seat = self._seats.pop(call, None)
        if seat is None:
            return None
        return Left(call, seat.ticket.lane, max(0.0, now - seat.ticket.since))

    def offers(self, now: float, staff: Sequence[Agent]) -> list[Pair]:
        """Match callers to ready agents; each matched caller is offered to nobody else.

        To be asked whenever a caller came, an agent's state changed or `tick` ran. The
        one who asked must reserve each agent, and later tell `leave` (answered) or
        `offer_failed`.
        """
        self._note_empty_lanes(staff, now)
        line = [seat.ticket for seat in self._seats.values() if not seat.offered]
        found = pairs(line, staff, now)
        for pair in found:
            self._seats[pair.ticket.call].offered = True
        return found

    def offer_failed(self, call: CallId, agent: AgentId, now: float) -> bool:
        """Put a caller back in the old place; the agent is not tried again at once.

        False if the caller is no longer here.
        """
        seat = self._seats.get(call)
        if seat is None:
            return False
        seat.offered = False
        seat.ticket = seat.ticket.bar(agent, now + self._lanes[seat.ticket.lane].retry_after)
        return True

    def give_priority(self, call: CallId, priority: int) -> None:
        """Change a waiting caller's priority; it counts from the next match."""
        seat = self._seats[call]
        seat.ticket = replace(seat.ticket, priority=priority)

    def handled(self, lane: LaneId, seconds: float) -> None:
        """Learn how long a call of the lane took, talk plus wrap-up."""
        self._handling[lane] = running_mean(self._handling[lane], seconds)

    def next_deadline(self) -> float | None:
        """Return when `tick` or `offers` next has something to do by itself."""
        moments = (m for s in self._seats.values() if not s.offered for m in self._moments(s))
        return min(moments, default=None)

    def tick(self, now: float, staff: Sequence[Agent]) -> list[TooLong | Nobody | Announce]:
        """Give up and inform callers whose time has come, in the order of their turns.

        A caller whom an agent's phone rings for is left in peace.
        """
        self._note_empty_lanes(staff, now)
        outcomes: list[TooLong | Nobody | Announce] = []
        for ticket in self.waiting():
            seat, rules = self._seats[ticket.call], self._lanes[ticket.lane]
            seat.ticket = replace(ticket, barred=tuple(b for b in ticket.barred if b[1] > now))
            if seat.offered:
                continue
            match while_waiting(rules, ticket, self._empty_since.get(ticket.lane), now):
                case Overflow.TOO_LONG:
                    outcomes.append(TooLong(ticket.call, ticket.lane))
                case Overflow.NOBODY:
                    outcomes.append(Nobody(ticket.call, ticket.lane))
        for outcome in outcomes:
            del self._seats[outcome.call]
        return outcomes + self._announcements(staff, now)

    def _announcements(self, staff: Sequence[Agent], now: float) -> list[Announce]:
        due = [
            seat
            for ticket in self.waiting()
            if not (seat := self._seats[ticket.call]).offered
            and seat.announce_at is not None
            and seat.announce_at <= now
        ]
        if not due:
            return []
        estimates = self._estimates(staff)
        return [self._announce(seat, estimates[seat.ticket.call], now) for seat in due]

    def _announce(self, seat: _Seat, estimate: float | None, now: float) -> Announce:
        call, lane = seat.ticket.call, seat.ticket.lane
        every = self._lanes[lane].announce_every
        seat.announce_at = None if every is None else now + every
        told = never_rising(seat.announced, estimate)
        seat.announced = seat.announced if told is None else told
        return Announce(call, lane, self.position(call), told)

    def _served_at_once(self, call: CallId, staff: Sequence[Agent], now: float) -> bool:
        line = [seat.ticket for seat in self._seats.values() if not seat.offered]
        return any(pair.ticket.call == call for pair in pairs(line, staff, now))

    def _estimates(self, staff: Sequence[Agent]) -> dict[CallId, float | None]:
        """Estimate everyone's wait from now.

        A caller ahead counts by the part of their agents who are mine too: someone
        in front who needs other people does not delay me. A caller whose agent's
        phone rings is ahead of nobody.
        """
        teams = {lane: _at_work(rules.needs, staff) for lane, rules in self._lanes.items()}
        ahead: Counter[LaneId] = Counter()
        estimates: dict[CallId, float | None] = {}
        for ticket in self.waiting():
            mine = teams[ticket.lane]
            rivals = sum(n * _shared(mine, teams[lane]) for lane, n in ahead.items())
            estimates[ticket.call] = expected_wait(rivals, self._handling[ticket.lane], len(mine))
            if not self._seats[ticket.call].offered:
                ahead[ticket.lane] += 1
        return estimates

    def _note_empty_lanes(self, staff: Sequence[Agent], now: float) -> None:
        for lane, rules in self._lanes.items():
            if any(agent.at_work and qualified(agent, rules.needs) for agent in staff):
                self._empty_since.pop(lane, None)
            else:
                self._empty_since.setdefault(lane, now)

    def _moments(self, seat: _Seat) -> Iterable[float]:
        rules = self._lanes[seat.ticket.lane]
        empty = self._empty_since.get(rules.id)
        yield from (until for _, until in seat.ticket.barred)
        if empty is not None:
            yield empty + rules.nobody_after
        for moment in (seat.announce_at, last_moment(rules, seat.ticket)):
            if moment is not None:
                yield moment


def _able(needs: frozenset[Skill], staff: Iterable[Agent]) -> list[Agent]:
    return [agent for agent in staff if qualified(agent, needs)]


def _at_work(needs: frozenset[Skill], staff: Iterable[Agent]) -> dict[AgentId, Agent]:
    return {agent.id: agent for agent in _able(needs, staff) if agent.at_work}


def _shared(mine: dict[AgentId, Agent], theirs: dict[AgentId, Agent]) -> float:
    """Return the part of their agents who are mine too."""
    return len(mine.keys() & theirs.keys()) / len(theirs) if theirs else 0.0
