"""What the desk is told of the engine: health, figures, and the books."""

from collections import Counter
from collections.abc import Callable, Mapping
from hmac import compare_digest
from pathlib import Path
from typing import Any, Protocol

from prometheus_client import generate_latest

from calls.ids import LANGUAGES, Language
from config.settings import Site
from desk.ports import DeskSettings, ports_over
from desk.site import DeskSite, make_site
from server.service import Service


class Recognition(Protocol):
    """The recognisers' states."""

    def health(self, language: Language) -> Mapping[str, object]: ...


def desk_site(
    service: Service,
    recognition: Recognition,
    site: Site,
    passwords: Mapping[str, str],
    data: Path,
) -> DeskSite:
    """Make the desk over a composed service."""
    ports = ports_over(
        service.database,
        check_password=_password_checker(site, passwords),
        health=lambda: health(service, recognition),
        metrics=lambda: metrics(service),
        now=service.clock,
    )
    settings = DeskSettings(
        recordings=data / "recordings",
        city=site.city.zh,
        lanes={lane.id: lane.name.zh for lane in site.lanes.values()},
        choices={
            "unit": [(unit.id, unit.name) for unit in site.units.values()],
            "type": [(name, name) for name in site.types],
        },
        session_limit=site.http.session,
    )
    return make_site(ports, settings)


def _password_checker(site: Site, passwords: Mapping[str, str]) -> Callable[[str, str], bool]:
    """Let agents in with their phone's password; a phone that is no agent's opens no desk."""

    def check(agent: str, password: str) -> bool:
        expected = passwords.get(agent, "") if agent in site.agents else ""
        same = compare_digest(expected.encode(), password.encode())
        return same and bool(expected)

    return check


def health(service: Service, recognition: Recognition) -> dict[str, Any]:
    """Say how the service is; `ok` is whether it takes calls and loses nothing."""
    control = service.engine.control
    storage = service.database.figures()
    doing = Counter(agent.doing.value for agent in control.roster.staff())
    return {
        "ok": bool(storage["ok"]) and service.media_up() and not control.draining,
        "draining": control.draining,
        "calls_up": control.up(),
        "waiting": len(control.waiting),
        "media_worker": service.media_up(),
        "database": storage,
        "agents": dict(doing),
        "recognition": {language: recognition.health(language) for language in LANGUAGES},
        "drafts": {"waiting": service.drafts.waiting, "failed": service.drafts.failed},
        "sip": dict(control.stack.counters) | {"legs": control.stack.legs()},
        "faults": control.faults,
    }


def metrics(service: Service) -> bytes:
    """Return the Prometheus text form."""
    figures, control = service.engine.figures, service.engine.control
    figures.up.set(control.up())
    figures.behind.set(service.database.behind)
    return generate_latest(figures.registry)
