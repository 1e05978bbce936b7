"""What every agent did when, as facts: in a call, between calls, and at home."""

from collections.abc import Iterator, Sequence

from agents.agent import Agent
from calls.lane_events import NO_CALL, AgentStateChanged


class StaffDiary:
    """Compares the staff with what it was; an agent is a frozen value, and the same one is so."""

    def __init__(self) -> None:
        self._staff: Sequence[Agent] = ()
        self._written: dict[str, tuple[object, ...]] = {}

    def changes(self, staff: Sequence[Agent]) -> Iterator[AgentStateChanged]:
        """Return what changed since the last look; costs a comparison when nothing did.

        What somebody was within one turn and is no more at its end is not seen.
        """
        if staff is self._staff:
            return
        before, self._staff = self._staff, staff
        if len(before) == len(staff):  # nearly always, and one agent of hundreds is another
            staff = [now for now, was in zip(staff, before, strict=True) if now is not was]
        for agent in staff:
            state = agent.doing, agent.since, agent.reason
            if self._written.get(agent.id) == state:
                continue
            new = agent.id not in self._written
            self._written[agent.id] = state
            if not (new and agent.since == 0.0):  # never seen at work: nothing happened yet
                yield AgentStateChanged(
                    agent.call or NO_CALL, agent.since, agent.id, agent.doing.value, agent.reason
                )
