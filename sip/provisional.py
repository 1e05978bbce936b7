"""Reliable provisional answers (RFC 3262): ours repeated until the PRACK, theirs in order."""

from enum import StrEnum

from sip.grammar import Malformed, parse_number
from sip.headers import Headers
from sip.machine import Machine, Rules
from sip.timers import Timer, Timing

OPTION = "100rel"
_TOO_LARGE = 2**31


class State(StrEnum):
    """Whether the caller is known to have it."""

    UNACKNOWLEDGED = "unacknowledged"
    OVER = "over"


class Input(StrEnum):
    """What can happen to it, timers apart."""

    PRACK = "PRACK"


class Outcome(StrEnum):
    """What is to be done."""

    REPEAT = "send the 1xx again"
    DONE = "the PRACK came"
    NO_PRACK = "no PRACK came: refuse the call"


RULES: Rules[State, Input, Outcome] = Rules(
    table={
        (State.UNACKNOWLEDGED, Timer.REPEAT_1XX): (State.UNACKNOWLEDGED, (Outcome.REPEAT,)),
        (State.UNACKNOWLEDGED, Timer.PRACK_WAIT): (State.OVER, (Outcome.NO_PRACK,)),
        (State.UNACKNOWLEDGED, Input.PRACK): (State.OVER, (Outcome.DONE,)),
    },
    timers={State.UNACKNOWLEDGED: (Timer.REPEAT_1XX, Timer.PRACK_WAIT)},
    silent=frozenset({(State.OVER, Input.PRACK)}),
)


class Provisional(Machine[State, Input, Outcome]):
    """One reliable 1xx of ours (RFC 3262 §3)."""

    __slots__ = ("number",)

    def __init__(self, number: int, timing: Timing, now: float) -> None:
        super().__init__(RULES, State.UNACKNOWLEDGED, timing, now)
        self.number = number
        """Its RSeq."""

    def acknowledge(self, now: float) -> list[Outcome]:
        """Take the PRACK."""
        return [*self._step(Input.PRACK, now)]


def required(headers: Headers) -> bool:
    """Tell whether a caller takes no provisional answers but reliable ones."""
    return OPTION in (tag.lower() for tag in headers.all("require"))


def acknowledged(headers: Headers) -> tuple[int, int, str]:
    """Return what a PRACK's RAck names: RSeq, CSeq number and method; raise Malformed (§7.2)."""
    parts = (headers.get("rack") or "").split()
    if len(parts) != 3:
        raise Malformed("RAck")
    number = parse_number(parts[0], "RAck", _TOO_LARGE)
    return number, parse_number(parts[1], "RAck", _TOO_LARGE), parts[2]


def sequence(headers: Headers) -> int | None:
    """Return the RSeq of an answer that wants a PRACK; None if it wants none (§4)."""
    value = headers.get("rseq")
    usable = value is not None and value.isascii() and value.isdigit() and required(headers)
    number = int(value[:11]) if usable and value is not None else 0
    return number if 0 < number < _TOO_LARGE else None
