"""What strangers may send, decided before anything is parsed: so much, and no scanning.

Sources that a trunk lists, and phones that are registered, are not strangers:
nobody can have them banned by writing their address on a datagram.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

_SCANNERS = re.compile(
    rb"^(?:user-agent|server|from|f|to|t)[ \t]*+:[^\r\n]*?"
    rb"(friendly-scanner|sipvicious|sipcli|sip-scan|sipscan|sundayddr|sipptk|siparmyknife"
    rb"|vaxsipuseragent|pplsip|iwar|smap |sipsak|friendly-request|nm@nm)",
    re.IGNORECASE | re.MULTILINE,
)
"""Names that scanning programs give themselves."""
_LOOKED_AT = 2048
"""Octets in which a scanner's name is looked for."""


class Ban(StrEnum):
    """Why a source is not listened to."""

    SCANNER = "scanner"
    FLOOD = "flood"
    PASSWORDS = "passwords"


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """Bounds for one stranger, and for how many we remember."""

    rate: float = 50.0
    """Messages a second, in the long run."""
    burst: int = 200
    """Messages at once; as many more in vain, and it is a flood."""
    ban: float = 600.0
    """Seconds."""
    passwords: int = 20
    """Wrong ones until a ban; forgotten after as long as a ban lasts."""
    sources: int = 10_000
    """Strangers remembered; the one that came first makes way."""
    together: float = 500.0
    """Messages a second of all strangers: what they make us remember for 32 seconds each
    must leave room for calls (`StackSettings.max_transactions`)."""
    together_burst: int = 2000


@dataclass(frozen=True, slots=True)
class Banned:
    """A source that is not listened to any more, for a while."""

    host: str
    why: Ban
    until: float


@dataclass(slots=True)
class _Stranger:
    tokens: float
    at: float
    in_vain: int = 0
    wrong: int = 0
    wrong_since: float = 0.0


class Guard:
    """Token buckets by source, and bans. Bounded whatever comes."""

    def __init__(self, limits: GuardLimits, trusted: Callable[[str], bool]) -> None:
        self._limits, self._trusted = limits, trusted
        self._strangers: dict[str, _Stranger] = {}
        self._bans: dict[str, float] = {}
        self._news: list[Banned] = []
        self._together = _Stranger(limits.together_burst, 0.0)

    def admits(self, message: bytes, host: str, now: float) -> bool:
        """Tell whether a message is worth parsing."""
        if self._bans and self._banned(host, now):
            return False
        if self._trusted(host):
            return True
        if _SCANNERS.search(message, 0, _LOOKED_AT):
            self._ban(host, Ban.SCANNER, now)
            return False
        return self._within(self._stranger(host, now), host, now) and self._room(now)

    def wrong_password(self, host: str, now: float) -> None:
        """Take note of one; a phone that mistypes is not banned, one that guesses is."""
        stranger = self._stranger(host, now)
        if now - stranger.wrong_since > self._limits.ban:
            stranger.wrong, stranger.wrong_since = 0, now
        stranger.wrong += 1
        if stranger.wrong >= self._limits.passwords and not self._trusted(host):
            self._ban(host, Ban.PASSWORDS, now)

    def take_news(self) -> list[Banned]:
        """Return who was banned since this was last asked."""
        if not self._news:
            return []
        news, self._news = self._news, []
        return news

    def __len__(self) -> int:
        return len(self._strangers) + len(self._bans)

    def _banned(self, host: str, now: float) -> bool:
        until = self._bans.get(host)
        if until is None:
            return False
        if now < until:
            return True
        del self._bans[host]
        return False

    def _stranger(self, host: str, now: float) -> _Stranger:
        stranger = self._strangers.get(host)
        if stranger is None:
            if len(self._strangers) >= self._limits.sources:
                del self._strangers[next(iter(self._strangers))]
            stranger = self._strangers[host] = _Stranger(self._limits.burst, now)
        return stranger

    def _within(self, stranger: _Stranger, host: str, now: float) -> bool:
        """Take a token; without one the message is in vain."""
        limits = self._limits
        stranger.tokens = min(limits.burst, stranger.tokens + (now - stranger.at) * limits.rate)
        stranger.at = now
        if stranger.tokens == limits.burst:
            stranger.in_vain = 0
        if stranger.tokens >= 1.0:
            stranger.tokens -= 1.0
            return True
        stranger.in_vain += 1
        if stranger.in_vain >= limits.burst:
            self._ban(host, Ban.FLOOD, now)
        return False

    def _room(self, now: float) -> bool:
        """Take a token of those that all strangers share; nobody is banned for the others."""
        limits, all_ = self._limits, self._together
        earned = max(0.0, now - all_.at) * limits.together
        all_.tokens, all_.at = min(limits.together_burst, all_.tokens + earned), now
        if all_.tokens < 1.0:
            return False
        all_.tokens -= 1.0
        return True

    def _ban(self, host: str, why: Ban, now: float) -> None:
        self._strangers.pop(host, None)
        if len(self._bans) >= self._limits.sources:
            del self._bans[next(iter(self._bans))]
        until = self._bans[host] = now + self._limits.ban
        if len(self._news) < self._limits.sources:
            self._news.append(Banned(host, why, until))
