"""The INVITE client transaction (RFC 3261 §17.1.1, with the Accepted state of RFC 6026 §7.2)."""

from enum import StrEnum

from sip.machine import Machine, Rules
from sip.outputs import Output
from sip.timers import Timer, Timing, timing_for


class State(StrEnum):
    """Where an INVITE of ours stands."""

    CALLING = "calling"
    """No answer yet; the INVITE is repeated."""
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    """Refused and acknowledged; acknowledges each repeat of the answer."""
    ACCEPTED = "accepted"
    """Got a 2xx; passes on each repeat and each fork, for the leg to acknowledge."""
    TERMINATED = "terminated"


class Input(StrEnum):
    """What can happen to it, timers apart."""

    PROVISIONAL = "1xx"
    SUCCESS = "2xx"
    REFUSAL = "3xx to 6xx"


_PASS, _OVER = (Output.PASS,), (Output.OVER,)
_REFUSED = (State.COMPLETED, (Output.ACKNOWLEDGE, Output.PASS))

RULES: Rules[State, Input, Output] = Rules(
    table={
        (State.CALLING, Timer.A): (State.CALLING, (Output.REPEAT,)),
        (State.CALLING, Timer.B): (State.TERMINATED, (Output.TIMED_OUT, Output.OVER)),
        (State.CALLING, Input.PROVISIONAL): (State.PROCEEDING, _PASS),
        (State.CALLING, Input.SUCCESS): (State.ACCEPTED, _PASS),
        (State.CALLING, Input.REFUSAL): _REFUSED,
        (State.PROCEEDING, Input.PROVISIONAL): (State.PROCEEDING, _PASS),
        (State.PROCEEDING, Input.SUCCESS): (State.ACCEPTED, _PASS),
        (State.PROCEEDING, Input.REFUSAL): _REFUSED,
        (State.COMPLETED, Input.REFUSAL): (State.COMPLETED, (Output.ACKNOWLEDGE,)),
        (State.COMPLETED, Timer.D): (State.TERMINATED, _OVER),
        (State.ACCEPTED, Input.SUCCESS): (State.ACCEPTED, _PASS),
        (State.ACCEPTED, Timer.M): (State.TERMINATED, _OVER),
    },
    timers={
        State.CALLING: (Timer.A, Timer.B),
        State.COMPLETED: (Timer.D,),
        State.ACCEPTED: (Timer.M,),
    },
    silent=frozenset(
        {
            (State.COMPLETED, Input.PROVISIONAL),
            (State.COMPLETED, Input.SUCCESS),
            (State.ACCEPTED, Input.PROVISIONAL),
            (State.ACCEPTED, Input.REFUSAL),
            (State.TERMINATED, Input.PROVISIONAL),
            (State.TERMINATED, Input.SUCCESS),
            (State.TERMINATED, Input.REFUSAL),
        }
    ),
)


class InviteClient(Machine[State, Input, Output]):
    """One INVITE that we sent, which the owner sends when it makes this.

    In Proceeding no timer runs (the RFC has none for a user agent): whoever
    sent the INVITE limits how long it may ring.
    """

    __slots__ = ()

    def __init__(
        self, *, reliable: bool = False, timing: Timing | None = None, now: float = 0.0
    ) -> None:
        super().__init__(RULES, State.CALLING, timing or timing_for(reliable), now)

    def receive(self, status: int, now: float) -> list[Output]:
        """Take an answer of the peer's."""
        if status < 200:
            return [*self._step(Input.PROVISIONAL, now)]
        return [*self._step(Input.SUCCESS if status < 300 else Input.REFUSAL, now)]

    @property
    def unheard(self) -> bool:
        """True while no answer at all has come."""
        return self.state is State.CALLING
