"""The running engine and the published versions: new calls begin on the newest, at once."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure

from config import reader
from config.faults import SettingsError
from config.glance import Glance
from config.plan_board import FILE, PlanBoard, holding
from config.plans import with_plans
from config.publish import CURRENT, Shelf, digest
from config.settings import Site
from ivr.check_ways import exemptions
from server.repeating import Repeating

LOG = structlog.get_logger("versions")
EVERY = 0.5
"""Seconds between two looks at which version is current; SIGHUP looks at once."""
UNPUBLISHED = "unpublished-"
"""Begins the name of a folder that is served without having been published."""


def first(data: Path, folder: Path, *, unpublished: bool = False) -> tuple[Path, str]:
    """Return the folder that an engine starts with, and the name of its version."""
    shelf = Shelf(data)
    current = None if unpublished else shelf.current()
    if current is None:
        return folder, UNPUBLISHED + digest(folder)
    if not shelf.whole(current):  # said loudly and served all the same: the line must not fall
        LOG.error("published_version_altered", version=current)
    return shelf.path(current), current


def log_exemptions(site: Site) -> None:
    """Write down from which menus of what goes live no person need be reached, and why."""
    for name, flow in site.flows.items():
        for node, why in exemptions(flow):
            LOG.warning("menu_without_a_person", flow=name, node=node, why=why)


class Versions:
    """Watches which version is current, and gives it to the engine once it has been read.

    `take` gets a site, its version and what was there before; it returns the settings
    that a running engine cannot change. A version that cannot be used changes nothing.
    """

    def __init__(
        self,
        reactor: Any,
        data: Path,
        version: str,
        take: Callable[[Site, str], list[str]],
        *,
        following: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`following` is False for an engine that is to stay with what it began with."""
        self.version = version
        """That calls begin on now."""
        self.trouble: str | None = None
        """Why the current version is not the one that calls begin on."""
        self._reactor, self._shelf, self._take = reactor, Shelf(data), take
        self._current = Glance(self._shelf.folder / CURRENT, self._shelf.current)
        self._plans = Glance(self._shelf.folder / FILE, PlanBoard(self._shelf).switched)
        self._kept = data / reader.KEPT
        self._clock = clock
        """UTC seconds, for plans that begin and end by themselves."""
        self._wanted = version
        self._following = following
        self._looking = Repeating(self.look, EVERY)

    def start(self) -> None:
        """Begin to watch."""
        if not self._following:
            return
        self._note([])
        self._looking.start(self._reactor)

    def stop(self) -> None:
        """Watch no longer."""
        self._looking.stop()

    def look(self) -> None:
        """Read the current version if it is a new one; the engine goes on meanwhile."""
        try:
            published = self._current.look()
            plans = holding(self._plans.look(), self._clock())
        except OSError as error:
            LOG.error("current_version_unreadable", error=str(error))
            return
        if not self._following or published is None:
            return
        current = "+".join((published, *plans))
        if current == self._wanted:
            return
        self._wanted = current
        reading: Deferred[Site] = deferToThread(self._read, current)
        reading.addCallback(self._taken, current).addErrback(self._refused, current)

    def _read(self, wanted: str) -> Site:
        version, *plans = wanted.split("+")
        if not self._shelf.whole(version):
            raise ValueError("files were altered after publishing / 文件在发布后被改动过")
        site = reader.read(self._shelf.path(version), self._kept)
        for plan in plans:
            if plan not in site.plans:
                LOG.error("plan_unknown", plan=plan, version=version)
        return with_plans(site, plans)

    def _taken(self, site: Site, version: str) -> None:
        if version != self._wanted:
            return  # a newer one is being read
        restart = self._take(site, version)
        self.version, self.trouble = version, None
        LOG.info("switched", version=version, restart=restart)
        log_exemptions(site)
        self._note(restart)

    def _refused(self, failure: Failure, version: str) -> None:
        """Keep the version that runs: a fault in settings must never stop the line."""
        error = failure.value
        faults = error.faults if isinstance(error, SettingsError) else []
        self.trouble = "; ".join(map(str, faults[:3])) or str(error)
        LOG.error("not_switched", version=version, running=self.version, error=self.trouble)
        self._note([])

    def _note(self, restart: list[str]) -> None:
        said = {
            "pid": os.getpid(),
            "version": self.version,
            "wanted": self._wanted,
            "restart": restart,
            "trouble": self.trouble,
        }
        try:
            self._shelf.folder.mkdir(parents=True, exist_ok=True)
            self._shelf.note_running(said)
        except OSError as error:
            LOG.error("running_version_not_noted", error=str(error))
