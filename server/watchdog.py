"""Agents as the roster has them against the dialogs that are really there: differences are mended.

Pure. Nothing here ought ever to be found; what is found is a fault of ours, and is told.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from agents.agent import ON_A_CALL, Agent, Doing, Step
from calls.ids import AgentId, CallId, LegId
from calls.lane_events import NO_CALL, AgentMended
from server.agent_leg import CalledLeg
from server.call_control import CallControl
from server.citizen_call import Stage

GRACE = 2.0
"""Seconds that a change may take to come about before it counts as a difference."""
SETUP = 15.0
"""Seconds within which a phone that is to be rung has a leg at the stack."""


@dataclass(slots=True)
class Watchdog:
    """Looks once a second."""

    control: CallControl

    def look(self, now: float) -> list[AgentMended]:
        """Mend every difference that is older than the grace; return what was mended."""
        found = [*self._dead_legs(now), *self._agents(now)]
        self.control.outputs += found
        if found:
            self.control.flow.match(now)
        return found

    def release(self, agent: AgentId, by: str, now: float) -> AgentMended | None:
        """Free an agent by hand: a call of theirs goes back to the lane; None if none is known."""
        if agent not in self.control.roster:
            return None
        before = self.control.roster[agent]
        self._let_go_of_leg(before, now)
        after = self.control.roster[agent]
        if after.doing in ON_A_CALL:
            after = self._take_off(after, now)
        if after.doing is Doing.WRAP_UP:
            after = self.control.roster.take(agent, Step.FINISH_WRAP_UP, now)
        elif after.doing is Doing.PAUSED:
            after = self.control.roster.take(agent, Step.RESUME, now)
        told = _told(before, after, f"by:{by}", now)
        self.control.outputs.append(told)
        self.control.flow.match(now)
        return told

    # --- what may differ ------------------------------------------------------------------

    def _agents(self, now: float) -> Iterator[AgentMended]:
        """Find those on a call that is nowhere, and those whose phone is not as it was said."""
        on_legs, phones = self._legs(), self.control.agents.reachable(now)
        for agent in self.control.roster.staff():
            if now - agent.since < GRACE:
                continue
            if agent.doing in ON_A_CALL:
                if agent.id not in on_legs:
                    yield _told(agent, self._take_off(agent, now), "no_dialog", now)
                continue
            there = agent.id in phones
            if there is (agent.doing is Doing.OFF):
                yield self._phone(agent, there, now)

    def _phone(self, agent: Agent, there: bool, now: float) -> AgentMended:
        roster = self.control.roster
        after = roster.sign_in(agent.id, now) if there else roster.sign_out(agent.id, now)
        return _told(agent, after, "phone_there" if there else "phone_gone", now)

    def _legs(self) -> dict[AgentId, LegId]:
        """Return who has a leg: that rings, or talks, or listens in place of working."""
        agents = self.control.agents.by_call.values()
        guests = self.control.talks.by_media.values()
        reserved = [leg for leg in guests if leg.reserved]
        return {leg.agent: leg.media for leg in (*agents, *reserved) if leg.agent is not None}

    def _dead_legs(self, now: float) -> Iterator[AgentMended]:
        """Find legs whose call is over, or whose dialog the stack has no more."""
        for leg in list(self.control.agents.by_call.values()):
            if self._alive(leg, now):
                continue
            before = self.control.roster[leg.agent]
            self._let_go_of_leg(before, now)
            yield _told(before, self.control.roster[leg.agent], "no_dialog", now)

    def _alive(self, leg: CalledLeg, now: float) -> bool:
        call = self.control.calls.get(leg.call)
        if call is None or call.stage is Stage.OVER:
            return False
        if leg.sip is None:
            return now < leg.ring_until + SETUP
        return self.control.stack.has(leg.sip)

    # --- how it is put right ----------------------------------------------------------------

    def _let_go_of_leg(self, agent: Agent, now: float) -> None:
        """End the leg that an agent has: as if the phone had vanished."""
        control = self.control
        leg = next((leg for leg in control.agents.by_call.values() if leg.agent == agent.id), None)
        if leg is None:
            return
        call = control.calls.get(leg.call)
        if call is None or call.stage is Stage.OVER:
            control.agents.forget(leg)
        elif not leg.answered:
            control.agents.ring_time_over(leg, call, now)
        else:
            outcome = control.talks.agent_gone(call, now, by_peer=False, lost=True)
            control.life.follow(call, outcome, now)

    def _take_off(self, agent: Agent, now: float) -> Agent:
        step = Step.HANG_UP if agent.doing is Doing.TALKING else Step.WITHDRAW
        return self.control.roster.take(agent.id, step, now)


def _told(before: Agent, after: Agent, why: str, now: float) -> AgentMended:
    call: CallId = before.call or NO_CALL
    return AgentMended(call, now, before.id, before.doing.value, after.doing.value, why)
