"""Exact virtual time: every deadline is fired at its own instant."""

from typing import Protocol, TypeVar

Output_co = TypeVar("Output_co", covariant=True)


class Ticking(Protocol[Output_co]):
    """Anything that says when it wants to be woken."""

    def next_deadline(self) -> float | None: ...

    def tick(self, now: float) -> list[Output_co]: ...


def timeline(machine: Ticking[Output_co], end: float) -> list[tuple[float, Output_co]]:
    """Fire every deadline up to `end`, each at its own instant."""
    fired = []
    while (due := machine.next_deadline()) is not None and due <= end:
        fired += [(due, output) for output in machine.tick(due)]
    return fired
