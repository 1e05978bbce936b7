"""What another version of the settings changes in a running engine, and what it cannot."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from config.settings import Site
from server import passwords
from server.desk_ports import DeskNames
from server.draft_memory import Memory
from server.drafts import Drafts
from server.engine import Engine
from server.house import House
from server.late_writer import LateWriter
from server.sip_side import Neighbours
from server.site_values import agents_of, house_of, lanes_of
from server.trunk_plan import TrunkPlan
from server.trunk_works import TrunkWorks

FROM_THE_START = (
    "sip",
    "rtp",
    "http",
    "ready_on_register",
    "rests",
    "recognition",
    "recording",
    "retention",
    "secrets",
)
"""Parts of site.yaml that sockets and processes were made of."""
LIMITS = ("drain_limit", "no_media_after", "media_lost_after")


@dataclass(slots=True)
class Changing:
    """Gives the engine another site. Called on the reactor thread, between two turns."""

    engine: Engine
    drafts: Drafts
    names: DeskNames
    begun_with: Site
    """What the engine was started with; compared to say what needs a restart."""
    applied: Callable[[Site], Site]
    """Puts the command line's values in place of the site's."""
    data: Path
    trunks: TrunkWorks
    neighbours: Neighbours
    memory: Memory = field(default_factory=Memory)
    """Of orders and answers; the same before and after."""
    now: Site | None = None
    """What was taken last."""

    def __call__(self, site: Site, version: str) -> list[str]:
        """Switch; return the settings that count only after a restart."""
        site = self.applied(site)
        trunks = TrunkPlan.read(site, self.data / "secrets")  # raises before anything has changed
        phones = passwords.read_or_make(
            self.data / "secrets" / self.begun_with.secrets, site.agents
        )
        self.names.take(site, phones)
        self.drafts.use(LateWriter(site, self.data, self.memory))
        control, house = self.engine.control, self.house(site, version)
        self.now = site

        def change(now: float) -> None:
            control.change(house, lanes_of(site), agents_of(site), now)
            self.neighbours.change(site)
            self.trunks.change(trunks, now)

        self.engine.do(change)
        return self._restart(site)

    def house(self, site: Site, version: str) -> House:
        """Return another site as calls see it, with what sockets were made of as it is."""
        old = self.engine.control.house
        return replace(
            house_of(site, self.data, version),
            media_address=old.media_address,
            sip_uri=old.sip_uri,
            codecs=old.codecs,
            hears=old.hears,
        )

    def site(self) -> Site:
        """Return the settings that calls begin on now."""
        return self.now or self.begun_with

    def _restart(self, site: Site) -> list[str]:
        parts = [
            f"site.yaml {name}"
            for name in FROM_THE_START
            if getattr(site, name) != getattr(self.begun_with, name)
        ]
        limits, begun = site.limits, self.begun_with.limits
        return parts + [
            f"site.yaml limits.{name}"
            for name in LIMITS
            if getattr(limits, name) != getattr(begun, name)
        ]
