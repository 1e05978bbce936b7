"""Requests that belong to another: the ACK of a refusal, CANCEL (RFC 3261 §17.1.1.3, §9.1)."""

from sip.headers import Headers
from sip.message import Request, Response

MAX_FORWARDS = ("Max-Forwards", "70")
SUPPORTED = ("Supported", "100rel, timer")
"""In every request of ours but ACK (RFC 4028 §7.1)."""


def acknowledgement(invite: Request, refusal: Response) -> Request:
    """Return the ACK that belongs to the transaction of `invite`; not the one of a 2xx."""
    ack = _following(invite, "ACK")
    ack.headers.replace("To", refusal.headers.get("to") or "")
    return proven_as(invite, ack)


def proven_as(invite: Request, ack: Request) -> Request:
    """Give an ACK the credentials of its INVITE: it cannot be challenged (§13.2.2.4, §22.1)."""
    for field in ("Authorization", "Proxy-Authorization"):
        for value in invite.headers.all(field):
            ack.headers.add(field, value)
    return ack


def cancellation(invite: Request, reason: str | None = None) -> Request:
    """Return the CANCEL of `invite`; `reason` is a Reason value (RFC 3326)."""
    cancel = _following(invite, "CANCEL")
    cancel.headers.add(*SUPPORTED)
    if reason is not None:
        cancel.headers.add("Reason", reason)
    return cancel


def _following(invite: Request, method: str) -> Request:
    """Copy what makes a request part of the same transaction: the topmost Via above all."""
    old = invite.headers
    fields: list[tuple[str, str]] = [("Via", str(old.via)), MAX_FORWARDS]
    fields += [("Route", route) for route in old.all("route")]
    fields += [(name, old.get(name) or "") for name in ("From", "To", "Call-ID")]
    fields.append(("CSeq", f"{old.cseq.number} {method}"))
    return Request(method, invite.uri, Headers(fields))
