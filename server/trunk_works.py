"""Trunks at work: their hosts looked up and asked after, our registrations kept."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any

import structlog
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IDelayedCall

from server.repeating import Repeating
from server.resolving import Resolving
from server.trunk_plan import TrunkPlan
from server.trunk_rules import Gate
from server.trunks_side import TrunkSide, WayOut
from sip.digest import Nonces
from sip.enrolment import Enrolment
from sip.flow import TCP, TLS, UDP, Address
from sip.locating import Wanted
from sip.stack import Stack
from sip.upstream import Upstream

LOG = structlog.get_logger("trunks")
LEAST_TTL = 30
"""Seconds; DNS is not asked more often."""
LOOK = 1.0
"""Seconds between two looks at what has changed, for the log."""


@dataclass(slots=True)
class TrunkWorks:
    """What trunks need of the world. `turn` is called after anything that may have changed."""

    reactor: Any
    clock: Callable[[], float]
    side: TrunkSide
    gate: Gate
    resolving: Resolving
    spoken: tuple[str, ...]
    nonces: Nonces
    """Of the challenges to trunks: those that were given out count whatever is published."""
    wanted: dict[str, list[Wanted]]
    """Hosts of each trunk, in order."""
    turn: Callable[[], None] = lambda: None
    _left: bool = False
    """Every registration was taken back: no other is to begin."""
    _standing: dict[str, object] = field(default_factory=dict)
    _again: dict[str, IDelayedCall] = field(default_factory=dict)
    _looking: Repeating = field(init=False)
    _stack: Stack | None = None

    def __post_init__(self) -> None:
        self._looking = Repeating(self._look, LOOK)

    def start(self, stack: Stack) -> None:
        """Begin to look names up, to ask after hosts, to register."""
        self._stack = stack
        for chore in _chores(self.side.ways):
            stack.take_on(chore, self.clock())
        for way in self.side.ways:
            self._locate(way.rules.name)
        self._looking.start(self.reactor, now=True)

    def change(self, plan: TrunkPlan, now: float) -> None:
        """Take other settings, between two turns. Calls that are up go on as they began.

        What stays the same is not touched: its hosts stay known, its registration stands.
        """
        before = self.side.ways
        ways = plan.ways({way.rules.name: way for way in before})
        if self._left:
            ways = tuple(replace(way, enrolment=None) for way in ways)
        self.gate.realm = plan.realm(self.nonces)
        asked, self.wanted, self.side.ways = self.wanted, plan.wanted(), ways
        self._hand_over(before, ways, now)
        known = {way.rules.name: way.upstream for way in before}
        for way in ways:
            name = way.rules.name
            if known.get(name) is not way.upstream or asked.get(name) != self.wanted[name]:
                self._locate(name)

    def _hand_over(self, before: tuple[WayOut, ...], after: tuple[WayOut, ...], now: float) -> None:
        """Let go of what is not wanted any more, and begin what is new.

        Who is registered anew under the same name does not leave first: the provider could
        take the two in the other order, and we would be gone.
        """
        assert self._stack is not None, "changed before the start"
        old, new = _chores(before), _chores(after)
        staying = {chore.identity for chore in new if isinstance(chore, Enrolment)}
        for chore in old:
            if chore in new:
                continue
            if isinstance(chore, Enrolment) and chore.identity not in staying and not self._left:
                chore.leave(now)
            self._stack.let_go(chore)
        for chore in new:
            if chore not in old:
                self._stack.take_on(chore, now)

    def leave(self, now: float) -> None:
        """Take every registration back: calls are to go elsewhere."""
        self._left = True
        for way in self.side.ways:
            if way.enrolment is not None:
                way.enrolment.leave(now)

    def stop(self) -> None:
        """Ask nobody any more."""
        self._looking.stop()
        for call in self._again.values():
            if call.active():
                call.cancel()

    # --- where hosts are ------------------------------------------------------------------

    def _locate(self, name: str) -> None:
        waiting = self._again.pop(name, None)
        if waiting is not None and waiting.active():
            waiting.cancel()
        wanted = self.wanted.get(name)
        if wanted is None:  # the trunk is gone
            return
        asked = [self.resolving.find(one, self.spoken) for one in wanted]
        found: Deferred[Any] = gatherResults(asked, consumeErrors=True)
        found.addCallback(self._located, name, wanted)
        found.addErrback(self._not_located, name, wanted)

    def _located(
        self, found: list[tuple[list[Address], int]], name: str, wanted: list[Wanted]
    ) -> None:
        way = next((way for way in self.side.ways if way.rules.name == name), None)
        if way is None or self.wanted.get(name) is not wanted:
            return  # asked before the settings changed
        addresses = [one for places, _ in found for one in places]
        if addresses:
            way.upstream.located(addresses, self.clock())
        else:  # those known before are as good as any
            LOG.warning("trunk_not_located", trunk=name, domain=way.upstream.domain)
        ttl = max(LEAST_TTL, min(ttl for _, ttl in found))
        self._again[name] = self.reactor.callLater(ttl, self._locate, name)
        self.turn()

    def _not_located(self, failure: Any, name: str, wanted: list[Wanted]) -> None:
        LOG.error("trunk_not_located", trunk=name, error=failure.getErrorMessage())
        if self.wanted.get(name) is wanted:
            self._again[name] = self.reactor.callLater(LEAST_TTL, self._locate, name)

    # --- what people are told ---------------------------------------------------------------

    def health(self) -> dict[str, dict[str, object]]:
        """Say how each trunk is that calls may go out by, for people and programs."""
        return {way.rules.name: _health(way, self.clock()) for way in self.side.ways}

    def _look(self) -> None:
        """Write down what has changed."""
        for way in self.side.ways:
            name, standing = way.rules.name, way.enrolment
            news = {str(host): host.up for host in way.upstream.hosts if host.up is not None}
            for host, up in news.items():
                if self._standing.get(f"{name} {host}", True) != up:
                    LOG.log(20 if up else 30, "trunk_host", trunk=name, host=host, up=up)
                self._standing[f"{name} {host}"] = up
            if standing is not None and self._standing.get(name) != standing.standing:
                self._standing[name] = standing.standing
                said = standing.standing.value
                LOG.info("trunk_registration", trunk=name, standing=said, status=standing.status)


def _health(way: WayOut, now: float) -> dict[str, object]:
    hosts = [  # in their order; where they are is for the log, which not everybody reads
        {"up": host.up, "ms": None if host.seconds is None else host.seconds * 1000}
        for host in way.upstream.hosts
    ]
    enrolment = way.enrolment
    if enrolment is None:
        return {"hosts": hosts}
    left = None if enrolment.until is None else round(enrolment.until - now)
    return {
        "hosts": hosts,
        "registration": enrolment.standing.value,
        "status": enrolment.status,
        "seconds_left": left,
    }


def trunk_works(
    plan: TrunkPlan, reactor: Any, clock: Callable[[], float], nonce_secret: bytes
) -> TrunkWorks:
    """Make everything of the settings."""
    site, nonces = plan.site, Nonces(nonce_secret)
    listened = {UDP, *(ours.transport.upper() for ours in site.sip.also)}
    return TrunkWorks(
        reactor=reactor,
        clock=clock,
        side=TrunkSide(plan.ways({})),
        gate=Gate(plan.realm(nonces)),
        resolving=Resolving(site.sip.servers(), six=ip_address(site.sip.advertised).version == 6),
        spoken=tuple(kind for kind in (UDP, TCP, TLS) if kind in listened),
        nonces=nonces,
        wanted=plan.wanted(),
    )


def _chores(ways: tuple[WayOut, ...]) -> list[Upstream | Enrolment]:
    """Return what the stack does for these ways of its own accord."""
    asking: list[Upstream | Enrolment] = [way.upstream for way in ways]
    return asking + [way.enrolment for way in ways if way.enrolment is not None]
