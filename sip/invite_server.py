"""The INVITE server transaction (RFC 3261 §17.2.1, with the Accepted state of RFC 6026 §7.1)."""

from enum import StrEnum

from sip.machine import Machine, Rules
from sip.outputs import Output
from sip.timers import Timer, Timing, timing_for


class State(StrEnum):
    """Where an INVITE of a peer's stands."""

    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    """Refused; repeats the answer until the ACK."""
    CONFIRMED = "confirmed"
    """Refused and acknowledged; absorbs more ACKs."""
    ACCEPTED = "accepted"
    """Got a 2xx, which the leg repeats; absorbs more INVITEs."""
    TERMINATED = "terminated"


class Input(StrEnum):
    """What can happen to it, timers apart."""

    INVITE = "INVITE again"
    ACK = "ACK"
    PROVISIONAL = "we answer 1xx"
    SUCCESS = "we answer 2xx"
    REFUSAL = "we answer 3xx to 6xx"


_SEND, _REPEAT, _OVER = (Output.SEND,), (Output.REPEAT,), (Output.OVER,)

RULES: Rules[State, Input, Output] = Rules(
    table={
        (State.PROCEEDING, Input.INVITE): (State.PROCEEDING, _REPEAT),
        (State.PROCEEDING, Input.PROVISIONAL): (State.PROCEEDING, _SEND),
        (State.PROCEEDING, Input.SUCCESS): (State.ACCEPTED, _SEND),
        (State.PROCEEDING, Input.REFUSAL): (State.COMPLETED, _SEND),
        (State.COMPLETED, Input.INVITE): (State.COMPLETED, _REPEAT),
        (State.COMPLETED, Input.ACK): (State.CONFIRMED, ()),
        (State.COMPLETED, Timer.G): (State.COMPLETED, _REPEAT),
        (State.COMPLETED, Timer.H): (State.TERMINATED, (Output.NO_ACK, Output.OVER)),
        (State.CONFIRMED, Timer.I): (State.TERMINATED, _OVER),
        (State.ACCEPTED, Input.SUCCESS): (State.ACCEPTED, _SEND),
        (State.ACCEPTED, Input.ACK): (State.ACCEPTED, (Output.PASS_ACK,)),
        (State.ACCEPTED, Timer.L): (State.TERMINATED, _OVER),
    },
    timers={
        State.COMPLETED: (Timer.G, Timer.H),
        State.CONFIRMED: (Timer.I,),
        State.ACCEPTED: (Timer.L,),
    },
    silent=frozenset(
        {
            (State.PROCEEDING, Input.ACK),
            (State.CONFIRMED, Input.INVITE),
            (State.CONFIRMED, Input.ACK),
            (State.ACCEPTED, Input.INVITE),
            (State.TERMINATED, Input.INVITE),
            (State.TERMINATED, Input.ACK),
        }
    ),
)


class InviteServer(Machine[State, Input, Output]):
    """One INVITE that a peer sent, from its arrival until nothing of it can come again."""

    __slots__ = ()

    def __init__(
        self, *, reliable: bool = False, timing: Timing | None = None, now: float = 0.0
    ) -> None:
        super().__init__(RULES, State.PROCEEDING, timing or timing_for(reliable), now)

    def receive(self, method: str, now: float) -> list[Output]:
        """Take a repeated INVITE, or an ACK."""
        return [*self._step(Input.ACK if method == "ACK" else Input.INVITE, now)]

    def respond(self, status: int, now: float) -> list[Output]:
        """Give our answer; raise IllegalTransition if a final one was given before."""
        if status < 200:
            return [*self._step(Input.PROVISIONAL, now)]
        return [*self._step(Input.SUCCESS if status < 300 else Input.REFUSAL, now)]

    @property
    def decided(self) -> bool:
        """True once a final answer was given."""
        return self.state is not State.PROCEEDING
