"""REFER: a peer asks us to call somebody, and is told what came of it (RFC 3515, 4488)."""

from dataclasses import dataclass, replace

from sip.address import NameAddr
from sip.message import Malformed, Request

FRAGMENT = "message/sipfrag;version=2.0"
LASTS = 60
"""Seconds that a referral's news are promised for."""


@dataclass(frozen=True, slots=True)
class Referral:
    """What a REFER asks for."""

    to: NameAddr
    """Whom to call; a Replaces in its headers names the call to take the place of."""
    by: str | None
    """Referred-By, as it came (RFC 3892)."""
    number: int
    """What its NOTIFYs are known by."""
    wants_news: bool = True
    """False for `Refer-Sub: false`: no NOTIFY is wanted (RFC 4488)."""


def read(request: Request) -> Referral:
    """Read a REFER; raise Malformed unless it has exactly one Refer-To (RFC 3515 §2.4.2)."""
    values = request.headers.all("refer-to")
    if len(values) != 1:
        raise Malformed("Refer-To")
    wants = (request.headers.get("refer-sub") or "true").partition(";")[0].strip().lower()
    return Referral(
        NameAddr.parse(values[0]),
        request.headers.get("referred-by"),
        request.headers.cseq.number,
        wants != "false",
    )


def unheard(referral: Referral, notify: Request) -> Referral:
    """Return it without wish for news if a NOTIFY that was refused, or lost, was its own.

    Whoever knows nothing of the subscription is told no more (RFC 3265 §3.2.2).
    """
    ours = notify.headers.get("event") == _event(referral)
    return replace(referral, wants_news=False) if ours else referral


def news(referral: Referral, status: int, reason: str) -> tuple[list[tuple[str, str]], bytes]:
    """Return fields and body of the NOTIFY that tells how far it is (RFC 3515 §2.4.4, §2.4.5)."""
    state = "terminated;reason=noresource" if status >= 200 else f"active;expires={LASTS}"
    fields = [
        ("Event", _event(referral)),
        ("Subscription-State", state),
        ("Content-Type", FRAGMENT),
    ]
    return fields, f"SIP/2.0 {status} {reason}\r\n".encode()


def _event(referral: Referral) -> str:
    return f"refer;id={referral.number}"
