"""What the settings and the passwords say of trunks, and which of it is new."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.settings import Site
from config.trunk_schema import Trunk
from server import trunk_passwords
from server.trunk_passwords import TrunkPasswords
from server.trunk_values import rewrites, trunk_rules
from server.trunks_side import WayOut
from sip.digest import Login, Nonces, Realm
from sip.enrolment import Enrolment, EnrolmentPlan
from sip.locating import Wanted
from sip.upstream import Upstream


@dataclass(frozen=True, slots=True)
class TrunkPlan:
    """What the settings and the passwords say of all trunks."""

    site: Site
    folder: Path
    """Of the passwords."""
    passwords: Mapping[str, TrunkPasswords]

    @classmethod
    def read(cls, site: Site, folder: Path) -> "TrunkPlan":
        """Read the passwords; raise SettingsError for those that are missing."""
        return cls(site, folder, trunk_passwords.read(folder, site.trunks))

    def with_hosts(self) -> list[Trunk]:
        """Return the trunks that we may turn to."""
        return [trunk for trunk in self.site.trunks.values() if trunk.hosts]

    def wanted(self) -> dict[str, list[Wanted]]:
        """Return the hosts of each, in order."""
        return {trunk.id: _wanted(trunk) for trunk in self.with_hosts()}

    def ways(self, known: Mapping[str, WayOut]) -> tuple[WayOut, ...]:
        """Return the ways out; what of those `known` has not changed goes on as it is."""
        return tuple(self._way(trunk, known.get(trunk.id)) for trunk in self.with_hosts())

    def _way(self, trunk: Trunk, known: WayOut | None) -> WayOut:
        password = self.passwords[trunk.id].login
        login = None if trunk.login is None else Login(trunk.login, password)
        upstream = Upstream(trunk.their_domain, trunk.keep_alive)
        if known is not None and upstream.same_as(known.upstream):
            upstream = known.upstream
        return WayOut(
            rules=trunk_rules(trunk),
            dial_out=trunk.dial_out,
            dialled_rules=rewrites(trunk.normalise.dialled),
            shown_number=trunk.shown_number or next(iter(self.site.numbers)),
            login=login,
            upstream=upstream,
            enrolment=self._enrolment(trunk, login, upstream, known),
        )

    def _enrolment(
        self, trunk: Trunk, login: Login | None, upstream: Upstream, known: WayOut | None
    ) -> Enrolment | None:
        if not trunk.register_ or login is None:
            return None
        place = f"{uuid.getnode()}/{self.folder}/{trunk.id}"
        urn = uuid.uuid5(uuid.NAMESPACE_URL, place).urn
        plan = EnrolmentPlan(login, int(trunk.expires), urn)
        before = None if known is None else known.enrolment
        if before is not None and before.upstream is upstream and before.plan == plan:
            return before
        return Enrolment(plan, upstream)

    def realm(self, nonces: Nonces) -> Realm | None:
        """Return who trunks must prove to be; None if no trunk must."""
        accounts = {
            trunk.inbound_user: self.passwords[trunk.id].inbound
            for trunk in self.site.trunks.values()
            if trunk.inbound_user
        }
        sip = self.site.sip
        return Realm(f"{sip.realm}-trunks", accounts, sip.digest, nonces) if accounts else None


def _wanted(trunk: Trunk) -> list[Wanted]:
    transport = trunk.transport.upper() if trunk.transport else None
    return [Wanted(host, port, transport) for host, port in trunk.places()]
