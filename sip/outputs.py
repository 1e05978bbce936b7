"""What a transaction wants done; each of the four uses some of it."""

from enum import StrEnum


class Output(StrEnum):
    """One thing to do, now, in the order given."""

    SEND = "send the new answer"
    REPEAT = "send again what was sent last"
    ACKNOWLEDGE = "send the ACK of a refusal"
    PASS = "tell whoever asked of the answer"
    PASS_ACK = "tell the leg of the ACK"
    NO_ACK = "count an answer that was never acknowledged"
    TIMED_OUT = "tell whoever asked that no answer came"
    OVER = "forget the transaction"
