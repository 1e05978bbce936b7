"""What becomes of callers in lanes."""

from dataclasses import dataclass

from calls.ids import CallId, LaneId


@dataclass(frozen=True, slots=True)
class Admitted:
    """The caller has a place.

    `ewt` is seconds; 0 if an agent is free now, so that there is nothing to announce;
    None if nobody knows.
    """

    call: CallId
    lane: LaneId
    position: int
    ewt: float | None


@dataclass(frozen=True, slots=True)
class Full:
    """As many wait as may; the caller has no place."""

    call: CallId
    lane: LaneId


@dataclass(frozen=True, slots=True)
class LongWait:
    """The wait to expect is longer than the lane lets anybody wait; the caller has no place."""

    call: CallId
    lane: LaneId
    ewt: float


@dataclass(frozen=True, slots=True)
class Nobody:
    """No agent is at work in the lane; the caller has no place, or no longer."""

    call: CallId
    lane: LaneId


@dataclass(frozen=True, slots=True)
class TooLong:
    """The lane's longest wait has passed; the caller has no place any more."""

    call: CallId
    lane: LaneId


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell the caller; `ewt` in seconds never rises from one announcement to the next."""

    call: CallId
    lane: LaneId
    position: int
    ewt: float | None


@dataclass(frozen=True, slots=True)
class Left:
    """A caller is out of the room, after so many seconds in it."""

    call: CallId
    lane: LaneId
    waited: float
