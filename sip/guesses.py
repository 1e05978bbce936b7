"""Wrong passwords by whom they were for and whence they came: guessing ends, others notice nothing.

A whole host cannot be shut out for them (`sip.guard` does that to strangers only): an
office's phones stand behind one address, and a datagram's source can be forged.
"""

from dataclasses import dataclass

MOST = 10_000
"""Guessed-at users remembered; the one that came first makes way."""

Guessed = tuple[str, str, bool]
"""A user, a host, and whether it answers a challenge that this very host got from us."""


@dataclass(slots=True)
class _Wrong:
    since: float
    times: int = 0


class Guesses:
    """So many wrong ones are allowed within a while; then none is looked at for as long."""

    def __init__(self, most: int, lasting: float) -> None:
        """`lasting` is seconds."""
        self._most, self._lasting = most, lasting
        self._wrong: dict[Guessed, _Wrong] = {}

    def __len__(self) -> int:
        return len(self._wrong)

    def wrong(self, guessed: Guessed, now: float) -> None:
        """Take note of a wrong password."""
        wrong = self._known(guessed, now)
        if wrong is None:
            if len(self._wrong) >= MOST:
                del self._wrong[next(iter(self._wrong))]
            wrong = self._wrong[guessed] = _Wrong(now)
        wrong.times += 1
        if wrong.times == self._most:
            wrong.since = now

    def stopped(self, guessed: Guessed, now: float) -> bool:
        """Tell whether passwords of this kind are not looked at now."""
        wrong = self._known(guessed, now)
        return wrong is not None and wrong.times >= self._most

    def _known(self, guessed: Guessed, now: float) -> _Wrong | None:
        wrong = self._wrong.get(guessed)
        if wrong is not None and now - wrong.since > self._lasting:
            del self._wrong[guessed]
            return None
        return wrong
