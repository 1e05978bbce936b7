"""Time that can be made to go slower, for a media worker and the phones that talk to it.

Each has to do something every 20 ms. On a machine that is too busy for that, what a phone sends
has holes, and nothing is learned of the worker. Where all of them live by a clock that goes nine
times slower, the machine has 180 ms for it.
"""

import time


class Pace:
    """How many seconds pass while one passes for phones and worker."""

    slowness = 1


def now() -> float:
    """Return monotonic seconds as phones and worker count them."""
    return time.monotonic() / Pace.slowness


def real(seconds: float) -> float:
    """Return how long so many of their seconds are."""
    return seconds * Pace.slowness


def program() -> str:
    """Return what a process runs first, to live by this clock."""
    if Pace.slowness == 1:
        return ""
    return f"import time\ntrue = time.monotonic\ntime.monotonic = lambda: true() / {Pace.slowness}"
