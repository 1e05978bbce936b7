"""When a caller has finished speaking."""

from typing import Literal

Ending = Literal["silence", "limit", "nothing"]
"""Quiet for long enough after speech; spoke for as long as is allowed; never spoke."""


class Endpoint:
    """One turn of speaking, from the moment we listen to the moment it is over.

    `silence` seconds of quiet after speech end it, `limit` seconds end it in any case, and
    `patience` seconds without a sound end it too, when given. A pause shorter than
    `silence` never ends it, however often it happens. All times are the engine's `now`.
    """

    def __init__(
        self, now: float, silence: float, limit: float, patience: float | None = None
    ) -> None:
        self._silence = silence
        self._limit_at = now + limit
        self._quiet_until: float | None = None if patience is None else now + patience
        self._spoke = False
        self._ended = False

    @property
    def spoke(self) -> bool:
        """Whether any speech was noticed."""
        return self._spoke

    def speech_started(self, now: float) -> None:
        """The caller makes a sound; no quiet is counted until it stops."""
        del now
        self._spoke = True
        self._quiet_until = None

    def speech_stopped(self, now: float, quiet: float = 0.0) -> None:
        """The caller fell quiet, `quiet` seconds before `now`."""
        if self._spoke and self._quiet_until is None:
            self._quiet_until = now - quiet + self._silence

    def next_deadline(self) -> float | None:
        """Return when `tick` may have something to say; None once it is over."""
        if self._ended:
            return None
        if self._quiet_until is None:
            return self._limit_at
        return min(self._quiet_until, self._limit_at)

    def tick(self, now: float) -> Ending | None:
        """Say, once, why the caller has finished; None while not."""
        due = self.next_deadline()
        if due is None or now < due:
            return None
        self._ended = True
        if due == self._limit_at:
            return "limit"
        return "silence" if self._spoke else "nothing"
