"""Password guessing, made slow: failures are counted by address and by agent."""

from collections.abc import Iterable
from dataclasses import dataclass, field

REMEMBERED = 10_000
"""Addresses and agents counted at one time; the oldest are forgotten first."""


@dataclass(slots=True)
class Guessing:
    """After `most` failures within `window` seconds the next attempt must wait.

    The attempts that are refused are not counted, so nobody can keep an agent
    out for longer than one window at a time.
    """

    most: int = 5
    window: float = 300.0
    _failures: dict[str, list[float]] = field(default_factory=dict)

    def wait(self, keys: Iterable[str], now: float) -> float:
        """Return how many seconds an attempt under any of `keys` must wait; 0.0 for none."""
        return max((self._wait(key, now) for key in keys), default=0.0)

    def failed(self, keys: Iterable[str], now: float) -> None:
        """Count a failure."""
        for key in keys:
            while len(self._failures) >= REMEMBERED:
                del self._failures[next(iter(self._failures))]
            self._failures.setdefault(key, []).append(now)

    def succeeded(self, keys: Iterable[str]) -> None:
        """Forget the failures."""
        for key in keys:
            self._failures.pop(key, None)

    def _wait(self, key: str, now: float) -> float:
        recent = [at for at in self._failures.get(key, ()) if at > now - self.window]
        if not recent:
            self._failures.pop(key, None)
            return 0.0
        self._failures[key] = recent
        return recent[-self.most] + self.window - now if len(recent) >= self.most else 0.0
