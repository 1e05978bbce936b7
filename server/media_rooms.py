"""The media worker's conferences: who hears whom, changed while they talk."""

from collections.abc import Callable, Mapping

from calls.ids import LegId
from media import mix
from media.commands import Confer, Hears
from server.media_tapes import Leg


class Rooms:
    """All conferences of one worker; a leg is in one at most."""

    def __init__(self, legs: Mapping[LegId, Leg], part: Callable[[Leg], None]) -> None:
        """`part` ends a leg's bridge."""
        self._legs = legs
        self._part = part
        self._rooms: dict[str, Hears] = {}
        self._room_of: dict[LegId, str] = {}

    def arrange(self, command: Confer) -> None:
        """Let legs hear each other as they are told; whom nobody names hears nobody."""
        hears: Hears = tuple((leg, others) for leg, others in command.hears if leg in self._legs)
        members = {leg for leg, _ in hears}
        for member in members:
            self._part(self._legs[member])
            if self._room_of.get(member) != command.conference:
                self.leave(self._legs[member])
        for former, _ in self._rooms.pop(command.conference, ()):
            if former not in members:
                self._quiet(former)
        if hears:
            self._rooms[command.conference] = hears
        for leg, others in hears:
            self._room_of[leg] = command.conference
            speakers = [self._legs[other].session for other in others if other in members]
            heard = any(leg in listened for _, listened in hears)
            self._legs[leg].session.confer(speakers, heard=heard)

    def leave(self, leg: Leg) -> None:
        """Let a leg go from its conference, if it is in one; the others talk on."""
        room = self._room_of.get(leg.session.leg)
        if room is not None:
            rest = mix.without(leg.session.leg, self._rooms[room])
            self.arrange(Confer(room, rest))

    def _quiet(self, former: LegId) -> None:
        del self._room_of[former]
        if former in self._legs:
            self._legs[former].session.confer((), heard=False)
