"""How much recognition costs at present, and whether there is enough of it to go round."""

from dataclasses import dataclass, field
from functools import partial

FIRST_GUESS = 0.15
"""Seconds a second of sound, until there is something measured."""
FIRST_GUESS_OF_ANSWERS = 0.03
"""The same where only a menu's answers are listened for."""
MEMORY = 60.0
"""Seconds of sound after which a measurement counts for a third: a dear word of one speaker
must not cost another the recogniser."""
ROOM_FOR_FILES = 0.8
"""Load up to which a recording may be begun: a piece of one, once begun, is not put aside."""


@dataclass(slots=True)
class Factor:
    """Seconds of a thread for a second of sound, as the worker's answers tell it.

    Measured by the wall clock, so that it also tells of a machine that is busy otherwise.
    """

    value: float
    measured: bool = False

    def took(self, spent: float, sound: float) -> None:
        """Take it that `sound` seconds of speech took `spent` seconds."""
        if sound <= 0:
            return
        self.value += (spent / sound - self.value) * min(1.0, sound / MEMORY)
        self.measured = True


@dataclass(slots=True)
class Load:
    """What one language's worker can do at once, and what each kind of stream takes of it."""

    threads: int
    bounded: bool = True
    """Whether these are all that there is; of a farm's hosts nothing is known, and the time of
    their answers has the network's in it."""
    speech: Factor = field(default_factory=partial(Factor, FIRST_GUESS))
    answers: Factor = field(default_factory=partial(Factor, FIRST_GUESS_OF_ANSWERS))
    """Where only a menu's answers are listened for."""

    def cost(self, *, answers: bool) -> float:
        """Return the factor of a stream in which any words are heard, or `answers` only."""
        return (self.answers if answers else self.speech).value

    def took(self, spent: float, sound: float, *, answers: bool) -> None:
        """Take it that a piece of a stream of that kind took so many seconds."""
        (self.answers if answers else self.speech).took(spent, sound)
