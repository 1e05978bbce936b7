"""Places of callers whose line dropped, kept for a while: who rings again goes on waiting."""

from dataclasses import dataclass, field

from calls.ids import LaneId

MOST = 5000
"""Places kept at once; the oldest goes first."""


@dataclass(slots=True)
class KeptPlaces:
    """By the caller's number, and lane."""

    _kept: dict[tuple[str, LaneId], tuple[float, float]] = field(default_factory=dict)

    def keep(self, number: str, lane: LaneId, since: float, until: float) -> None:
        """Keep the place that a caller held since then; a caller without a number has none."""
        if not number.lstrip("+").isdecimal():
            return
        older = self._kept.pop((number, lane), (since, until))
        self._kept[number, lane] = (min(since, older[0]), until)
        if len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]

    def take(self, number: str, lane: LaneId, now: float) -> float | None:
        """Return since when the caller has waited, once; None if no place is kept any more."""
        since, until = self._kept.pop((number, lane), (0.0, now))
        return since if until > now else None

    def __len__(self) -> int:
        return len(self._kept)
