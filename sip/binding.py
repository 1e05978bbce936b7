"""One phone as its REGISTER names it: its place, its flow (RFC 5626), its proxies (RFC 3327)."""

from dataclasses import dataclass, replace

from sip.address import NameAddr
from sip.flow import DEFAULT_PORTS, STREAMS, WEBSOCKETS, Address, Flow
from sip.grammar import Malformed
from sip.headers import Headers
from sip.message import Request
from sip.uri import Uri

PATH_LIMIT = 5
"""Proxies between a phone and us; each stands in every INVITE to it."""
_MOST_FLOWS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Contact:
    """One phone of one user."""

    user: str
    uri: Uri
    """What the phone calls itself: the Request-URI when ringing it."""
    source: Address
    """Where to send: the address that its REGISTER came from."""
    expires_at: float
    call_id: str
    cseq: int
    only_by_connection: bool = False
    """Whether there is no other way to it than the connection that it registered by."""
    path: tuple[str, ...] = ()
    """Proxies that lead to it, next one first, as they stand in Route (RFC 3327)."""
    flow: tuple[str, int] | None = None
    """Instance and reg-id (RFC 5626): a new address of the same flow takes the old one's place."""

    def __str__(self) -> str:
        """Write it as a 200 lists it, without its expiry."""
        flow = "" if self.flow is None else f';+sip.instance="{self.flow[0]}";reg-id={self.flow[1]}'
        return f"<{self.uri}>{flow}"

    def same_as(self, other: "Contact") -> bool:
        """Tell whether this takes the other's place."""
        return self.uri == other.uri or (self.flow is not None and self.flow == other.flow)


class FirstHopLacksOutbound(Exception):
    """A proxy stands between that would not send by the phone's own flow: 439 (RFC 5626 §6)."""


def contact(
    request: Request, user: str, address: NameAddr, source: Address, expires_at: float
) -> Contact:
    """Make a contact; header fields in its URI are dropped, for we send none on a peer's word."""
    if address.uri.scheme not in ("sip", "sips"):
        raise Malformed("Contact that is no SIP address")
    headers, uri, only = request.headers, replace(address.uri, headers={}), False
    if isinstance(source, Flow) and source.transport in STREAMS:  # else this port is the peer's own
        port = uri.port or DEFAULT_PORTS[source.transport]
        only = uri.host.strip("[]") != source.host or port == source.port or "ob" in uri.params
        only = only or source.transport in WEBSOCKETS
        source = source._replace(port=port)
    path = path_of(headers)
    flow = _flow(headers, address, path)
    number = headers.cseq.number
    return Contact(user, uri, source, expires_at, headers.call_id, number, only, path, flow)


def path_of(headers: Headers) -> tuple[str, ...]:
    """Return the Path of a REGISTER; raise Malformed if it cannot be followed."""
    path = headers.all("path")
    if len(path) > PATH_LIMIT:
        raise Malformed("too many Path")
    for hop in path:
        NameAddr.parse(hop)
    return tuple(path)


def _flow(headers: Headers, address: NameAddr, path: tuple[str, ...]) -> tuple[str, int] | None:
    """Return the flow that a phone says it is; None where outbound is not spoken."""
    instance, number = address.params.get("+sip.instance"), address.params.get("reg-id")
    if not instance or not number or "outbound" not in headers.all("supported"):
        return None
    if not number.isascii() or not number.isdigit() or not 0 < int(number[:11]) <= _MOST_FLOWS:
        raise Malformed("reg-id")
    if len(headers.all("via")) > 1 and not _keeps_flow(path):
        raise FirstHopLacksOutbound
    return instance.strip('"'), int(number)


def _keeps_flow(path: tuple[str, ...]) -> bool:
    """Tell whether the proxy next to the phone, the last of Path, promises to use its flow."""
    return bool(path) and "ob" in NameAddr.parse(path[-1]).uri.params
