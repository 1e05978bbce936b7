"""How much of their time at work agents are with callers, from the changes of their states.

A definition as data, like the others; computed from facts alone, so that anybody can compute
it again: seconds ringing, talking and wrapping up ÷ these and the seconds ready. Pauses and
absence are in neither.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from calls.ids import AgentId
from calls.lane_events import AgentStateChanged

BUSY = ("reserved", "talking", "wrap_up")
READY = "ready"
QUARTER = 900.0
"""Seconds."""
SILENT_AFTER = 12 * 3600.0
"""Seconds after which a state that nothing followed is taken to have ended: the engine was off."""
DEFINITION: Mapping[str, object] = {
    "id": "occupancy",
    "zh": "占用率",
    "en": "occupancy",
    "unit": "share",
    "numerator": {
        "zh": "坐席振铃、通话、话后处理的秒数",
        "en": "agents' seconds ringing, talking and wrapping up",
    },
    "denominator": {"zh": "上述秒数加待机秒数", "en": "these and the seconds ready"},
    "excluded": {"zh": "暂停、未登录", "en": "paused, not signed in"},
    "source": "usual (Connect, Wazo)",
    "target": None,
}


@dataclass(slots=True)
class Times:
    """Seconds of one agent, or of all, by what was done."""

    by_state: dict[str, float] = field(default_factory=dict)

    def add(self, state: str, seconds: float) -> None:
        """Add a stretch."""
        self.by_state[state] = self.by_state.get(state, 0.0) + seconds

    @property
    def busy(self) -> float:
        """Seconds with callers."""
        return sum(self.by_state.get(state, 0.0) for state in BUSY)

    @property
    def occupancy(self) -> float | None:
        """The share; None for one who was never there."""
        there = self.busy + self.by_state.get(READY, 0.0)
        return self.busy / there if there else None


def times(changes: Iterable[AgentStateChanged], since: float, until: float) -> dict[AgentId, Times]:
    """Return what each agent did from `since` until `until`, UTC seconds; changes in any order.

    Those before `since` say what somebody was doing when it began.
    """
    by_agent = _by_agent(changes)
    found = {agent: _times(told, since, until) for agent, told in sorted(by_agent.items())}
    return {agent: each for agent, each in found.items() if each.by_state}


def by_quarter(
    changes: Iterable[AgentStateChanged], since: float, until: float
) -> dict[float, Times]:
    """Return the times of all together by the quarter hour's beginning, UTC seconds, in order.

    Every zone's quarter hours begin at the same moments.
    """
    found: dict[float, Times] = {}
    for told in _by_agent(changes).values():
        for state, begin, end in _stretches(told, since, until):
            _split(found, state, begin, end)
    return dict(sorted(found.items()))


def _split(found: dict[float, Times], state: str, begin: float, end: float) -> None:
    while begin < end:
        quarter = begin // QUARTER * QUARTER
        stop = min(end, quarter + QUARTER)
        found.setdefault(quarter, Times()).add(state, stop - begin)
        begin = stop


def _by_agent(
    changes: Iterable[AgentStateChanged],
) -> dict[AgentId, list[AgentStateChanged]]:
    found: dict[AgentId, list[AgentStateChanged]] = {}
    for change in sorted(changes, key=lambda change: change.at):
        found.setdefault(change.agent, []).append(change)
    return found


def _times(told: list[AgentStateChanged], since: float, until: float) -> Times:
    found = Times()
    for state, begin, end in _stretches(told, since, until):
        found.add(state, end - begin)
    return found


def _stretches(
    told: list[AgentStateChanged], since: float, until: float
) -> Iterator[tuple[str, float, float]]:
    """Give what one agent did, from when until when, within a stretch of time."""
    ends = [change.at for change in told[1:]] + [until]
    for change, end in zip(told, ends, strict=True):
        begin, last = max(change.at, since), min(end, until, change.at + SILENT_AFTER)
        if begin < last:
            yield change.doing, begin, last


def together(each: Mapping[AgentId, Times]) -> Times:
    """Return the times of all."""
    found = Times()
    for one in each.values():
        for state, seconds in one.by_state.items():
            found.add(state, seconds)
    return found
