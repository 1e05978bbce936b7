"""The server transaction of every other request (RFC 3261 §17.2.2)."""

from enum import StrEnum

from sip.machine import Machine, Rules
from sip.outputs import Output
from sip.timers import Timer, Timing, timing_for


class State(StrEnum):
    """Where a request of a peer's stands."""

    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    """Answered; each repeat of the request gets the same answer."""
    TERMINATED = "terminated"


class Input(StrEnum):
    """What can happen to it, timers apart."""

    REQUEST = "the request again"
    PROVISIONAL = "we answer 1xx"
    FINAL = "we answer 2xx to 6xx"


_SEND, _REPEAT = (Output.SEND,), (Output.REPEAT,)

RULES: Rules[State, Input, Output] = Rules(
    table={
        (State.TRYING, Input.PROVISIONAL): (State.PROCEEDING, _SEND),
        (State.TRYING, Input.FINAL): (State.COMPLETED, _SEND),
        (State.PROCEEDING, Input.REQUEST): (State.PROCEEDING, _REPEAT),
        (State.PROCEEDING, Input.PROVISIONAL): (State.PROCEEDING, _SEND),
        (State.PROCEEDING, Input.FINAL): (State.COMPLETED, _SEND),
        (State.COMPLETED, Input.REQUEST): (State.COMPLETED, _REPEAT),
        (State.COMPLETED, Timer.J): (State.TERMINATED, (Output.OVER,)),
    },
    timers={State.COMPLETED: (Timer.J,)},
    silent=frozenset({(State.TRYING, Input.REQUEST), (State.TERMINATED, Input.REQUEST)}),
)


class NonInviteServer(Machine[State, Input, Output]):
    """One request that a peer sent, until no repeat of it can come."""

    __slots__ = ()

    def __init__(
        self, *, reliable: bool = False, timing: Timing | None = None, now: float = 0.0
    ) -> None:
        super().__init__(RULES, State.TRYING, timing or timing_for(reliable), now)

    def receive(self, method: str, now: float) -> list[Output]:
        """Take the request once more."""
        return [*self._step(Input.REQUEST, now)]

    def respond(self, status: int, now: float) -> list[Output]:
        """Give our answer; raise IllegalTransition if a final one was given before."""
        return [*self._step(Input.PROVISIONAL if status < 200 else Input.FINAL, now)]

    @property
    def decided(self) -> bool:
        """True once a final answer was given."""
        return self.state in (State.COMPLETED, State.TERMINATED)
