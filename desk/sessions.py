"""Who is signed in, and who may sign in by a link; in memory, so a restart signs everybody out."""

import hashlib
import secrets
from dataclasses import dataclass, field

from calls.ids import AgentId

MOST = 10_000
"""Sessions and links that are remembered; the oldest go first."""


@dataclass(slots=True)
class SignedIn:
    """One browser of one agent."""

    agent: AgentId
    token: str
    csrf: str
    """What every form carries, so that no other site can send one in the agent's name."""
    since: float
    seen: float
    listened: dict[str, float] = field(default_factory=dict)
    """By recording: when it was last written down that this browser opened it."""


class Sessions:
    """Sessions by token; only the tokens' digests are kept as keys, so none is compared by time."""

    def __init__(self, *, idle_limit: float, session_limit: float) -> None:
        """Limits are in seconds."""
        self._idle_limit = idle_limit
        self._session_limit = session_limit
        self._sessions: dict[str, SignedIn] = {}
        self._links: dict[str, tuple[AgentId, float]] = {}

    def sign_in(self, agent: AgentId, now: float) -> SignedIn:
        """Begin a session."""
        token = secrets.token_urlsafe(32)
        session = SignedIn(agent, token, secrets.token_urlsafe(32), now, now)
        _make_room(self._sessions)
        self._sessions[_digest(token)] = session
        return session

    def of(self, token: str, now: float, *, seen: bool = True) -> SignedIn | None:
        """Return the session of a token, if it has not run out."""
        key = _digest(token)
        session = self._sessions.get(key)
        if session is None:
            return None
        idle, age = now - session.seen, now - session.since
        if idle > self._idle_limit or age > self._session_limit:
            del self._sessions[key]
            return None
        if seen:
            session.seen = now
        return session

    def holds(self, session: SignedIn, now: float, *, at_work: bool) -> bool:
        """Tell whether a session that only listens still is good; work keeps it from idling."""
        if self._sessions.get(_digest(session.token)) is not session:
            return False
        if at_work:
            session.seen = now
        return self.of(session.token, now, seen=False) is not None

    def sign_out(self, session: SignedIn) -> None:
        """End a session."""
        self._sessions.pop(_digest(session.token), None)

    def link(self, agent: AgentId, now: float, lifetime: float = 15 * 60) -> str:
        """Make a token that signs `agent` in once, within `lifetime` seconds."""
        token = secrets.token_urlsafe(32)
        _make_room(self._links)
        self._links[_digest(token)] = (agent, now + lifetime)
        return token

    def redeem(self, token: str, now: float) -> AgentId | None:
        """Use a link's token up; None if it was used, has expired or never was."""
        agent, expires_at = self._links.pop(_digest(token), (None, 0.0))
        return agent if now < expires_at else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _make_room(kept: dict[str, SignedIn] | dict[str, tuple[AgentId, float]]) -> None:
    while len(kept) >= MOST:
        del kept[next(iter(kept))]
