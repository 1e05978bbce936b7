"""Textbook waiting: callers without memory, agents all alike. What a simulated day is held against.

Offered load is in erlangs: calls a second times mean handling in seconds.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Queue:
    """What a queue comes to in the long run."""

    waits: float
    """Part of the callers who do not get an agent at once."""
    wait: float
    """Mean wait of all callers, those who hang up and those who need not wait included; seconds."""
    abandons: float = 0.0
    """Part of the callers who hang up."""


def erlang_c(load: float, agents: int, handling: float) -> Queue:
    """Return M/M/n, in which nobody hangs up; raise ValueError if the agents cannot keep up."""
    if not 0 <= load < agents:
        raise ValueError(f"{load} erlangs are too much for {agents} agents")
    blocked = 1.0  # Erlang B, by its recursion
    for n in range(1, agents + 1):
        blocked = load * blocked / (n + load * blocked)
    waits = agents * blocked / (agents - load * (1 - blocked))
    return Queue(waits, waits * handling / (agents - load))


def erlang_a(load: float, agents: int, handling: float, patience: float) -> Queue:
    """Return M/M/n+M: every caller hangs up after a patience of `patience` seconds in the mean."""
    arrive, serve, leave = load / handling, 1 / handling, 1 / patience
    weights, weight, here = [1.0], 1.0, 0
    while here < agents + load or weight > 1e-14 * max(weights):
        here += 1
        weight *= arrive / (min(here, agents) * serve + max(0, here - agents) * leave)
        weights.append(weight)
    whole = sum(weights)
    queued = sum((n - agents) * w for n, w in enumerate(weights) if n > agents) / whole
    return Queue(sum(weights[agents:]) / whole, queued / arrive, leave * queued / arrive)
