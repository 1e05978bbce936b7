"""What an INVITE says of its caller and its way besides From and To."""

from dataclasses import dataclass

from sip.address import NameAddr
from sip.headers import Headers
from sip.message import Malformed

HOPS_LIMIT = 10
"""Diversions that are kept of one call."""
USER_TO_USER_LIMIT = 1024


@dataclass(frozen=True, slots=True)
class Told:
    """Claims of the peer's: who believes which is for the settings to say."""

    asserted: tuple[NameAddr, ...] = ()
    """P-Asserted-Identity: who a network vouches the caller is (RFC 3325)."""
    private: bool = False
    """The caller wants not to be named to others (RFC 3323, `id` or `user`)."""
    diverted_from: tuple[NameAddr, ...] = ()
    """Who was called before, the latest first: Diversion (RFC 5806), else History-Info (7044)."""
    user_to_user: str | None = None
    """What the caller's application says to ours, with its parameters (RFC 7433)."""
    credentials: tuple[str, ...] = ()
    """Authorization values, as they came."""


NOTHING_TOLD = Told()


def told(headers: Headers) -> Told:
    """Read it; what cannot be read was not said."""
    return Told(
        _addresses(headers.all("p-asserted-identity")),
        _private(headers),
        _addresses(headers.all("diversion")) or _history(headers),
        user_to_user(headers),
        tuple(headers.all("authorization")),
    )


def user_to_user(headers: Headers) -> str | None:
    """Return the first User-to-User of a message; None if there is none of a sound size."""
    value = headers.get("user-to-user")
    return value if value and len(value) <= USER_TO_USER_LIMIT else None


def _addresses(values: list[str]) -> tuple[NameAddr, ...]:
    found = []
    for value in values[:HOPS_LIMIT]:
        try:
            found.append(NameAddr.parse(value))
        except Malformed:
            continue
    return tuple(found)


def _private(headers: Headers) -> bool:
    wishes = {part.strip().lower() for v in headers.all("privacy") for part in v.split(";")}
    return bool(wishes & {"id", "user"})


def _history(headers: Headers) -> tuple[NameAddr, ...]:
    """Return every target but the last, which is us, the latest first (RFC 7044 §5)."""
    return _addresses(headers.all("history-info")[-HOPS_LIMIT:])[:-1][::-1]
