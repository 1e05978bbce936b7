"""What one agent is doing, and what may follow: a table, and a frozen value that walks it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from calls.ids import AgentId, CallId, Skill
from calls.replacing import replaced
from calls.transitions import follow


class Doing(Enum):
    """What an agent is doing; exactly one at a time."""

    OFF = "off"
    """No phone is registered: cannot be rung."""
    READY = "ready"
    RESERVED = "reserved"
    """One call is offered to this agent, whose phone rings; no other call may be."""
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    """After-call work; no new call until it ends."""
    PAUSED = "paused"
    """Logged in, not taking calls; `reason` says why."""


class Step(Enum):
    """What can happen to an agent."""

    SIGN_IN = "sign_in"
    """The phone registered, and this agent is ready at once."""
    SIGN_IN_PAUSED = "sign_in_paused"
    """The phone registered, and the agent will say when ready."""
    PHONE_GONE = "phone_gone"
    """The phone's registration ended or ran out."""
    OFFER = "offer"
    ANSWER = "answer"
    WITHDRAW = "withdraw"
    """The caller left, or was lost, while this agent's phone rang."""
    RING_NO_ANSWER = "ring_no_answer"
    REJECT = "reject"
    """The agent, or a busy phone, refused the offer."""
    UNREACHABLE = "unreachable"
    """The phone did not so much as ring."""
    HANG_UP = "hang_up"
    """The talk is over, whoever ended it."""
    FINISH_WRAP_UP = "finish_wrap_up"
    PAUSE = "pause"
    RESUME = "resume"


NEXT: Mapping[tuple[Doing, Step], Doing] = MappingProxyType(
    {
        (Doing.OFF, Step.SIGN_IN): Doing.READY,
        (Doing.OFF, Step.SIGN_IN_PAUSED): Doing.PAUSED,
        (Doing.READY, Step.OFFER): Doing.RESERVED,
        (Doing.READY, Step.PAUSE): Doing.PAUSED,
        (Doing.READY, Step.PHONE_GONE): Doing.OFF,
        (Doing.RESERVED, Step.ANSWER): Doing.TALKING,
        (Doing.RESERVED, Step.WITHDRAW): Doing.READY,
        (Doing.RESERVED, Step.RING_NO_ANSWER): Doing.PAUSED,
        (Doing.RESERVED, Step.REJECT): Doing.PAUSED,
        (Doing.RESERVED, Step.UNREACHABLE): Doing.PAUSED,
        # An offer and a talk outlive the registration: the dialog is still up (RFC 3261 §12).
        (Doing.RESERVED, Step.PHONE_GONE): Doing.RESERVED,
        (Doing.TALKING, Step.PHONE_GONE): Doing.TALKING,
        (Doing.TALKING, Step.HANG_UP): Doing.WRAP_UP,
        (Doing.WRAP_UP, Step.FINISH_WRAP_UP): Doing.READY,
        (Doing.WRAP_UP, Step.PAUSE): Doing.PAUSED,
        (Doing.WRAP_UP, Step.PHONE_GONE): Doing.OFF,
        (Doing.PAUSED, Step.PAUSE): Doing.PAUSED,
        (Doing.PAUSED, Step.RESUME): Doing.READY,
        (Doing.PAUSED, Step.PHONE_GONE): Doing.OFF,
    }
)

ON_A_CALL = (Doing.RESERVED, Doing.TALKING)
"""States that a lost registration does not end."""
NOT_WORK = frozenset({Step.WITHDRAW})
"""Steps to READY after which the agent has been idle all along."""


@dataclass(frozen=True, slots=True)
class Agent:
    """One person at a desk. Times are UTC seconds."""

    id: AgentId
    name: str
    skills: Mapping[Skill, int] = field(default_factory=dict, hash=False)
    """Skill to level; a higher level is better."""
    doing: Doing = Doing.OFF
    since: float = 0.0
    """When `doing` began."""
    idle_since: float = 0.0
    """When this agent last became free; an offer withdrawn by the caller does not move it."""
    until: float | None = None
    """When wrap-up or a pause ends by itself; None if only a person ends it."""
    reason: str | None = None
    """Why paused: `no_answer`, `rejected`, `unreachable`, `signed_in` or the agent's own word."""
    call: CallId | None = None
    """The call offered, talked on or wrapped up."""
    registered: bool = False
    misses: int = 0
    """Offers not answered in a row."""

    def take(self, step: Step, now: float) -> "Agent":
        """Return this agent after `step`; raise IllegalTransition if barred."""
        doing = follow(NEXT, self.doing, step)
        if step is Step.PHONE_GONE and doing is self.doing:
            return replaced(self, registered=False)
        freed = doing is Doing.READY and step not in NOT_WORK
        after = replaced(
            self,
            doing=doing,
            since=now,
            idle_since=now if freed else self.idle_since,
            until=None,
            reason=None,
            call=self.call if doing in (*ON_A_CALL, Doing.WRAP_UP) else None,
            registered=doing is not Doing.OFF and (self.registered or self.doing is Doing.OFF),
        )
        left_behind = not after.registered and doing not in (*ON_A_CALL, Doing.OFF)
        return after.take(Step.PHONE_GONE, now) if left_behind else after

    @property
    def at_work(self) -> bool:
        """Tell whether this agent serves callers now or will without anyone's doing.

        A pause that only a person ends is not work: a lane of people at lunch is empty.
        """
        if self.doing is Doing.PAUSED:
            return self.until is not None
        return self.doing is not Doing.OFF
