"""Who is in a call, and who hears whom: parties in, orders for the media worker out.

One model for everything that agents and supervisors do in a call. Hold, consultation,
three-way talk, muting, listening and whispering are different parties, never other code.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from calls.ids import CallId, LegId
from media.commands import (
    AddToRecording,
    Bridge,
    Command,
    Confer,
    Hears,
    LeaveRecording,
    Play,
    StopPlaying,
    Unbridge,
)
from media.mix import Supervision


class Role(Enum):
    """What somebody is in a call."""

    CITIZEN = auto()
    AGENT = auto()
    GUEST = auto()
    """One whom the agent reached for: a department, an expert, another agent, 110."""
    SUPERVISOR = auto()


@dataclass(frozen=True, slots=True)
class Aside:
    """What a party hears who is apart from the talk; without files, silence."""

    files: tuple[str, ...] = ()
    loop: bool = True


QUIET = Aside()


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody whose leg is up."""

    leg: LegId
    role: Role
    aside: Aside | None = None
    """Set while apart: hears only that, and is heard by nobody."""
    muted: bool = False
    how: Supervision | None = None
    """Of a supervisor."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What every leg of a call hears, and who is on the recording's right."""

    hears: Hears = ()
    asides: tuple[tuple[LegId, Aside], ...] = ()
    recorded: tuple[LegId, ...] = ()


SILENCE = Sound()


def sound(parties: Iterable[Party]) -> Sound:
    """Work out who hears whom."""
    parties = tuple(parties)
    here = [party for party in parties if party.aside is None]
    hears: Hears = tuple(
        (one.leg, tuple(o.leg for o in here if o is not one and _heard(o, one))) for one in here
    )
    if not any(others for _, others in hears):
        hears = ()
    asides = tuple((party.leg, party.aside) for party in parties if party.aside is not None)
    return Sound(hears, asides, tuple(party.leg for party in parties if _recorded(party)))


def _heard(speaker: Party, listener: Party) -> bool:
    """Tell whether one hears the other; both are in the talk."""
    if speaker.muted:
        return False
    if speaker.role is not Role.SUPERVISOR or speaker.how is Supervision.BARGE:
        return True
    return speaker.how is Supervision.WHISPER and listener.role is Role.AGENT


def _recorded(party: Party) -> bool:
    """The citizen is on the left; a supervisor is recorded while the citizen hears them."""
    if party.role is Role.SUPERVISOR:
        return party.how is Supervision.BARGE
    return party.role is not Role.CITIZEN


def orders(call: CallId, before: Sound, after: Sound, playback: int) -> list[Command]:
    """Return what turns one sound into another; nothing if they are equal.

    A leg that is closed needs no order: the worker lets it go everywhere.
    """
    present = {leg for leg, _ in (*after.hears, *after.asides)}
    apart = dict(after.asides)
    stopped = [
        StopPlaying(leg)
        for leg, aside in before.asides
        if aside.files and leg in present and not apart.get(leg, QUIET).files
    ]
    played = [
        Play(leg, playback, aside.files, aside.loop)
        for leg, aside in after.asides
        if aside.files and (leg, aside) not in before.asides
    ]
    return [
        *stopped,
        *_rewired(str(call), before.hears, after.hears),
        *played,
        *(LeaveRecording(call, leg) for leg in before.recorded if leg not in after.recorded),
        *(AddToRecording(call, leg) for leg in after.recorded if leg not in before.recorded),
    ]


def _rewired(room: str, before: Hears, after: Hears) -> list[Command]:
    """Two who only hear each other are bridged, which costs least; all else is a conference."""
    if before == after:
        return []
    was, now = _pair(before), _pair(after)
    wires: list[Command] = []
    if was is not None and not (now is None and after):
        wires.append(Unbridge(was[0]))
    if was is None and before and (now is not None or not after):
        wires.append(Confer(room, ()))
    if now is not None:
        wires.append(Bridge(*now))
    elif after:
        wires.append(Confer(room, after))
    return wires


def _pair(hears: Hears) -> tuple[LegId, LegId] | None:
    """Return the two of a plain talk; None if it is anything else."""
    if len(hears) != 2:
        return None
    (left, by_left), (right, by_right) = hears
    return (left, right) if by_left == (right,) and by_right == (left,) else None
