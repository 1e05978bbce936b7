"""One talk: a caller, an agent, and whoever else is or will be in it."""

from dataclasses import dataclass, field, fields, replace

from calls.ids import AgentId, CallId, LaneId, LegId
from calls.reasons import Reason
from ivr import commands as way
from media.mix import Supervision
from server.agent_leg import AgentLeg, CalledLeg
from server.asked import How
from server.parties import QUIET, SILENCE, Aside, Party, Role, Sound
from server.rota import Turn
from server.second_line import SecondLine
from server.trunks_side import Placement


@dataclass(slots=True, kw_only=True)
class GuestLeg(CalledLeg):
    """To somebody beside caller and agent: a guest, or a supervisor."""

    target: str
    """As `asked.label` writes it; of a supervisor, `agent:` and the id."""
    how: Supervision | None = None
    """Of a supervisor."""
    reserved: bool = False
    """The roster knows that this one of ours is taken."""
    headers: tuple[tuple[str, str], ...] = ()
    placements: tuple[Placement, ...] = ()
    """By which trunks the number may be dialled, the one in use first; none: a phone of ours."""

    turn: Turn | None = None
    """Of one from a rota: who it is, and who comes after."""
    asked: bool = False
    """Picked up, and is asked to press a key."""
    limit: float | None = None
    """Until when the flow waits, whoever is rung."""

    def within(self, until: float) -> float:
        """Return an instant, or the limit if that comes first."""
        return until if self.limit is None else min(until, self.limit)

    def bound(self, limit: float | None) -> None:
        """Wait as long as the flow does; one of a rota no longer than the rota says."""
        self.limit = limit
        if limit is not None:
            self.ring_until = limit if self.turn is None else self.within(self.ring_until)

    def take(self, turn: Turn, now: float) -> None:
        """Be the leg to an expert."""
        name = self.target.partition("/")[0]
        self.turn, self.target = turn, f"{name}/{turn.expert.name}"
        self.ring_until = self.within(now + turn.rota.ring)
        self.use(turn.placements)

    def next_trunk(self) -> bool:
        """Go out by the next trunk; False if there is none."""
        if len(self.placements) < 2:
            return False
        self.use(self.placements[1:])
        return True

    def use(self, placements: tuple[Placement, ...]) -> None:
        """Go out by the first of these trunks."""
        self.placements = placements
        if placements:
            first = placements[0]
            self.uri, self.destination, self.trunk = first.to_uri, first.targets[0], first.rules

    def as_agent(self, agent: AgentId, lane: LaneId) -> AgentLeg:
        """Return the same leg as that of the talk's agent."""
        same = {one.name: getattr(self, one.name) for one in fields(CalledLeg)} | {"agent": agent}
        return AgentLeg(lane=lane, **same)


@dataclass(slots=True)
class Errand:
    """Somebody is reached for; one at a time, and it is completed or cancelled."""

    guest: GuestLeg
    how: How
    by: AgentId | None
    """None: the flow sends the caller on, and no agent is there."""
    referral: LegId | None = None
    """The leg, at the stack, whose REFER it was, and which hears how far it is."""
    line: SecondLine | None = None
    """The second line of the agent's phone, which called them itself."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The call is to end."""

    by: str
    reason: Reason


Outcome = Finish | list[way.Command] | None
"""What the call does next: it ends, the flow goes on with these commands, or it just goes on."""


@dataclass(slots=True)
class Talk:
    """What was asked of a talk; who hears whom follows from it."""

    call: CallId
    citizen: LegId
    agent: AgentLeg | None
    """None after the agent has left it to others."""
    lane: LaneId
    music: Aside
    held: bool = False
    muted: bool = False
    briefing: Aside | None = None
    """What the agent is being told before the two hear each other."""
    brief_until: float = 0.0
    brief_playback: int = 0
    errand: Errand | None = None
    guests: list[GuestLeg] = field(default_factory=list)
    """Who answered, and talk with the caller."""
    supervisors: list[GuestLeg] = field(default_factory=list)
    help_asked: bool = False
    recording_paused: bool = False
    typed: str = ""
    """Keys of the agent's phone that may become a code."""
    sound: Sound = SILENCE
    playback: int = 0

    def legs(self) -> list[GuestLeg]:
        """Return everybody who is called or was reached."""
        errand = [] if self.errand is None else [self.errand.guest]
        return [*errand, *self.guests, *self.supervisors]

    def parties(self) -> tuple[Party, ...]:
        """Say who is in the talk now, the citizen first."""
        errand = self.errand
        away = errand is not None and errand.how is not How.JOIN
        found = [] if self.agent is None else [self._agent(self.agent)]
        line = None if errand is None else errand.line
        if line is not None and line.answered:
            aside = QUIET if line.on_hold else None
            found = [Party(line.media, Role.AGENT, aside, self.muted), *found]
        reached = [errand.guest] if errand is not None and errand.guest.answered else []
        found += [
            Party(guest.media, Role.GUEST, QUIET if guest.on_hold else None)
            for guest in (*self.guests, *reached)
        ]
        company = [party for party in found if party.aside is None]
        apart = self.held or away or self.briefing is not None or not company
        citizen = Party(self.citizen, Role.CITIZEN, self.music if apart else None)
        if apart and len(company) == 1 and company[0].role is Role.GUEST:
            found = [replace(p, aside=self.music) if p is company[0] else p for p in found]
        return (citizen, *found, *map(_supervisor, filter(_answered, self.supervisors)))

    def _agent(self, leg: AgentLeg) -> Party:
        errand = self.errand
        rings = errand is not None and errand.how is not How.JOIN and not errand.guest.answered
        aside = self.briefing
        speaks_there = errand is not None and errand.line is not None and errand.line.answered
        if aside is None and (leg.on_hold or speaks_there):
            aside = QUIET
        elif aside is None and rings:
            aside = self.music
        return Party(leg.media, Role.AGENT, aside, self.muted)


def _answered(leg: GuestLeg) -> bool:
    return leg.answered


def _supervisor(leg: GuestLeg) -> Party:
    return Party(leg.media, Role.SUPERVISOR, QUIET if leg.on_hold else None, how=leg.how)
