"""Session timers: a call whose peer is gone ends by itself (RFC 4028)."""

from dataclasses import dataclass
from enum import StrEnum

from sip.headers import Headers

MIN_SE = 90
"""Seconds; RFC 4028 §4 allows no less."""
LONGEST = 86400
OPTION = "timer"
LEAST_LEFT = 32
"""Seconds before the end of a session in which no more refreshes are tried."""


class Due(StrEnum):
    """What a session timer asks for."""

    REFRESH = "send a refresh"
    EXPIRED = "the peer did not refresh: end the call"


@dataclass(frozen=True, slots=True)
class SessionInterval:
    """What the two sides agreed on."""

    seconds: int
    ours: bool
    """True when we refresh."""


@dataclass(frozen=True, slots=True)
class _Wish:
    seconds: int
    refresher: str
    """`uac`, `uas`, or empty where it does not say."""


def read(headers: Headers) -> _Wish | None:
    """Return the Session-Expires of a message; None where there is none that can be read."""
    value = headers.get("session-expires")
    if value is None:
        return None
    seconds, *parameters = (part.strip() for part in value.split(";"))
    if not (seconds.isascii() and seconds.isdigit()):
        return None
    named = dict(part.lower().partition("=")[::2] for part in parameters)
    refresher = named.get("refresher", "")
    known = refresher if refresher in ("uac", "uas") else ""
    return _Wish(min(int(seconds[:9]), LONGEST), known)


def least(headers: Headers) -> int:
    """Return the Min-SE of a message, at least 90 s (§5)."""
    value = (headers.get("min-se") or "").partition(";")[0].strip()
    usable = value.isascii() and value.isdigit()
    return max(MIN_SE, min(int(value[:9]), LONGEST)) if usable else MIN_SE


def supported(headers: Headers) -> bool:
    """Tell whether a peer understands session timers."""
    return OPTION in (tag.lower() for tag in headers.all("supported"))


def agreed_as_server(asked: Headers, usual: int) -> SessionInterval | None:
    """Decide what to answer an INVITE or UPDATE (§9); None: no timer.

    `usual` is our own wish in seconds, made only to a peer that understands; 0 is none.
    """
    wish, able = read(asked), supported(asked)
    if wish is None:
        return SessionInterval(max(usual, least(asked)), True) if usual and able else None
    seconds = max(min(wish.seconds, usual or wish.seconds), least(asked))
    if not able:
        return SessionInterval(seconds, True)
    return SessionInterval(seconds, wish.refresher == "uas")


def agreed_as_client(answer: Headers) -> SessionInterval | None:
    """Read what a 2xx to our request settled (§7.2)."""
    wish = read(answer)
    return (
        None
        if wish is None
        else SessionInterval(max(wish.seconds, MIN_SE), wish.refresher != "uas")
    )


def told(interval: SessionInterval | None, *, able: bool) -> list[tuple[str, str]]:
    """Return the fields of our 2xx (§9); `able` peers are to look at them, whoever refreshes."""
    if interval is None:
        return []
    who = "uas" if interval.ours else "uac"
    fields = [("Session-Expires", f"{interval.seconds};refresher={who}")]
    return [*fields, ("Require", OPTION)] if able else fields


def wished(seconds: int, minimum: int | None, refresher: str = "") -> list[tuple[str, str]]:
    """Return the fields of our request (§7.1); none if we want no timer.

    `minimum` is the largest Min-SE that was seen, which then stands there too (§7.4).
    """
    if not seconds:
        return []
    who = f";refresher={refresher}" if refresher else ""
    fields = [("Session-Expires", f"{max(seconds, minimum or MIN_SE)}{who}")]
    return [*fields, ("Min-SE", str(minimum))] if minimum is not None else fields


class SessionTimer:
    """One call's timer: started when agreed on, again with each refresh."""

    __slots__ = ("_due", "_ends", "interval")

    def __init__(self) -> None:
        self.interval: SessionInterval | None = None
        self._due: float | None = None
        self._ends = 0.0
        """When the session expires unless a 2xx comes before: nothing else puts it off (§10)."""

    def agree(self, interval: SessionInterval | None, now: float) -> None:
        """Start with what was agreed, anew with each 2xx; none stops it (§7.2)."""
        self.interval = interval
        if interval is not None:
            self._ends = now + interval.seconds
        if interval is None:
            self._due = None
        elif interval.ours:
            self._due = now + interval.seconds / 2
        else:
            self._due = now + interval.seconds - min(32, interval.seconds / 3)

    def postpone(self, until: float) -> None:
        """Refresh later: the peer was at it too (491)."""
        self._due = until

    def retry(self, now: float) -> None:
        """Refresh again half-way to the end, after a refusal; too near to it begin anew.

        Whoever refuses is there. If the timer is dear to them, they end the call.
        """
        left = self._ends - now
        if left > LEAST_LEFT:
            self._due = now + left / 2
        else:
            self.agree(self.interval, now)

    def stop(self) -> None:
        """Ask for nothing more."""
        self.interval = self._due = None

    def next_deadline(self) -> float | None:
        """Return when `due` is worth asking; None if never."""
        return self._due

    def due(self, now: float) -> Due | None:
        """Say what is due; each thing once."""
        if self._due is None or self.interval is None or now < self._due:
            return None
        self._due = None
        return Due.REFRESH if self.interval.ours else Due.EXPIRED
