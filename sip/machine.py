"""What the transactions and the legs share: a table, the timers of each state, and deadlines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

from calls.transitions import IllegalTransition
from sip.timers import LINGERING, REPEATING, Timer, Timing

State = TypeVar("State", bound=Enum)
Input = TypeVar("Input", bound=Enum)
Output = TypeVar("Output", bound=Enum)


@dataclass(frozen=True, slots=True)
class Rules(Generic[State, Input, Output]):
    """One kind of machine, as data that can be read, drawn and tested for holes."""

    table: Mapping[tuple[State, Input | Timer], tuple[State, tuple[Output, ...]]]
    """What follows: the next state, and what is to be done in that order."""
    timers: Mapping[State, tuple[Timer, ...]]
    """The timers that live in each state; a state not named has none."""
    silent: frozenset[tuple[State, Input]] = field(default_factory=frozenset)
    """What a peer may do too late or twice: absorbed without a word."""


class Machine(Generic[State, Input, Output]):
    """A table being walked. It neither sends nor sleeps; time is the argument `now`."""

    __slots__ = ("_deadlines", "_interval", "_rules", "_timing", "state")

    def __init__(
        self, rules: Rules[State, Input, Output], begin: State, timing: Timing, now: float
    ) -> None:
        self._rules = rules
        self._timing = timing
        self._deadlines: dict[Timer, float] = {}
        self._interval = 0.0
        self.state = begin
        self._start(rules.timers.get(begin, ()), now)

    def next_deadline(self) -> float | None:
        """Return when `tick` is wanted; None if never."""
        return min(self._deadlines.values(), default=None)

    @property
    def lingers(self) -> bool:
        """True when it only waits to be forgotten: then a moment more or less is no matter."""
        return self._deadlines.keys() <= LINGERING

    def tick(self, now: float) -> list[Output]:
        """Fire every timer that is due."""
        outputs: list[Output] = []
        while self._deadlines:
            timer = min(self._deadlines, key=self._deadlines.__getitem__)
            if self._deadlines[timer] > now:
                break
            del self._deadlines[timer]
            outputs += self._step(timer, now)
        return outputs

    def _step(self, what: Input | Timer, now: float) -> Iterable[Output]:
        row = self._rules.table.get((self.state, what))
        if row is None:
            if (self.state, what) in self._rules.silent:
                return ()
            raise IllegalTransition(f"{what.name} in {self.state.name}")
        before, (self.state, outputs) = self.state, row
        if self.state is not before:
            self._replace_deadlines(now)
        elif isinstance(what, Timer) and what in REPEATING:
            self._interval = self._longer(what)
            self._deadlines[what] = now + self._interval
        return outputs

    def _replace_deadlines(self, now: float) -> None:
        """Keep the deadlines that live in the new state too, and start its others."""
        lives = self._rules.timers.get(self.state, ())
        if self._deadlines:
            self._deadlines = {t: due for t, due in self._deadlines.items() if t in lives}
        self._start((t for t in lives if t not in self._deadlines), now)

    def _start(self, timers: Iterable[Timer], now: float) -> None:
        for timer in timers:
            wait = self._timing.first(timer)
            if wait is None:
                continue
            self._deadlines[timer] = now + wait
            if timer in REPEATING:
                self._interval = wait

    def _longer(self, timer: Timer) -> float:
        return self._timing.again(timer, self._interval)
