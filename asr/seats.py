"""Who is heard live while more people speak than can be recognised.

Each live stream claims a share of the worker. Claims are met by rank: the more urgent first, of
the equally urgent the newest. Whoever a newcomer displaces gives up a recogniser that has heard
speech, and the newcomer takes it: one made anew for each would cost about a second of processor
at its first words, which is what made everybody late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

STAY = 1.1
"""Share of the worker up to which those who are heard stay so, and new ones are taken.

More than there is, by a little: a measurement of a moment must not cost a speaker the place,
and who is last by rank is soon seen to fall behind if it was right."""
CALM = 1.3
"""The same while nobody waits, so that the measurement is plainly out."""
RETURN = 0.8
"""Share up to which one who was put aside is heard again: lower, so that none comes and goes."""


class Seat(Enum):
    """Whether a stream is heard."""

    NEW = "new"
    """Nothing was decided of it yet."""
    HEARD = "heard"
    ASIDE = "aside"
    """Not heard at present: its recording is transcribed afterwards."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A live stream that wants to be heard."""

    name: str
    rank: tuple[int, int]
    """Lowest first: its urgency, and its order among those (asr/turns.py)."""
    cost: float
    """Seconds of one thread that a second of its sound takes."""
    seat: Seat


def heard(claims: Sequence[Claim], threads: int, *, pressed: bool) -> frozenset[str]:
    """Return the names of those who are heard from now on.

    `pressed`: somebody who is heard waits noticeably. The first by rank is always heard. Nobody
    is taken while one of better rank is not heard; who is heard already may stay all the same,
    for to change them costs something, too.
    """
    limit = STAY if pressed else CALM
    names: list[str] = []
    share, waits = 0.0, False
    for claim in sorted(claims, key=lambda claim: claim.rank):
        after = share + claim.cost / threads
        if names and after > limit:
            break
        waits = waits or bool(claim.seat is Seat.ASIDE and names and after > RETURN)
        if waits and claim.seat is not Seat.HEARD:
            continue
        names.append(claim.name)
        share = after
    return frozenset(names)
