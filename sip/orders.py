"""What a stack is told to do with its legs."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from calls.ids import LegId
from sip.chore import Chore
from sip.events import LegRefused
from sip.incoming import IncomingLeg
from sip.leg import Leg
from sip.legs import Legs
from sip.message import Response
from sip.outgoing import Invitation, OutgoingLeg
from sip.port import Port
from sip.registrar import Registrar
from sip.screening import Fields
from sip.settings import StackSettings
from sip.trunk_leg import TrunkInvitation, TrunkLeg


class Orders(ABC):
    """The commands of a stack; a leg that is gone takes none, and that is no fault."""

    _port: Port
    _legs: Legs
    _settings: StackSettings
    _registrar: Registrar | None

    _chores: list[Chore]

    @abstractmethod
    def _settle(self, leg: Leg | Chore) -> None:
        """Bring the tables up to what a leg has become."""

    def invite(self, invitation: Invitation, now: float) -> LegId:
        """Call somebody; raise Malformed if an address is none."""
        leg_id = LegId(self._port.tokens())
        if len(self._legs) >= self._settings.max_legs:
            self._port.count("full")
            self._port.tell(LegRefused(leg_id, 503, "too many legs"))
        else:
            trunk = isinstance(invitation, TrunkInvitation)
            kind: Callable[..., OutgoingLeg] = TrunkLeg if trunk else OutgoingLeg
            self._settle(kind(leg_id, self._port, invitation, now))
        return leg_id

    def has(self, leg: LegId) -> bool:
        """Tell whether a leg is still there."""
        return leg in self._legs

    def take_on(self, chore: Chore, now: float) -> None:
        """Do something of our own accord from now on."""
        self._chores.append(chore)
        chore.begin(self._port, now)

    def let_go(self, chore: Chore) -> None:
        """Do it no more; what it has asked is still answered to it."""
        self._chores.remove(chore)

    def ring(self, leg: LegId, now: float) -> None:
        """Send 180 to a caller."""
        found = self._leg(leg)
        if isinstance(found, IncomingLeg):
            found.ring(now)
            self._settle(found)

    def answer(self, leg: LegId, sdp: bytes, now: float, *, headers: Fields = ()) -> None:
        """Send 200: to a caller, or to a peer that wants the session changed.

        `headers` go with a caller's 200: User-to-User (RFC 7433) and the like.
        """
        found = self._leg(leg)
        if isinstance(found, IncomingLeg):
            found.answer(sdp, now, headers)
        elif found is not None:
            found.answer(sdp, now)
        if found is not None:
            self._settle(found)

    def reject(
        self,
        leg: LegId,
        status: int,
        now: float,
        *,
        headers: Sequence[tuple[str, str]] = (),
        reason: str | None = None,
    ) -> None:
        """Refuse a caller, or a change of the session, which then stays as it was."""
        found = self._leg(leg)
        if found is not None:
            found.reject(status, now, headers, reason)
            self._settle(found)

    def challenge(self, leg: LegId, now: float) -> None:
        """Refuse a caller with 401, to come again with credentials; 403 without a registrar."""
        found = self._leg(leg)
        if not isinstance(found, IncomingLeg):
            return
        proof = None if self._registrar is None else self._registrar.authenticate(found.invite, now)
        if isinstance(proof, Response):
            found.refuse(proof, now)
        else:
            found.reject(403, now, (), None)
        self._settle(found)

    def hang_up(self, leg: LegId, now: float, *, reason: str | None = None) -> None:
        """End a leg in the way that its stage asks for; `reason` is a Reason value (RFC 3326)."""
        found = self._leg(leg)
        if found is not None:
            found.hang_up(now, reason)
            self._settle(found)

    def press(self, leg: LegId, keys: str, now: float) -> None:
        """Press keys towards a peer by INFO, one after the other."""
        found = self._leg(leg)
        if found is not None:
            found.press(keys, now)

    def accept_referral(self, leg: LegId, now: float) -> None:
        """Promise a peer that referred us to somebody to call them (202)."""
        found = self._leg(leg)
        if found is not None:
            found.accept_referral(now)

    def tell_referral(self, leg: LegId, status: int, reason: str, now: float) -> None:
        """Tell that peer how far it is, by NOTIFY; a final status is the last word."""
        found = self._leg(leg)
        if found is not None:
            found.tell_referral(status, reason, now)

    def refuse_referral(self, leg: LegId, status: int, now: float) -> None:
        """Refuse to call whom a peer refers us to."""
        found = self._leg(leg)
        if found is not None:
            found.refuse_referral(status, now)

    def _leg(self, leg: LegId) -> Leg | None:
        found = self._legs.get(leg)
        if found is None:
            self._port.count("late_commands")
        return found
