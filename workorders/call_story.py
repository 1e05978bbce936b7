"""What figures need to know of one call: a fold over its facts, and over nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from calls.events import (
    Answered,
    Arrived,
    Decided,
    Ended,
    Fact,
    LanguageChosen,
    LeftLane,
    Offered,
    OfferFailed,
    PickedUp,
    Queued,
)
from calls.ids import AgentId, CallId, LaneId, Language
from calls.reasons import Blame, Reason, blame
from calls.survey_events import OURS

READ = (
    Arrived, PickedUp, LanguageChosen, Decided, Queued, Offered, OfferFailed, Answered, LeftLane,
    Ended,
)  # fmt: skip
"""The kinds of facts that `story` reads."""


@dataclass(slots=True)
class Stay:
    """A caller in one lane. Times are UTC seconds."""

    lane: LaneId
    since: float
    until: float | None = None
    how: str = "waiting"
    """`answered`, or why the lane was left: hung_up, key, full, nobody, too_long …"""


@dataclass(slots=True)
class CallStory:
    """One call as the figures see it. Times are UTC seconds."""

    call: CallId
    arrived: float
    language: Language = "zh"
    picked_up: float | None = None
    answered: float | None = None
    """By a person."""
    ended: float | None = None
    agent: AgentId | None = None
    reason: Reason | None = None
    closed: bool = False
    """Came outside the hours that the flow asked for."""
    offers: int = 0
    failed_offers: int = 0
    stays: list[Stay] = field(default_factory=list)

    @property
    def lane(self) -> LaneId | None:
        """The last lane that the caller had a place in."""
        return self.stays[-1].lane if self.stays else None

    @property
    def wait(self) -> float | None:
        """Seconds in lanes, the menu not counted; None if never in one, or still there."""
        ends = [(stay.since, stay.until) for stay in self.stays]
        if not ends or any(until is None for _, until in ends):
            return None
        return sum((until or since) - since for since, until in ends)

    @property
    def to_a_person(self) -> float | None:
        """Seconds from the first ring to a human voice, the menu counted; None if none came."""
        return None if self.answered is None else self.answered - self.arrived

    @property
    def talk(self) -> float | None:
        """Seconds with the agent."""
        if self.answered is None or self.ended is None:
            return None
        return self.ended - self.answered

    @property
    def abandoned(self) -> bool:
        """Whether the caller hung up while waiting."""
        return self.reason is Reason.ABANDONED

    @property
    def our_fault(self) -> bool:
        """Whether the system failed or was full: left out of some figures by the standard."""
        return self.reason is not None and blame(self.reason) is Blame.OURS


def story(facts: Iterable[Fact]) -> CallStory | None:
    """Fold one call's facts, in order; None before it arrived."""
    found: CallStory | None = None
    for fact in facts:
        if isinstance(fact, Arrived):
            if fact.dialled in OURS:
                return None  # nobody called us: the first call is the one that counts
            found = CallStory(fact.call, fact.at)
        elif found is not None:
            take(found, fact)
    return found


def take(one: CallStory, fact: Fact) -> None:
    """Let a story go on by one fact."""
    match fact:
        case PickedUp(at=at):
            one.picked_up = at
        case LanguageChosen(language=language):
            one.language = language
        case Decided(answer=answer):
            one.closed = one.closed or answer not in ("open", "free", "busy", "nobody")
        case Ended(at=at, reason=reason):
            one.ended, one.reason = at, reason
            _leave(one, at, reason.value)
        case _:
            _wait(one, fact)


def _wait(one: CallStory, fact: Fact) -> None:
    """Take what happened in lanes."""
    match fact:
        case Offered():
            one.offers += 1
        case OfferFailed():
            one.failed_offers += 1
        case Queued(at=at, lane=lane):
            one.stays.append(Stay(lane, at))
        case Answered(at=at, agent=agent):
            one.answered, one.agent = at, agent
            _leave(one, at, "answered")
        case LeftLane(at=at, why=why):
            _leave(one, at, why)


def _leave(one: CallStory, at: float, how: str) -> None:
    if one.stays and one.stays[-1].until is None:
        one.stays[-1].until, one.stays[-1].how = at, how
