"""Calls of ours through trunks: who may be called, by which trunk, in which order.

The one way out of the house to a telephone number. What no trunk's `dial_out`
covers gets no placement, and without a placement nothing is dialled.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from calls.ids import LegId
from server.trunk_rules import TrunkRules
from sip.digest import Login
from sip.enrolment import Enrolment
from sip.flow import Address
from sip.numbers import NumberPattern, Rewrite, covered, rewritten
from sip.trunk_leg import TrunkInvitation
from sip.upstream import Upstream


@dataclass(frozen=True, slots=True)
class WayOut:
    """One trunk that calls may go out by."""

    rules: TrunkRules
    dial_out: tuple[NumberPattern, ...]
    """Numbers that may be dialled; none: none."""
    dialled_rules: tuple[Rewrite, ...]
    shown_number: str
    """Ours, as those see it whom we call."""
    login: Login | None
    upstream: Upstream
    enrolment: Enrolment | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """A number, and the trunk that it may be dialled by. Only `TrunkSide.place` makes them."""

    rules: TrunkRules
    """Of the trunk: its codecs, its keys, whether voice goes in secret."""
    to_uri: str
    from_uri: str
    targets: tuple[Address, ...]
    """The trunk's hosts, best first; at least one."""
    login: Login | None

    @property
    def trunk(self) -> str:
        """The trunk's name."""
        return self.rules.name

    def invitation(
        self, sdp: bytes, *, display: str = "", headers: tuple[tuple[str, str], ...] = ()
    ) -> TrunkInvitation:
        """Return what `Stack.invite` is to be given."""
        return TrunkInvitation(
            to_uri=self.to_uri,
            destination=self.targets[0],
            from_uri=self.from_uri,
            sdp=sdp,
            display=display,
            headers=headers,
            others=self.targets[1:],
            login=self.login,
        )


@dataclass(slots=True)
class TrunkSide:
    """All trunks that calls may go out by, in the order of the settings."""

    ways: tuple[WayOut, ...] = ()
    is_up: Callable[[LegId], bool] = lambda _: True
    """Tells whether a leg is still there."""
    incoming: Mapping[str, int] = field(default_factory=Counter)
    """How many calls came in and are up, by trunk; whoever counts them changes it."""
    _placed: dict[LegId, str] = field(default_factory=dict)

    def place(self, number: str) -> tuple[Placement, ...]:
        """Return by which trunks a number may be dialled, best first; none: it is not dialled.

        A trunk that is full, or whose hosts are not known yet, is left out. When a
        call by one fails with 503 or 408, the next may be tried.
        """
        up = self.in_use()
        found = [
            (self._hopeless(way), self._placement(way, number))
            for way in self.ways
            if covered(number, way.dial_out) and self._has_room(way, up)
        ]
        found.sort(key=lambda one: one[0])
        return tuple(placement for _, placement in found if placement.targets)

    def allowed(self, number: str) -> bool:
        """Tell whether any trunk may ever dial a number, whatever its state."""
        return any(covered(number, way.dial_out) for way in self.ways)

    def placed(self, leg: LegId, placement: Placement) -> None:
        """Take note of a call that was placed: it counts for its trunk while it is up."""
        self._placed[leg] = placement.trunk

    def up(self) -> Counter[str]:
        """Count the calls that went out and are up, by trunk."""
        if self._placed:
            self._placed = {leg: name for leg, name in self._placed.items() if self.is_up(leg)}
        return Counter(self._placed.values())

    def in_use(self) -> Mapping[str, int]:
        """Count the calls that are up, those that came in included, by trunk."""
        up = self.up()
        return self.incoming if not up else up + Counter(self.incoming)

    def _placement(self, way: WayOut, number: str) -> Placement:
        domain, name = way.upstream.domain, way.login.user if way.login else way.shown_number
        host = f"[{domain}]" if ":" in domain else domain
        return Placement(
            rules=way.rules,
            to_uri=f"sip:{rewritten(number, way.dialled_rules)}@{host}",
            from_uri=f"sip:{way.shown_number or name}@{host}",
            targets=tuple(self._targets(way)),
            login=way.login,
        )

    def _targets(self, way: WayOut) -> list[Address]:
        """Return the hosts, best first: the one that we are registered at knows us."""
        at = way.enrolment.at if way.enrolment is not None else None
        targets = way.upstream.targets()
        if at is None or way.upstream.gone(at):
            return targets
        return [at, *(target for target in targets if target != at)]

    def _hopeless(self, way: WayOut) -> bool:
        """Tell whether every host of a trunk is known to be gone."""
        return all(way.upstream.gone(target) for target in way.upstream.targets())

    def _has_room(self, way: WayOut, up: Mapping[str, int]) -> bool:
        limit = way.rules.max_calls
        return limit is None or up.get(way.rules.name, 0) < limit
