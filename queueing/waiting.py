"""The waiting room: every caller in every lane, and what becomes of each.

A caller leaves it in exactly one of these ways: answered, left (hung up, or
by key), or given up by the lane (full, nobody, too long).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agents.agent import Agent
from calls.deadlines import Deadlines
from calls.ids import AgentId, CallId, LaneId
from queueing.acd import Pair, matched
from queueing.ewt import expected_wait, never_rising, running_mean
from queueing.lane import Lane
from queueing.line import Line
from queueing.outcomes import Admitted, Announce, Full, Left, LongWait, Nobody, TooLong
from queueing.overflow import (
    Overflow,
    at_the_door,
    expected_too_long,
    last_moment,
    while_waiting,
)
from queueing.teams import Teams
from queueing.ticket import NO_FAVOUR, Favour, Known, Ticket

__all__ = [
    "Admitted",
    "Announce",
    "Full",
    "Left",
    "LongWait",
    "Nobody",
    "TooLong",
    "WaitingRoom",
]


@dataclass(slots=True)
class _Seat:
    ticket: Ticket
    announced: float | None
    announce_at: float | None
    offered: bool = False
    steps: int = 0
    """How many steps of the lane's relaxing are past."""


class WaitingRoom:
    """Callers in lanes. Staff is passed in as it is now; the room remembers callers only.

    What it keeps in order it keeps so at each change: one event costs next to the same
    whether ten wait or two thousand.
    """

    def __init__(self, lanes: Iterable[Lane]) -> None:
        self._lanes = {lane.id: lane for lane in lanes}
        self._handling = {lane.id: lane.handling for lane in self._lanes.values()}
        self._seats: dict[CallId, _Seat] = {}
        self._everybody = Line()
        self._unoffered = Line()
        """Those whom no agent's phone rings for."""
        self._patient: set[CallId] = set()
        """Call-backs."""
        self._teams = Teams()
        self._due: Deadlines[CallId] = Deadlines()
        self._empty_since: dict[LaneId, float] = {}

    def __contains__(self, call: object) -> bool:
        return call in self._seats

    def __len__(self) -> int:
        return len(self._seats)

    def knows(self, lane: LaneId) -> bool:
        """Tell whether there is such a lane; a draft that is tried may have more."""
        return lane in self._lanes

    def take_rules(self, lanes: Iterable[Lane]) -> None:
        """Let lanes have other rules, and let there be more of them.

        A lane that is not named stays as it was, for callers who are still led to it.
        """
        for lane in lanes:
            self._lanes[lane.id] = lane
            self._handling.setdefault(lane.id, lane.handling)
        for seat in self._seats.values():
            seat.steps = 0  # those that are past already are due at once
            self._put(seat, replace(seat.ticket, needs=self._lanes[seat.ticket.lane].needs))

    def ticket(self, call: CallId) -> Ticket:
        """Return a caller's place."""
        return self._seats[call].ticket

    def waiting(self, lane: LaneId | None = None) -> list[Ticket]:
        """Return who waits, ringing or not, in the order of their turns."""
        return self._everybody.tickets(lane)

    def admit(
        self,
        call: CallId,
        lane: LaneId,
        now: float,
        staff: Sequence[Agent],
        favour: Favour = NO_FAVOUR,
    ) -> Admitted | Full | Nobody | LongWait:
        """Give a caller a place, or say why not."""
        self._teams.take(staff)
        refusal = None if favour.patient else self._refusal(call, lane, favour)
        if refusal is not None:
            return refusal
        seat = self._seat(call, lane, now, favour)
        if any(pair.ticket.call == call for pair in matched(self._unoffered, self._teams, now)):
            return Admitted(call, lane, self.position(call), 0.0)
        expected = self._estimate(seat.ticket)
        turned_away = favour.since is None and not favour.patient
        if turned_away and expected and expected_too_long(self._lanes[lane], expected):
            del self._seats[call]
            self._forget(call)
            return LongWait(call, lane, expected)
        seat.announced = expected
        return Admitted(call, lane, self.position(call), expected)

    def _refusal(self, call: CallId, lane: LaneId, favour: Favour) -> Full | Nobody | None:
        rules = self._lanes[lane]
        team = self._teams.of(rules.needs)
        waiting = self._unoffered.count(lane) - self._patients(lane)
        match at_the_door(rules, waiting, len(team.ready), len(team.at_work)):
            case Overflow.FULL if favour.since is None:
                return Full(call, lane)
            case Overflow.NOBODY:
                return Nobody(call, lane)
        return None

    def _patients(self, lane: LaneId) -> int:
        """Count the lane's call-backs whom no agent's phone rings for."""
        return sum(self._seats[call].ticket.lane == lane and call in self._unoffered
                   for call in self._patient)  # fmt: skip

    def _seat(self, call: CallId, lane: LaneId, now: float, favour: Favour) -> _Seat:
        rules, since = self._lanes[lane], now if favour.since is None else favour.since
        steps = rules.steps(since, now)
        ticket = Ticket(
            call,
            lane,
            rules.needs_after(steps),
            since,
            rules.priority + favour.more,
            rules.pick,
            came=now,
            known=favour.known,
            patient=favour.patient,
        )
        every = None if favour.patient else rules.announce_every
        seat = _Seat(ticket, None, None if every is None else now + every, steps=steps)
        self._seats[call] = seat
        if favour.patient:
            self._patient.add(call)
        self._everybody.add(ticket)
        self._unoffered.add(ticket)
        self._schedule(seat)
        return seat

    def staffed(self, lane: LaneId, staff: Sequence[Agent]) -> bool:
        """Tell whether anyone is at work who could take the lane's calls."""
        self._teams.take(staff)
        return bool(self._teams.of(self._lanes[lane].needs).at_work)

    def position(self, call: CallId) -> int:
        """Return a caller's place in the lane, from 1."""
        ticket = self._seats[call].ticket
        return 1 + self._everybody.ahead(ticket.rank, ticket.lane)

    def leave(self, call: CallId, now: float) -> Left | None:
        """Forget a caller who hung up, pressed a key or was answered; None if not here."""
        seat = self._seats.pop(call, None)
        if seat is None:
            return None
        self._forget(call)
        return Left(call, seat.ticket.lane, max(0.0, now - seat.ticket.entered))

    def offers(self, now: float, staff: Sequence[Agent]) -> list[Pair]:
        """Match callers to ready agents; each matched caller is offered to nobody else.

        To be asked whenever a caller came, an agent's state changed or `tick` ran. The
        one who asked must reserve each agent, and later tell `leave` (answered) or
        `offer_failed`.
        """
        self._teams.take(staff)
        self._note_empty_lanes(now)
        found = matched(self._unoffered, self._teams, now)
        for pair in found:
            seat = self._seats[pair.ticket.call]
            seat.offered = True
            self._unoffered.remove(pair.ticket.call)
            self._schedule(seat)
        return found

    def offer_failed(self, call: CallId, agent: AgentId, now: float) -> bool:
        """Put a caller back in the old place; the agent is not tried again at once.

        False if the caller is no longer here.
        """
        seat = self._seats.get(call)
        if seat is None:
            return False
        seat.offered = False
        until = now + self._lanes[seat.ticket.lane].retry_after
        seat.ticket = seat.ticket.bar(agent, until)
        self._refresh(seat, now)
        return True

    def give_priority(self, call: CallId, priority: int) -> None:
        """Change a waiting caller's priority; it counts from the next match."""
        seat = self._seats[call]
        self._put(seat, replace(seat.ticket, priority=priority))

    def favour(self, call: CallId, more: int, known: Known | None) -> None:
        """Let a waiting caller go before others, or be kept for an agent for a while."""
        seat = self._seats[call]
        priority = seat.ticket.priority + more
        self._put(seat, replace(seat.ticket, priority=priority, known=known or seat.ticket.known))

    def give_back(self, call: CallId, since: float) -> None:
        """Let a waiting caller have an older place, which was found out only now."""
        seat = self._seats[call]
        self._put(seat, replace(seat.ticket, since=min(since, seat.ticket.since)))

    def handled(self, lane: LaneId, seconds: float) -> None:
        """Learn how long a call of the lane took, talk plus wrap-up."""
        self._handling[lane] = running_mean(self._handling[lane], seconds)

    def next_deadline(self) -> float | None:
        """Return when `tick` or `offers` next has something to do by itself."""
        moments = [
            since + self._lanes[lane].nobody_after
            for lane, since in self._empty_since.items()
            if self._unoffered.count(lane) > self._patients(lane)
        ]
        next_due = self._due.next()
        return min(moments if next_due is None else [*moments, next_due], default=None)

    def tick(self, now: float, staff: Sequence[Agent]) -> list[TooLong | Nobody | Announce]:
        """Give up and inform callers whose time has come, in the order of their turns.

        A caller whom an agent's phone rings for is left in peace.
        """
        self._teams.take(staff)
        self._note_empty_lanes(now)
        due = self._whose_time_has_come(now)
        outcomes: list[TooLong | Nobody | Announce] = []
        for seat in due:
            ticket = seat.ticket
            rules, empty = self._lanes[ticket.lane], self._empty_since.get(ticket.lane)
            match while_waiting(rules, ticket, empty, now):
                case Overflow.TOO_LONG:
                    outcomes.append(TooLong(ticket.call, ticket.lane))
                case Overflow.NOBODY:
                    outcomes.append(Nobody(ticket.call, ticket.lane))
        for outcome in outcomes:
            del self._seats[outcome.call]
            self._forget(outcome.call)
        stay = [seat for seat in due if seat.ticket.call in self._seats]
        outcomes += self._announcements(stay, now)
        for seat in stay:
            self._schedule(seat)
        return outcomes

    def _whose_time_has_come(self, now: float) -> list[_Seat]:
        """Return those who may have to be told something, bars that are over taken away."""
        calls = set(self._due.due(now))
        for lane, since in self._empty_since.items():
            if now >= since + self._lanes[lane].nobody_after:
                calls |= self._unoffered.calls(lane) - self._patient
        seats = sorted((self._seats[call] for call in calls), key=lambda seat: seat.ticket.rank)
        for seat in seats:
            self._refresh(seat, now)
        return seats

    def _announcements(self, seats: Iterable[_Seat], now: float) -> list[Announce]:
        due = [seat for seat in seats if seat.announce_at is not None and seat.announce_at <= now]
        return [self._announce(seat, self._estimate(seat.ticket), now) for seat in due]

    def _announce(self, seat: _Seat, estimate: float | None, now: float) -> Announce:
        call, lane = seat.ticket.call, seat.ticket.lane
        every = self._lanes[lane].announce_every
        seat.announce_at = None if every is None else now + every
        told = never_rising(seat.announced, estimate)
        seat.announced = seat.announced if told is None else told
        return Announce(call, lane, self.position(call), told)

    def _estimate(self, ticket: Ticket) -> float | None:
        """Estimate a caller's wait from now.

        A caller ahead counts by the part of their agents who are mine too: someone
        in front who needs other people does not delay me. A caller whose agent's
        phone rings is ahead of nobody.
        """
        mine = ticket.needs
        rivals = sum(
            ahead * self._teams.shared(mine, rules.needs)
            for lane, rules in self._lanes.items()
            if (ahead := self._unoffered.ahead(ticket.rank, lane))
        )
        staffed = len(self._teams.of(mine).at_work)
        return expected_wait(rivals, self._handling[ticket.lane], staffed)

    def _note_empty_lanes(self, now: float) -> None:
        for lane, rules in self._lanes.items():
            if self._teams.of(rules.needs).at_work:
                self._empty_since.pop(lane, None)
            else:
                self._empty_since.setdefault(lane, now)

    # keeping things in order

    def _refresh(self, seat: _Seat, now: float) -> None:
        """Let bars and waits for one agent end whose time is over, and needs relax."""
        rules, ticket = self._lanes[seat.ticket.lane], seat.ticket
        seat.steps = rules.steps(ticket.since, now)
        self._put(seat, ticket.refreshed(rules.needs_after(seat.steps), now))

    def _put(self, seat: _Seat, ticket: Ticket) -> None:
        """Let a seat have another ticket, of the same call."""
        seat.ticket = ticket
        self._everybody.add(ticket)
        if not seat.offered:
            self._unoffered.add(ticket)
        self._schedule(seat)

    def _forget(self, call: CallId) -> None:
        self._everybody.remove(call)
        self._unoffered.remove(call)
        self._patient.discard(call)
        self._due.set(call, None)

    def _schedule(self, seat: _Seat) -> None:
        """Have a caller looked at when something is due; one who is offered is left in peace."""
        when = None if seat.offered else min(self._moments(seat), default=None)
        self._due.set(seat.ticket.call, when)

    def _moments(self, seat: _Seat) -> Iterable[float]:
        ticket, rules = seat.ticket, self._lanes[seat.ticket.lane]
        yield from (until for _, until in ticket.barred)
        known = None if ticket.known is None else ticket.known.until
        relaxes = rules.step_after(seat.steps, ticket.since)
        for moment in (seat.announce_at, last_moment(rules, ticket), known, relaxes):
            if moment is not None:
                yield moment
