"""Looking for holes in the tables of machines."""

from enum import Enum
from itertools import product

from sip.machine import Rules


def undecided(
    rules: Rules, states: type[Enum], inputs: type[Enum], ours: frozenset = frozenset()
) -> set[tuple[Enum, Enum]]:
    """Return the pairs that are neither in the table, nor absorbed, nor barred to us.

    `ours` are the inputs that only our own side gives: outside the table they
    are bugs, and the machine raises.
    """
    return {
        (state, what)
        for state, what in product(states, inputs)
        if (state, what) not in rules.table
        and (state, what) not in rules.silent
        and what not in ours
    }


def endless(rules: Rules, states: type[Enum], end: Enum) -> set[Enum]:
    """Return the states from which no way leads to `end`."""
    reach = {end}
    grown = True
    while grown:
        before = len(reach)
        reach |= {state for (state, _), (to, _) in rules.table.items() if to in reach}
        grown = len(reach) > before
    return set(states) - reach
