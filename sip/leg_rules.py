"""The life of one leg, from INVITE to BYE, as a table."""

from enum import StrEnum

from sip.machine import Machine, Rules
from sip.timers import Timer, Timing


class Stage(StrEnum):
    """Where one party's call stands."""

    OFFERED = "offered"
    """Their INVITE waits for our word."""
    ANSWERED = "answered"
    """Our 200 waits for their ACK."""
    LEAVING = "leaving"
    """Hung up before that ACK: the BYE must wait for it (§15)."""
    CALLING = "calling"
    """Our INVITE has had no answer at all."""
    GIVING_UP = "giving up"
    """Hung up before any answer: the CANCEL must wait for one (§9.1)."""
    RINGING = "ringing"
    CANCELLING = "cancelling"
    UP = "up"
    CLOSING = "closing"
    """Our BYE waits for its answer."""
    OVER = "over"


class Step(StrEnum):
    """What can happen to it, timers apart."""

    RING = "we ring"
    ANSWER = "we answer"
    REJECT = "we reject"
    HANG_UP = "we hang up"
    ACKNOWLEDGED = "ACK"
    NO_ACK = "no ACK"
    CANCEL = "CANCEL"
    BYE = "BYE"
    PROVISIONAL = "1xx"
    SUCCESS = "2xx"
    REFUSAL = "3xx to 6xx, or none"
    AGAIN = "our INVITE goes to another host, or with more to prove"
    LOST = "the session timer ran out, or a refresh found nobody"
    NO_PRACK = "no PRACK"
    BYE_DONE = "our BYE answered, or given up"


class Act(StrEnum):
    """What is to be done."""

    SEND_RINGING = "send 180"
    SEND_ANSWER = "send 200 until the ACK"
    SEND_REFUSAL = "send the refusal"
    SEND_TERMINATED = "send 487"
    SEND_ACK = "send ACK"
    SEND_CANCEL = "send CANCEL"
    SEND_BYE = "send BYE"
    FORGET_INVITE = "forget the INVITE"
    TELL_CANCELLED = "tell that the caller gave up"
    TELL_CONFIRMED = "tell of the ACK"
    TELL_RINGING = "tell of the 1xx"
    TELL_ANSWERED = "tell of the 2xx"
    TELL_REFUSED = "tell of the refusal"
    TELL_RANG_TOO_LONG = "tell of a refusal, 408"
    TELL_ENDED = "tell of the BYE"
    TELL_NO_ACK = "tell that no ACK came"
    TELL_LOST = "tell why the call was given up"
    TELL_UNANSWERED = "tell that nobody answered"


OURS = frozenset({Step.RING, Step.ANSWER, Step.REJECT})
"""Steps that are bugs of ours where the table has no row. Hanging up is never wrong."""

_CANCELLED = (Stage.OVER, (Act.SEND_TERMINATED, Act.TELL_CANCELLED))
_ANSWERED = (Stage.UP, (Act.SEND_ACK, Act.TELL_ANSWERED))
_TOO_LATE = (Stage.CLOSING, (Act.SEND_ACK, Act.SEND_BYE))
_REFUSED = (Stage.OVER, (Act.TELL_REFUSED,))
_NO_ACK = (Stage.CLOSING, (Act.SEND_BYE, Act.TELL_NO_ACK))
_ENDED = (Stage.OVER, (Act.TELL_ENDED,))

_TABLE: dict[tuple[Stage, Step | Timer], tuple[Stage, tuple[Act, ...]]] = {
    (Stage.OFFERED, Step.RING): (Stage.OFFERED, (Act.SEND_RINGING,)),
    (Stage.OFFERED, Step.ANSWER): (Stage.ANSWERED, (Act.SEND_ANSWER,)),
    (Stage.OFFERED, Step.REJECT): (Stage.OVER, (Act.SEND_REFUSAL,)),
    (Stage.OFFERED, Step.HANG_UP): (Stage.OVER, (Act.SEND_REFUSAL,)),
    (Stage.OFFERED, Step.CANCEL): _CANCELLED,
    (Stage.OFFERED, Step.BYE): _CANCELLED,
    (Stage.OFFERED, Timer.RING_LIMIT): (Stage.OVER, (Act.SEND_REFUSAL, Act.TELL_UNANSWERED)),
    (Stage.OFFERED, Timer.RING_AGAIN): (Stage.OFFERED, (Act.SEND_RINGING,)),
    (Stage.OFFERED, Step.NO_PRACK): (Stage.OVER, (Act.SEND_REFUSAL, Act.TELL_LOST)),
    (Stage.ANSWERED, Step.ACKNOWLEDGED): (Stage.UP, (Act.TELL_CONFIRMED,)),
    (Stage.ANSWERED, Step.NO_ACK): _NO_ACK,
    (Stage.ANSWERED, Step.HANG_UP): (Stage.LEAVING, ()),
    (Stage.ANSWERED, Step.BYE): _ENDED,
    (Stage.LEAVING, Step.ACKNOWLEDGED): (Stage.CLOSING, (Act.SEND_BYE,)),
    (Stage.LEAVING, Step.NO_ACK): (Stage.CLOSING, (Act.SEND_BYE,)),
    (Stage.LEAVING, Step.BYE): (Stage.OVER, ()),
    (Stage.CALLING, Step.PROVISIONAL): (Stage.RINGING, (Act.TELL_RINGING,)),
    (Stage.CALLING, Step.SUCCESS): _ANSWERED,
    (Stage.CALLING, Step.REFUSAL): _REFUSED,
    (Stage.CALLING, Step.AGAIN): (Stage.CALLING, ()),
    (Stage.CALLING, Step.HANG_UP): (Stage.GIVING_UP, ()),
    (Stage.GIVING_UP, Step.PROVISIONAL): (Stage.CANCELLING, (Act.SEND_CANCEL,)),
    (Stage.GIVING_UP, Step.SUCCESS): _TOO_LATE,
    (Stage.GIVING_UP, Step.REFUSAL): (Stage.OVER, ()),
    (Stage.RINGING, Step.PROVISIONAL): (Stage.RINGING, (Act.TELL_RINGING,)),
    (Stage.RINGING, Step.AGAIN): (Stage.CALLING, ()),
    (Stage.RINGING, Step.SUCCESS): _ANSWERED,
    (Stage.RINGING, Step.REFUSAL): _REFUSED,
    (Stage.RINGING, Step.HANG_UP): (Stage.CANCELLING, (Act.SEND_CANCEL,)),
    (Stage.RINGING, Timer.RING_LIMIT): (
        Stage.CANCELLING,
        (Act.SEND_CANCEL, Act.TELL_RANG_TOO_LONG),
    ),
    (Stage.CANCELLING, Step.SUCCESS): _TOO_LATE,
    (Stage.CANCELLING, Step.REFUSAL): (Stage.OVER, ()),
    (Stage.CANCELLING, Timer.CANCEL_WAIT): (Stage.OVER, (Act.FORGET_INVITE,)),
    (Stage.UP, Step.HANG_UP): (Stage.CLOSING, (Act.SEND_BYE,)),
    (Stage.UP, Step.BYE): _ENDED,
    (Stage.UP, Step.NO_ACK): _NO_ACK,
    (Stage.UP, Step.LOST): (Stage.CLOSING, (Act.SEND_BYE, Act.TELL_LOST)),
    (Stage.CLOSING, Step.BYE): (Stage.OVER, ()),
    (Stage.CLOSING, Step.BYE_DONE): (Stage.OVER, ()),
}

RULES: Rules[Stage, Step, Act] = Rules(
    table=_TABLE,
    timers={
        Stage.OFFERED: (Timer.RING_LIMIT, Timer.RING_AGAIN),
        Stage.RINGING: (Timer.RING_LIMIT,),
        Stage.CANCELLING: (Timer.CANCEL_WAIT,),
    },
    silent=frozenset(
        (stage, step)
        for stage in Stage
        for step in Step
        if step not in OURS and (stage, step) not in _TABLE
    ),
)


class Life(Machine[Stage, Step, Act]):
    """One leg's stage, and what follows from it."""

    __slots__ = ()

    def __init__(self, begin: Stage, timing: Timing, now: float) -> None:
        super().__init__(RULES, begin, timing, now)

    def take(self, step: Step, now: float) -> list[Act]:
        """Take a step; raise IllegalTransition where it would be a bug of ours."""
        return [*self._step(step, now)]
