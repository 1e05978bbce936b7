"""What was done in a call's talks, in figures: a fold over its facts, beside `cdr.detail`."""

from collections.abc import Iterable
from dataclasses import dataclass

from calls.events import Ended, Fact
from calls.talk_events import (
    Held,
    HelpAsked,
    Joined,
    NotReached,
    ReachedFor,
    RecordingPaused,
    Resumed,
    Returned,
    Supervised,
    SupervisionEnded,
    Transferred,
)

Kinds = tuple[type, ...]
HOLD: tuple[Kinds, Kinds] = (Held,), (Resumed, Joined, Returned, Transferred, Ended)
SUPERVISION: tuple[Kinds, Kinds] = (Supervised,), (SupervisionEnded,)
"""What begins it, and what ends it."""


@dataclass(frozen=True, slots=True)
class TalkRecord:
    """One call's talks in summary; durations are seconds."""

    holds: int
    held: float
    """On hold because an agent asked for it; waiting for somebody reached for is apart."""
    consultations: int
    transfers: int
    """That came about."""
    not_reached: int
    three_way: int
    returned: int
    """Places in a lane taken again because nobody was left to talk with."""
    helped: int
    supervised: float
    """With a supervisor in it, listening at least."""
    unrecorded: float
    """With the recording paused."""


def talks(facts: Iterable[Fact]) -> TalkRecord:
    """Fold the facts of one call, in order; what is still going on counts to the last fact."""
    facts = list(facts)
    paused = [(f.at, f.on) for f in facts if isinstance(f, RecordingPaused)]
    return TalkRecord(
        holds=sum(isinstance(f, Held) for f in facts),
        held=_lasted(facts, *HOLD),
        consultations=sum(isinstance(f, ReachedFor) and f.how == "consult" for f in facts),
        transfers=sum(isinstance(f, Transferred) for f in facts),
        not_reached=sum(isinstance(f, NotReached) for f in facts),
        three_way=sum(isinstance(f, Joined) for f in facts),
        returned=sum(isinstance(f, Returned) for f in facts),
        helped=sum(isinstance(f, HelpAsked) for f in facts),
        supervised=_lasted(facts, *SUPERVISION),
        unrecorded=_added([*paused, *([(facts[-1].at, False)] if facts else [])]),
    )


def _lasted(facts: list[Fact], begins: Kinds, ends: Kinds) -> float:
    moments = [(f.at, isinstance(f, begins)) for f in facts if isinstance(f, begins + ends)]
    return _added([*moments, *([(facts[-1].at, False)] if facts else [])])


def _added(moments: list[tuple[float, bool]]) -> float:
    """Add up the time between each beginning and the end after it."""
    total, since = 0.0, None
    for at, on in moments:
        if on and since is None:
            since = at
        elif not on and since is not None:
            total, since = total + at - since, None
    return total
