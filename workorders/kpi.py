"""What a figure is: whom it counts, among whom, who is left out, and where that was laid down.

A definition is a value that can be printed; it is computed from stories alone, so that
anybody can compute it again.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from workorders.call_story import CallStory

Story = TypeVar("Story")


@dataclass(frozen=True)
class Condition(Generic[Story]):
    """Which stories count."""

    zh: str
    en: str
    holds: Callable[[Story], bool]


@dataclass(frozen=True)
class Measure(Generic[Story]):
    """What is added up: seconds of each story; one that has none (None) adds nothing."""

    zh: str
    en: str
    seconds: Callable[[Story], float | None]


@dataclass(frozen=True)
class Kpi(Generic[Story]):
    """One figure: numerator ÷ denominator."""

    id: str
    zh: str
    en: str
    numerator: Condition[Story] | Measure[Story]
    denominator: Condition[Story]
    source: str
    """Where the formula was read; `ours` if only the name was."""
    excluded: Condition[Story] | None = None
    """Who is in neither."""
    target: float | None = None

    @property
    def unit(self) -> str:
        """`share` from 0 to 1 or above, or `seconds`."""
        return "seconds" if isinstance(self.numerator, Measure) else "share"

    def described(self) -> dict[str, object]:
        """Return the definition as JSON values."""
        none = self.excluded is None
        return {
            "id": self.id,
            "zh": self.zh,
            "en": self.en,
            "unit": self.unit,
            "numerator": {"zh": self.numerator.zh, "en": self.numerator.en},
            "denominator": {"zh": self.denominator.zh, "en": self.denominator.en},
            "excluded": None if none else {"zh": self.excluded.zh, "en": self.excluded.en},  # type: ignore[union-attr]  # not none
            "source": self.source,
            "target": self.target,
        }


@dataclass(frozen=True, slots=True)
class Figure:
    """What a definition comes to; `value` is None when nobody is in the denominator."""

    value: float | None
    numerator: float
    denominator: int


def computed(kpi: Kpi[Story], stories: Sequence[Story]) -> Figure:
    """Compute a figure."""
    excluded = kpi.excluded
    base = [
        one
        for one in stories
        if kpi.denominator.holds(one) and not (excluded is not None and excluded.holds(one))
    ]
    what = kpi.numerator
    if isinstance(what, Measure):
        top = sum(what.seconds(one) or 0.0 for one in base)
    else:
        # A numerator may reach outside the denominator: "answered or abandoned within 15 s".
        top = float(sum(what.holds(one) for one in base))
    return Figure(top / len(base) if base else None, top, len(base))


def worst(kpi: Kpi[CallStory], stories: Sequence[CallStory], window: float) -> float | None:
    """Return the lowest value of a share in any stretch of `window` seconds that ends at a call.

    "In any 24 hours" of GB/T 33358; None if nobody is in the denominator.
    """
    kept = [s for s in stories if kpi.denominator.holds(s)]
    if kpi.excluded is not None:
        kept = [s for s in kept if not kpi.excluded.holds(s)]
    kept.sort(key=lambda s: s.arrived)
    times = [s.arrived for s in kept]
    if isinstance(kpi.numerator, Measure) or not kept:
        return None
    sums = [0]
    for one in kept:
        sums.append(sums[-1] + kpi.numerator.holds(one))
    values = []
    for until in times:
        first, last = bisect_left(times, until - window + 1e-9), bisect_right(times, until)
        values.append((sums[last] - sums[first]) / (last - first))
    return min(values)


def change(now: float, before: float) -> float | None:
    """Return by what part a figure has changed (同比 against last year, 环比 against last time)."""
    return (now - before) / before if before else None
