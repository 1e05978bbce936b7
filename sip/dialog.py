"""A dialog: what two user agents remember of each other (RFC 3261 §12)."""

from dataclasses import dataclass, replace

from sip.address import NameAddr
from sip.flow import (
    DEFAULT_PORTS,
    STREAMS,
    TLS,
    UDP,
    WEBSOCKETS,
    Address,
    Flow,
    moved,
    transport_of,
)
from sip.grammar import Malformed
from sip.headers import Headers
from sip.hosts import ip_address
from sip.message import Request, Response
from sip.requests import MAX_FORWARDS, SUPPORTED
from sip.uri import Uri

DialogId = tuple[str, str, str]
"""Call-ID, our tag, their tag; the last is empty for peers of RFC 2543, who send none."""

ROUTES_LIMIT = 20
"""Hops in a route set; each is copied into every request."""


@dataclass(slots=True)
class Dialog:
    """One dialog, and the requests that we send in it."""

    call_id: str
    local: str
    """Our From value, tag included."""
    local_tag: str
    remote: str
    """Our To value, tag included."""
    remote_tag: str
    target: str
    """The URI that the peer is reached by: its latest Contact."""
    routes: tuple[str, ...]
    """The route set, next hop first, as they stand in Route."""
    peer: Address
    """Where the peer was seen, for targets that no datagram can be sent to."""
    behind_nat: bool = False
    """True when the target is known not to be where the peer is."""
    local_seq: int = 0
    remote_seq: int = 0
    secure: bool = False
    """True when it was begun with `sips:`: our Contact is one too (§12.1.1, §12.1.2)."""

    @classmethod
    def of_offer(cls, invite: Request, local_tag: str, source: Address) -> "Dialog":
        """Begin one as UAS (§12.1.1).

        An INVITE must have a Contact (§8.1.1.8); one of RFC 2543 may have none,
        and its sender is reached where it came from, by the URI in From.
        """
        headers = invite.headers
        uri = headers.contact[0].uri if headers.contact else headers.from_.uri
        routes = headers.all("record-route")
        if len(routes) > ROUTES_LIMIT:
            raise Malformed("too many Record-Route")
        hops = [NameAddr.parse(route).uri for route in routes]
        return cls(
            call_id=headers.call_id,
            local=f"{headers.get('to')};tag={local_tag}",
            local_tag=local_tag,
            remote=headers.get("from") or "",
            remote_tag=headers.from_.tag or "",
            target=_addressed(uri),
            routes=tuple(routes),
            peer=source,
            behind_nat=not headers.contact or uri.host == headers.via.host != source[0],
            remote_seq=headers.cseq.number,
            secure=invite.secure or (hops or [uri])[0].secure,
        )

    @classmethod
    def of_answer(cls, invite: Request, answer: Response, peer: Address) -> "Dialog":
        """Begin one as UAC (§12.1.2). A 2xx without Contact is reached where it was called."""
        ours, theirs = invite.headers, answer.headers
        contact = _contact(theirs)
        return cls(
            call_id=ours.call_id,
            local=ours.get("from") or "",
            local_tag=ours.from_.tag or "",
            remote=theirs.get("to") or "",
            remote_tag=theirs.to.tag or "",
            target=invite.uri if contact is None else contact,
            routes=_sound(theirs.all("record-route")[::-1]),
            peer=peer,
            behind_nat=not _is_at(invite.target, peer),
            local_seq=ours.cseq.number,
            secure=any(contact.uri.secure for contact in ours.contact),
        )

    @property
    def id(self) -> DialogId:
        """What a request within the dialog is known by."""
        return self.call_id, self.local_tag, self.remote_tag

    def admits(self, request: Request) -> bool:
        """Take note of a request's number; False when it is out of order (§12.2.2)."""
        number = request.headers.cseq.number
        if number < self.remote_seq:
            return False
        self.remote_seq = number
        return True

    def refresh(self, request: Request, source: Address) -> None:
        """Move to the Contact of a re-INVITE or UPDATE, if it has one (§12.2.2)."""
        contact = _contact(request.headers)
        if contact is not None:
            self.target, self.peer = contact, source
            uri = Uri.parse(contact)
            self.behind_nat = uri.host == request.headers.via.host != source[0]

    def retarget(self, answer: Response) -> None:
        """Move to the Contact of a 2xx to a re-INVITE or UPDATE of ours (§12.2.1.2)."""
        contact = _contact(answer.headers)
        if contact is not None and not self.behind_nat:
            self.target = contact

    def request(self, method: str, via: str, number: int | None = None) -> Request:
        """Make a request (§12.2.1.1); `number` is given for the ACK, which counts nothing."""
        if number is None:
            self.local_seq += 1
            number = self.local_seq
        uri, routes = self.target, self.routes
        if routes and not _loose(routes[0]):
            uri, routes = str(NameAddr.parse(routes[0]).uri), (*routes[1:], f"<{self.target}>")
        fields = [("Via", via), MAX_FORWARDS]
        fields += [("Route", route) for route in routes]
        fields += [("From", self.local), ("To", self.remote), ("Call-ID", self.call_id)]
        fields.append(("CSeq", f"{number} {method}"))
        if method != "ACK":
            fields.append(SUPPORTED)
        return Request(method, uri, Headers(fields))

    def next_hop(self) -> Address:
        """Say where the next request goes: the first route, or else the target."""
        if self.routes:
            return reachable(NameAddr.parse(self.routes[0]).uri, self.peer)
        if self.behind_nat:
            return self.peer
        return reachable(Uri.parse(self.target), self.peer)


def reachable(uri: Uri, seen: Address) -> Address:
    """Return the address in `uri`; or where the peer was seen, when that is none.

    RFC 3263 would ask DNS for a name; a machine asks nobody, and the peer is
    there where its last message came from.
    """
    try:
        address = ip_address(uri.host)
    except ValueError:
        return seen
    nowhere = address.is_unspecified or address.is_multicast or uri.host == "255.255.255.255"
    transport = _transport_to(uri, seen)
    if nowhere or address.version != ip_address(seen[0]).version or transport in WEBSOCKETS:
        return seen
    return _by(uri, transport, seen)


def _transport_to(uri: Uri, seen: Address) -> str:
    """Say by what a URI is reached (RFC 3263 §4.1); without a word of its own, as it was seen."""
    if uri.secure:
        return TLS
    named = (uri.params.get("transport") or "").upper()
    if named in DEFAULT_PORTS:
        return named
    return transport_of(seen) if uri.host == seen[0] else UDP


def _by(uri: Uri, transport: str, seen: Address) -> Address:
    """Return the way there; by the connection that the peer itself opened, if it is its own."""
    port = uri.port or DEFAULT_PORTS[transport]
    if transport == transport_of(seen):
        there = moved(seen, uri.host, port)
        if isinstance(there, Flow) and uri.host != seen[0]:
            return there._replace(connection=0)
        return there
    return Flow(uri.host, port, transport) if transport in STREAMS else (uri.host, port)


def _is_at(uri: Uri, peer: Address) -> bool:
    """Tell whether we call a phone by the address that we send to; a NAT makes the two differ."""
    return reachable(uri, peer) == peer


def _contact(headers: Headers) -> str | None:
    try:
        return _addressed(headers.contact[0].uri) if headers.contact else None
    except Malformed:
        return None


def _addressed(uri: Uri) -> str:
    """Write a Contact as a Request-URI, which has no headers (§19.1.1)."""
    return str(replace(uri, headers={}) if uri.headers else uri)


def _sound(routes: list[str]) -> tuple[str, ...]:
    """Drop a route set that cannot be read: better to try without than to leave the call up."""
    try:
        for route in routes[:ROUTES_LIMIT]:
            NameAddr.parse(route)
    except Malformed:
        return ()
    return tuple(routes[:ROUTES_LIMIT])


def _loose(route: str) -> bool:
    return "lr" in NameAddr.parse(route).uri.params
