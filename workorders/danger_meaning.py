"""A second ear for danger: it weighs what a sentence means, where sounds and rules leave doubt.

A danger told in words that no lesson had lies close to others in meaning, if not in sound. What is
misheard means little to it; so it never judges alone, and hears another reading besides.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workorders import second_reading
from workorders.danger_ear import SILENT
from workorders.meaning import meanings

if TYPE_CHECKING:  # as in workorders.danger_ear
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SecondEar:
    """What was learned: sums of a meaning's numbers, and what of them is above nothing."""

    rows: "NDArray[np.float32]"
    """Numbers of a meaning by sums."""
    sums: "NDArray[np.float32]"
    weights: "NDArray[np.float32]"
    bias: float

    def odds(self, *readings: str) -> float:
        """Return the log odds of danger by what is meant, the mean of some readings."""
        sums = meanings(readings) @ self.rows + self.sums
        return float((sums.clip(0) @ self.weights).mean()) + self.bias

    def loudest(self, stretches: Iterable[str]) -> float:
        """Return the log odds of the one that is most of danger, each heard in both readings."""
        heard = dict.fromkeys(map(heard_in, stretches))
        return max(self.odds(*_readings(one)) for one in heard)


def _readings(heard: str) -> Iterable[str]:
    """Return what was recognised, and the other way to read it, if there is any."""
    return dict.fromkeys((heard, second_reading.learned().reread(heard)))


def heard_in(text: str) -> str:
    """Leave out what nobody hears: a comma would tell what was written from what was said."""
    return "".join(c for c in text if c not in SILENT)
