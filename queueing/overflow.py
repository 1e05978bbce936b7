"""When a lane gives a caller up: too many, too long, nobody there."""

from enum import StrEnum

from queueing.lane import Lane
from queueing.ticket import Ticket


class Overflow(StrEnum):
    """Why, in the word that the fact `LeftLane` and the flow use."""

    FULL = "full"
    NOBODY = "nobody"
    TOO_LONG = "too_long"
    LONG_WAIT = "long_wait"


def at_the_door(lane: Lane, waiting: int, free: int, staffed: int) -> Overflow | None:
    """Judge whether one more caller may come in.

    `waiting` counts the lane's callers whom no agent's phone rings for yet,
    `free` the ready agents who could take them, `staffed` the agents at work.
    """
    if staffed == 0:
        return Overflow.NOBODY
    if lane.never_drop or lane.max_waiting is None:
        return None
    return Overflow.FULL if waiting - free >= lane.max_waiting else None


def expected_too_long(lane: Lane, expected: float | None) -> bool:
    """Judge whether a caller is better turned away at once: `expected` is the wait in seconds."""
    if lane.never_drop or lane.max_expected is None or expected is None:
        return False
    return expected > lane.max_expected


def while_waiting(
    lane: Lane, ticket: Ticket, empty_since: float | None, now: float
) -> Overflow | None:
    """Judge whether a caller who waits must be given up; `empty_since` is when staff left."""
    if ticket.patient:
        return None
    if empty_since is not None and now >= empty_since + lane.nobody_after:
        return Overflow.NOBODY
    latest = last_moment(lane, ticket)
    return Overflow.TOO_LONG if latest is not None and now >= latest else None


def last_moment(lane: Lane, ticket: Ticket) -> float | None:
    """Return when a wait becomes too long; None if it never does."""
    if lane.never_drop or lane.max_wait is None or ticket.patient:
        return None
    return ticket.entered + lane.max_wait
