"""The engine's one clock: UTC seconds that never go backwards."""

import time


class Clock:
    """Reads `CLOCK_MONOTONIC`, shifted once so that it counts UTC seconds since the epoch.

    A clock that somebody sets in the middle of a call moves nothing here; a
    restart takes the new time.
    """

    def __init__(self) -> None:
        self.offset = time.time() - time.monotonic()

    def __call__(self) -> float:
        """Return now."""
        return time.monotonic() + self.offset
