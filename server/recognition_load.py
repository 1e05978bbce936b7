"""How much recognition costs at present, and whether there is enough of it to go round."""

from dataclasses import dataclass

FIRST_GUESS = 0.15
"""Seconds a second of sound, until there is something measured."""
MEMORY = 20.0
"""Seconds of sound after which a measurement counts for a third."""
ROOM_FOR_FILES = 0.8
"""Load up to which a recording may be begun: a piece of one, once begun, is not put aside."""


@dataclass(slots=True)
class Load:
    """The real-time factor of one language's worker, as its answers tell it.

    Measured by the wall clock, so that it also tells of a machine that is busy otherwise.
    """

    threads: int
    factor: float = FIRST_GUESS
    measured: bool = False

    def took(self, spent: float, sound: float) -> None:
        """Take it that `sound` seconds of speech took `spent` seconds."""
        if sound <= 0:
            return
        self.factor += (spent / sound - self.factor) * min(1.0, sound / MEMORY)
        self.measured = True

    def of(self, streams: int) -> float:
        """Return the share of the worker that so many live streams need."""
        return streams * self.factor / self.threads
