"""Faults of our own in a media worker, told without filling the log."""

import traceback

EACH, THEN = 20, 1000
"""How many are printed each; of those after, one of so many."""


class Complaints:
    """Prints faults; of many only some, since one may come with each packet."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self) -> None:
        """Print the one that is being handled."""
        self._count += 1
        if self._count <= EACH or self._count % THEN == 0:
            traceback.print_exc()
