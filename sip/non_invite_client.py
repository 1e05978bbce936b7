"""The client transaction of every other request (RFC 3261 §17.1.2)."""

from enum import StrEnum

from sip.machine import Machine, Rules
from sip.outputs import Output
from sip.timers import Timer, Timing, timing_for


class State(StrEnum):
    """Where a request of ours stands."""

    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    """Answered; absorbs repeats of the answer."""
    TERMINATED = "terminated"


class Input(StrEnum):
    """What can happen to it, timers apart."""

    PROVISIONAL = "1xx"
    FINAL = "2xx to 6xx"


_REPEAT, _PASS = (Output.REPEAT,), (Output.PASS,)
_GIVEN_UP = (State.TERMINATED, (Output.TIMED_OUT, Output.OVER))

RULES: Rules[State, Input, Output] = Rules(
    table={
        (State.TRYING, Timer.E): (State.TRYING, _REPEAT),
        (State.TRYING, Timer.F): _GIVEN_UP,
        (State.TRYING, Input.PROVISIONAL): (State.PROCEEDING, _PASS),
        (State.TRYING, Input.FINAL): (State.COMPLETED, _PASS),
        (State.PROCEEDING, Timer.E): (State.PROCEEDING, _REPEAT),
        (State.PROCEEDING, Timer.F): _GIVEN_UP,
        (State.PROCEEDING, Input.PROVISIONAL): (State.PROCEEDING, _PASS),
        (State.PROCEEDING, Input.FINAL): (State.COMPLETED, _PASS),
        (State.COMPLETED, Timer.K): (State.TERMINATED, (Output.OVER,)),
    },
    timers={
        State.TRYING: (Timer.E, Timer.F),
        State.PROCEEDING: (Timer.E, Timer.F),
        State.COMPLETED: (Timer.K,),
    },
    silent=frozenset(
        {
            (State.COMPLETED, Input.PROVISIONAL),
            (State.COMPLETED, Input.FINAL),
            (State.TERMINATED, Input.PROVISIONAL),
            (State.TERMINATED, Input.FINAL),
        }
    ),
)


class NonInviteClient(Machine[State, Input, Output]):
    """One request that we sent, which the owner sends when it makes this."""

    __slots__ = ()

    def __init__(
        self, *, reliable: bool = False, timing: Timing | None = None, now: float = 0.0
    ) -> None:
        super().__init__(RULES, State.TRYING, timing or timing_for(reliable), now)

    def receive(self, status: int, now: float) -> list[Output]:
        """Take an answer of the peer's."""
        return [*self._step(Input.PROVISIONAL if status < 200 else Input.FINAL, now)]

    @property
    def unheard(self) -> bool:
        """True while no answer at all has come."""
        return self.state is State.TRYING

    def _longer(self, timer: Timer) -> float:
        """Once the peer has said anything, repeat only every T2 (§17.1.2.2)."""
        return self._timing.t2 if self.state is State.PROCEEDING else super()._longer(timer)
