"""The SIP side of the house, made of the settings."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from config.faults import Fault, SettingsError
from config.schema import Sip
from config.settings import Site
from config.sip_schema import Tls
from server.sip_ports import SipPorts
from server.tokens import Tokens
from sip.flow import STREAMS, UDP
from sip.guard import Guard, GuardLimits
from sip.registrar import Registrar
from sip.settings import Listening, StackSettings
from sip.sources import Sources
from sip.stack import Stack

SECRETS = "secrets"
"""Folder in the data folder."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Hosts of trunks; others when other settings are published."""

    callers: Sources
    """Where calls may come from."""
    trusted: Sources
    """Whose word on who calls is believed."""

    @classmethod
    def of(cls, site: Site) -> "Neighbours":
        """Take them from the settings."""
        neighbours = cls(Sources(()), Sources(()))
        neighbours.change(site)
        return neighbours

    def change(self, site: Site) -> None:
        """Take others from now on."""
        trunks = site.trunks.values()
        self.callers.become(ip_network(n) for trunk in trunks for n in trunk.addresses)
        vouching = (trunk for trunk in trunks if trunk.trust_identity)
        self.trusted.become(ip_network(n) for trunk in vouching for n in trunk.addresses)


def stack_settings(site: Site, neighbours: Neighbours) -> StackSettings:
    """Return what the stack is told: addresses as peers see them."""
    return StackSettings(
        address=site.sip.advertised,
        port=site.sip.port,
        also=tuple(
            replace(bound, address=ours.public_address or _seen(site.sip, bound))
            for ours, bound in zip(site.sip.also, bound_addresses(site.sip)[1:], strict=True)
        ),
        max_legs=4 * site.limits.max_calls + 100,
        retry_after=int(site.limits.retry_after),
        callers=neighbours.callers,
        trusted=neighbours.trusted,
    )


@dataclass(frozen=True, slots=True)
class Callers:
    """Where INVITEs may come from: trunks, and phones that are registered."""

    trunks: Sources
    registrar: Registrar

    def __contains__(self, host: object) -> bool:
        return host in self.trunks or (isinstance(host, str) and self.registrar.reaches(host))


def make_stack(site: Site, registrar: Registrar, neighbours: Neighbours) -> Stack:
    """Make the stack, guarded against strangers."""
    trunks, defence = neighbours.callers, site.sip.defence
    guard = Guard(
        GuardLimits(defence.rate, defence.burst, defence.ban),
        lambda host: host in trunks or registrar.reaches(host),
    )
    settings = replace(stack_settings(site, neighbours), callers=Callers(trunks, registrar))
    return Stack(settings, registrar, Tokens(), guard)


def bound_addresses(sip: Sip) -> list[Listening]:
    """Return the addresses to bind, the first UDP port before all others."""
    return [
        Listening(UDP, sip.address, sip.port),
        *(
            Listening(ours.transport.upper(), ours.address or sip.address, sip.port_of(ours))
            for ours in sip.also
        ),
    ]


def _seen(sip: Sip, bound: Listening) -> str:
    """Return what peers call an address; one of its own is called by itself."""
    return sip.advertised if bound.address in (sip.address, "0.0.0.0", "::") else bound.address


def ports(
    site: Site,
    data: Path,
    stack: Stack,
    reactor: Any,
    clock: Callable[[], float],
    turn: Callable[[], None],
) -> SipPorts:
    """Make every SIP port; raise SettingsError for a certificate that cannot be used."""
    bound = bound_addresses(site.sip)
    made = SipPorts(stack, reactor, clock, turn, bound)
    if any(ours.transport in STREAMS for ours in bound):
        made.with_streams(_secured(site.sip.tls, data, reactor))
    return made


def _secured(tls: Tls | None, data: Path, reactor: Any) -> Callable[[Any, str | None], Any]:
    """Return what makes a stream a secure one."""

    # Here, for most sites speak UDP alone.
    from server.sip_certificates import (  # noqa: PLC0415
        UNREADABLE,
        Certificates,
        TlsFiles,
        unsecured,
    )

    if tls is None:
        return unsecured
    folder = data / SECRETS
    authorities = None if tls.authorities is None else folder / tls.authorities
    files = TlsFiles(folder / tls.certificate, folder / tls.key, authorities, tls.ask_peers)
    try:
        return Certificates(files, reactor).secured
    except UNREADABLE as error:
        zh = f"sip.tls 的证书或私钥读不了：{error}"
        en = f"certificate or key of sip.tls unreadable: {error}"
        raise SettingsError([Fault(str(folder), 1, 1, "sip.tls", zh, en)]) from None
