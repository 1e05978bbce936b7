"""What the desk is told of the engine: health, figures, and the books."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from hmac import compare_digest
from pathlib import Path
from typing import Any

from prometheus_client import generate_latest
from twisted.internet.threads import deferToThreadPool

from calls.ids import LANGUAGES
from config.settings import Site
from desk.ports import DeskSettings, ports_over
from desk.site import DeskSite, make_site
from server.live_ports import EnginePorts, Rules, Telling
from server.plans_at_desk import PlansAtDesk
from server.service import Service


class DeskNames:
    """What the pages call things, and who may see them; follows the published version."""

    def __init__(self, site: Site, passwords: dict[str, str]) -> None:
        """`passwords` are changed in place: the phones' registrar holds them too."""
        self.passwords = passwords
        self.lanes: dict[str, str] = {}
        self.choices: dict[str, list[tuple[str, str]]] = {}
        self.rules = Rules(site)
        self.take(site, passwords)

    def take(self, site: Site, passwords: Mapping[str, str]) -> None:
        """Take the names of a site and the passwords of its agents."""
        self.site = self.rules.site = site
        self.passwords.update(passwords)
        self.lanes.update({lane.id: lane.name.zh for lane in site.lanes.values()})
        self.choices["unit"] = [(unit.id, unit.name) for unit in site.units.values()]
        self.choices["type"] = [(name, name) for name in site.types]

    def check(self, agent: str, password: str) -> bool:
        """Let agents in with their phone's password; others' phones open no desk."""
        expected = self.passwords.get(agent, "") if agent in self.site.agents else ""
        same = compare_digest(expected.encode(), password.encode())
        return same and bool(expected)


def desk_site(service: Service, names: DeskNames, data: Path) -> DeskSite:
    """Make the desk over a composed service."""
    thread = partial(deferToThreadPool, service.reactor, service.reactor.getThreadPool())
    ports = ports_over(
        service.database,
        check_password=names.check,
        health=lambda: health(service),
        metrics=lambda: metrics(service),
        now=service.clock,
        live=EnginePorts(service.engine, names.rules).ports(),
    )
    plans = PlansAtDesk(data, lambda: names.site.plans, service.clock, thread)
    settings = DeskSettings(
        recordings=data / "recordings",
        city=names.site.city.zh,
        lanes=names.lanes,
        choices=names.choices,
        session_limit=names.site.http.session,
    )
    site = make_site(replace(ports, plans=plans.ports()), settings, service.reactor)
    service.engine.watcher = Telling(site.feed, site.push, service.engine)
    return site


def health(service: Service) -> dict[str, Any]:
    """Say how the service is; `ok` is whether it takes calls and loses nothing."""
    control = service.engine.control
    storage = service.database.figures()
    doing = Counter(agent.doing.value for agent in control.roster.staff())
    return {
        "ok": bool(storage["ok"]) and service.media.up and not control.draining,
        "draining": control.draining,
        "version": control.house.version,
        "calls_up": control.up(),
        "waiting": len(control.waiting),
        "media_worker": service.media.up,
        "database": storage,
        "agents": dict(doing),
        "recognition": {language: service.recognisers.health(language) for language in LANGUAGES},
        "language_check": service.recognisers.check_health(),
        "drafts": {"waiting": service.drafts.waiting, "failed": service.drafts.failed},
        "trunks": service.trunks.health() if service.trunks is not None else {},
        "phones": service.phones(),
        "sip": dict(control.stack.counters) | {"legs": control.stack.legs()},
        "tables": {
            "calls": len(control.calls),
            "legs": control.stack.legs(),
            "transactions": control.stack.transactions(),
            "strangers": control.stack.strangers(),
        },
        "faults": control.faults,
    }


def metrics(service: Service) -> bytes:
    """Return the Prometheus text form."""
    figures, control = service.engine.figures, service.engine.control
    figures.up.set(control.up())
    figures.behind.set(service.database.behind)
    return generate_latest(figures.registry)
