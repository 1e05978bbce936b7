"""Trunks at work: their hosts looked up and asked after, our registrations kept."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import structlog
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.task import LoopingCall

from config.settings import Site
from config.trunk_schema import Trunk
from server import trunk_passwords
from server.resolving import Resolving
from server.trunk_passwords import TrunkPasswords
from server.trunk_rules import Gate
from server.trunk_values import rewrites, trunk_rules
from server.trunks_side import TrunkSide, WayOut
from sip.digest import Login, Nonces, Realm
from sip.enrolment import Enrolment, EnrolmentPlan
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
    wanted: dict[str, list[Wanted]]
    """Hosts of each trunk, in order."""
    turn: Callable[[], None] = lambda: None
    _standing: dict[str, object] = field(default_factory=dict)
    _again: dict[str, IDelayedCall] = field(default_factory=dict)
    _looking: LoopingCall | None = None
    _stack: Stack | None = None

    def start(self, stack: Stack) -> None:
        """Begin to look names up, to ask after hosts, to register."""
        self._stack = stack
        for way in self.side.ways:
            stack.take_on(way.upstream, self.clock())
            if way.enrolment is not None:
                stack.take_on(way.enrolment, self.clock())
            self._locate(way)
        if self.side.ways:
            self._looking = LoopingCall(self._look)
            self._looking.clock = self.reactor
            self._looking.start(LOOK)

    def leave(self, now: float) -> None:
        """Take every registration back: calls are to go elsewhere."""
        for way in self.side.ways:
            if way.enrolment is not None:
                way.enrolment.leave(now)

    def stop(self) -> None:
        """Ask nobody any more."""
        if self._looking is not None and self._looking.running:
            self._looking.stop()
        for call in self._again.values():
            if call.active():
                call.cancel()

    # --- where hosts are ------------------------------------------------------------------

    def _locate(self, way: WayOut) -> None:
        asked = [self.resolving.find(one, self.spoken) for one in self.wanted[way.rules.name]]
        found: Deferred[Any] = gatherResults(asked, consumeErrors=True)
        found.addCallback(self._located, way).addErrback(self._not_located, way)

    def _located(self, found: list[tuple[list[Address], int]], way: WayOut) -> None:
        name, addresses = way.rules.name, [one for places, _ in found for one in places]
        if addresses:
            way.upstream.located(addresses, self.clock())
        else:  # those known before are as good as any
            LOG.warning("trunk_not_located", trunk=name, domain=way.upstream.domain)
        ttl = max(LEAST_TTL, min(ttl for _, ttl in found))
        self._again[name] = self.reactor.callLater(ttl, self._locate, way)
        self.turn()

    def _not_located(self, failure: Any, way: WayOut) -> None:
        name = way.rules.name
        LOG.error("trunk_not_located", trunk=name, error=failure.getErrorMessage())
        self._again[name] = self.reactor.callLater(LEAST_TTL, self._locate, way)

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
    site: Site,
    secrets_folder: Path,
    reactor: Any,
    clock: Callable[[], float],
    nonce_secret: bytes,
) -> TrunkWorks:
    """Make everything of the settings; raise SettingsError for passwords that are missing."""
    passwords = trunk_passwords.read(secrets_folder, site.trunks)
    with_hosts = [trunk for trunk in site.trunks.values() if trunk.hosts]
    folder = str(secrets_folder)
    ways = tuple(_way(site, trunk, passwords[trunk.id], folder) for trunk in with_hosts)
    listened = {UDP, *(ours.transport.upper() for ours in site.sip.also)}
    return TrunkWorks(
        reactor=reactor,
        clock=clock,
        side=TrunkSide(ways),
        gate=Gate(_realm(site, passwords, nonce_secret)),
        resolving=Resolving(site.sip.servers(), six=ip_address(site.sip.advertised).version == 6),
        spoken=tuple(kind for kind in (UDP, TCP, TLS) if kind in listened),
        wanted={trunk.id: _wanted(trunk) for trunk in with_hosts},
    )


def _wanted(trunk: Trunk) -> list[Wanted]:
    transport = trunk.transport.upper() if trunk.transport else None
    return [Wanted(host, port, transport) for host, port in trunk.places()]


def _way(site: Site, trunk: Trunk, passwords: TrunkPasswords, folder: str) -> WayOut:
    login = None if trunk.login is None else Login(trunk.login, passwords.login)
    upstream, enrolment = Upstream(trunk.their_domain, trunk.keep_alive), None
    if trunk.register_ and login is not None:
        urn = uuid.uuid5(uuid.NAMESPACE_URL, f"{uuid.getnode()}/{folder}/{trunk.id}").urn
        enrolment = Enrolment(EnrolmentPlan(login, int(trunk.expires), urn), upstream)
    return WayOut(
        rules=trunk_rules(trunk),
        dial_out=trunk.dial_out,
        dialled_rules=rewrites(trunk.normalise.dialled),
        shown_number=trunk.shown_number or next(iter(site.numbers)),
        login=login,
        upstream=upstream,
        enrolment=enrolment,
    )


def _realm(site: Site, passwords: dict[str, TrunkPasswords], secret: bytes) -> Realm | None:
    accounts = {
        trunk.inbound_user: passwords[trunk.id].inbound
        for trunk in site.trunks.values()
        if trunk.inbound_user
    }
    if not accounts:
        return None
    return Realm(f"{site.sip.realm}-trunks", accounts, site.sip.digest, Nonces(secret))
