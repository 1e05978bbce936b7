"""A 2xx to an INVITE, repeated until its ACK comes (RFC 3261 §13.3.1.4)."""

from enum import StrEnum

from sip.machine import Machine, Rules
from sip.message import Address
from sip.timers import Timer, Timing


class State(StrEnum):
    """Whether the caller is known to have it."""

    UNACKNOWLEDGED = "unacknowledged"
    OVER = "over"


class Input(StrEnum):
    """What can happen to it, timers apart."""

    ACK = "ACK"


class Outcome(StrEnum):
    """What is to be done."""

    REPEAT = "send the 2xx again"
    ACKNOWLEDGED = "the ACK came"
    NO_ACK = "no ACK came"


RULES: Rules[State, Input, Outcome] = Rules(
    table={
        (State.UNACKNOWLEDGED, Timer.REPEAT_2XX): (State.UNACKNOWLEDGED, (Outcome.REPEAT,)),
        (State.UNACKNOWLEDGED, Timer.ACK_WAIT): (State.OVER, (Outcome.NO_ACK,)),
        (State.UNACKNOWLEDGED, Input.ACK): (State.OVER, (Outcome.ACKNOWLEDGED,)),
    },
    timers={State.UNACKNOWLEDGED: (Timer.REPEAT_2XX, Timer.ACK_WAIT)},
    silent=frozenset({(State.OVER, Input.ACK)}),
)


class Acceptance(Machine[State, Input, Outcome]):
    """One 2xx of ours. It goes again over TCP too, as the RFC wants: proxies may lose it."""

    __slots__ = ("datagram", "offers", "peer")

    def __init__(
        self, datagram: bytes, peer: Address, *, offers: bool, timing: Timing, now: float
    ) -> None:
        super().__init__(RULES, State.UNACKNOWLEDGED, timing, now)
        self.datagram = datagram
        self.peer = peer
        self.offers = offers
        """True when it carries our offer, so that the ACK brings the answer."""

    def acknowledge(self, now: float) -> list[Outcome]:
        """Take the ACK."""
        return [*self._step(Input.ACK, now)]
