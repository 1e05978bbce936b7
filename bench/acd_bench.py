"""What one event costs the waiting room and the roster: 2,000 callers wait for 500 agents.

    ./hotline bench acd --json [--callers 2000] [--agents 500] [--events 8000]

Agents have one to four of twenty skills, lanes need one or two. Each event is one thing that
happens (a caller comes or hangs up, a wrap-up or a pause ends, an agent answers, does not
answer or hangs up, a moment for one announcement), with the matching that follows and the look
for the next deadline; what is due comes first, as with the engine's timer. Processor time, in
milliseconds; the load is given at the end.
"""

import argparse
import json
import os
import time
from random import Random

from agents.agent import Agent, Step
from agents.roster import Rests, Roster
from calls.ids import AgentId, CallId, LaneId, Skill
from queueing.lane import Lane
from queueing.ticket import Pick
from queueing.waiting import WaitingRoom

BETWEEN = 0.05
"""Seconds from one thing that happens by chance to the next."""
SKILLS = [Skill(f"s{n}") for n in range(20)]


class Hall:
    """A waiting room and a roster that things happen to, by chance."""

    def __init__(self, callers: int, agents: int, chance: Random) -> None:
        self.chance, self.now, self.came = chance, 1000.0, 0
        self.wanted = callers
        self.lanes = [
            Lane(
                LaneId(f"l{n}"),
                frozenset(chance.sample(SKILLS, chance.choice((1, 1, 2)))),
                n % 3,
                chance.choice(list(Pick)),
                announce_every=30.0,
                nobody_after=1e9,
            )
            for n in range(24)
        ]
        staff = [
            Agent(
                AgentId(f"{n:04}"),
                f"{n}",
                {skill: chance.randint(1, 5) for skill in chance.sample(SKILLS, 1 + n % 4)},
            )
            for n in range(agents)
        ]
        self.roster = Roster(staff, Rests(wrap_up=1e9))
        self.room = WaitingRoom(self.lanes)
        self.ringing: dict[CallId, AgentId] = {}
        self.talking: list[AgentId] = []
        for agent in staff:  # everybody is at work, on calls of before
            self.roster.sign_in(agent.id, self.now)
            self.roster.offer(agent.id, CallId("before"), self.now)
            self.roster.take(agent.id, Step.ANSWER, self.now)
            self.talking.append(agent.id)
        while len(self.room) < callers:
            self.now += 0.01  # the last one is here before the first is told anything
            self.come()
        self.due = self._deadline()

    def come(self) -> None:
        self.came += 1
        call = CallId(f"c{self.came:08}")
        lane = self.chance.choice(self.lanes)
        self.room.admit(call, lane.id, self.now, self.roster.staff())

    def event(self) -> str:
        """Let one thing happen, with all that follows at once; return what it was."""
        what = self._next()
        if what == "tick":
            self.room.tick(self.now, self.roster.staff())
            self.roster.tick(self.now)
        elif what == "come":
            self.come()
        elif what == "leave":
            call = self.chance.choice(self.room.waiting()).call
            if call not in self.ringing:
                self.room.leave(call, self.now)
        elif what == "free" and self.talking:
            agent = self.talking.pop(self.chance.randrange(len(self.talking)))
            self.roster.take(agent, Step.HANG_UP, self.now)
            self.roster.take(agent, Step.FINISH_WRAP_UP, self.now)
        elif what == "phone" and self.ringing:
            self._phone()
        self.match()
        self.due = self._deadline()
        return what

    def _next(self) -> str:
        """Go on to what is next: what is due goes first, as the engine's timer has it."""
        if self.due is not None and self.due <= self.now + BETWEEN:
            self.now = max(self.now, self.due)
            return "tick"
        self.now += BETWEEN
        if len(self.room) < self.wanted:
            return "come"
        return self.chance.choice(("come", "leave", "free", "free", "phone", "phone"))

    def _deadline(self) -> float | None:
        dues = (self.room.next_deadline(), self.roster.next_deadline())
        return min((due for due in dues if due is not None), default=None)

    def _phone(self) -> None:
        call, agent = self.ringing.popitem()
        if self.chance.random() < 0.9:
            self.roster.take(agent, Step.ANSWER, self.now)
            self.room.leave(call, self.now)
            self.talking.append(agent)
        else:
            self.roster.take(agent, Step.REJECT, self.now)
            self.room.offer_failed(call, agent, self.now)

    def match(self) -> None:
        for pair in self.room.offers(self.now, self.roster.staff()):
            self.roster.offer(pair.agent, pair.ticket.call, self.now)
            self.ringing[pair.ticket.call] = pair.agent


def burst(callers: int, agents: int, chance: Random) -> tuple[int, float]:
    """Let everybody become ready at once; return how many pairs that makes, and its cost in ms."""
    hall = Hall(callers, agents, chance)
    for agent in hall.talking:
        hall.roster.take(agent, Step.HANG_UP, hall.now)
        hall.roster.take(agent, Step.FINISH_WRAP_UP, hall.now)
    began = time.process_time()
    hall.match()
    return len(hall.ringing), 1000 * (time.process_time() - began)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callers", type=int, default=2000)
    parser.add_argument("--agents", type=int, default=500)
    parser.add_argument("--events", type=int, default=8000)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    hall = Hall(wanted.callers, wanted.agents, Random(1))
    costs: dict[str, list[float]] = {}
    for _ in range(wanted.events):
        began = time.process_time()
        what = hall.event()
        costs.setdefault(what, []).append(1000 * (time.process_time() - began))
    everything = sorted(cost for found in costs.values() for cost in found)
    pairs, whole = burst(wanted.callers, wanted.agents, Random(2))
    told = {
        "callers": wanted.callers,
        "agents": wanted.agents,
        "events": len(everything),
        "mean_ms": round(sum(everything) / len(everything), 3),
        "median_ms": round(everything[len(everything) // 2], 3),
        "p99_ms": round(everything[int(len(everything) * 0.99)], 3),
        "max_ms": round(everything[-1], 3),
        "over_2_ms": sum(cost > 2.0 for cost in everything),
        "mean_ms_by_event": {k: round(sum(v) / len(v), 3) for k, v in sorted(costs.items())},
        "all_ready_at_once": {"pairs": pairs, "ms_a_pair": round(whole / max(pairs, 1), 3)},
        "load": round(os.getloadavg()[0], 2),
    }
    print(json.dumps(told, indent=None if wanted.json else 1))


if __name__ == "__main__":
    main()
