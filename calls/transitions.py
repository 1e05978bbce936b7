"""State machines as tables: what may follow is data that can be read, drawn and tested."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

State = TypeVar("State", bound=Enum)
Step = TypeVar("Step", bound=Enum)


class IllegalTransition(Exception):
    """We broke our own table: a bug, never a peer's doing."""


def follow(table: Mapping[tuple[State, Step], State], state: State, step: Step) -> State:
    """Return the state that `step` leads to; raise IllegalTransition if barred."""
    try:
        return table[state, step]
    except KeyError:
        raise IllegalTransition(f"{step.name} in {state.name}") from None
