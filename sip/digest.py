"""Proving who we are, and who they are (RFC 3261 §22, RFC 7616, RFC 8760)."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from sip.grammar import TOKEN_CHARS, Malformed, quote, unquote

Account = str | Mapping[str, str]
"""A password; or, by algorithm, what is kept in its stead: HA1 in hex."""

_HASHES: dict[str, Callable[[bytes], "hashlib._Hash"]] = {
    "SHA-256": hashlib.sha256,
    "MD5": hashlib.md5,
}
_FIELD = re.compile(
    rf'[ \t,]*+([{TOKEN_CHARS}]++)[ \t]*+=[ \t]*+("(?:[^"\\]|\\.)*+"|[^ \t,"]++)[ \t]*+(?=,|$)',
    re.DOTALL,
)
_FIELDS_LIMIT = 30
_COUNT = re.compile(r"[0-9A-Fa-f]{8}")
_NONCE = re.compile(r"([0-9a-f]{1,16})-([0-9a-f]{1,16})-([0-9a-f]{32})")
NONCES_LIMIT = 4096
"""Nonces whose counts are remembered; when more are in use, the oldest become stale."""


def parse_fields(value: str) -> dict[str, str]:
    """Read `Digest name=value, …`; raise Malformed, also for another scheme."""
    scheme, _, rest = value.partition(" ")
    if scheme.lower() != "digest":
        raise Malformed(f"authentication scheme {scheme[:40]!r}")
    fields: dict[str, str] = {}
    start, end = 0, len(rest.rstrip(" \t,"))
    while start < end:
        match = _FIELD.match(rest, start, end)
        if match is None or len(fields) >= _FIELDS_LIMIT:
            raise Malformed(f"authentication fields {rest[start : start + 60]!r}")
        name, text = match.groups()
        fields.setdefault(name.lower(), unquote(text) if text[0] == '"' else text)
        start = match.end()
    return fields


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a server asks a client to prove."""

    realm: str
    algorithm: str
    nonce: str
    stale: bool = False
    """The password was right, the nonce too old: try again without asking anybody."""
    qop: bool = True
    """Whether the quality of protection `auth` is offered; false for RFC 2069 servers."""
    opaque: str | None = None

    @classmethod
    def parse(cls, value: str) -> "Challenge":
        """Read one WWW-Authenticate or Proxy-Authenticate value; raise Malformed."""
        fields = parse_fields(value)
        if "realm" not in fields or "nonce" not in fields:
            raise Malformed("challenge without realm or nonce")
        offered = [word.strip().lower() for word in fields.get("qop", "").split(",")]
        return cls(
            fields["realm"],
            fields.get("algorithm", "MD5").upper(),
            fields["nonce"],
            fields.get("stale", "").lower() == "true",
            "auth" in offered,
            fields.get("opaque"),
        )

    def __str__(self) -> str:
        parts = [
            f"realm={quote(self.realm)}",
            f"nonce={quote(self.nonce)}",
            f"algorithm={self.algorithm}",
        ]
        parts += ['qop="auth"'] if self.qop else []
        parts += ["stale=true"] if self.stale else []
        parts += [f"opaque={quote(self.opaque)}"] if self.opaque is not None else []
        return f"Digest {', '.join(parts)}"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client sends to prove who it is."""

    user: str
    realm: str
    algorithm: str
    nonce: str
    uri: str
    response: str
    cnonce: str | None = None
    count: int | None = None
    """The nonce count `nc`; None without `qop`."""
    opaque: str | None = None

    @classmethod
    def parse(cls, value: str) -> "Credentials":
        """Read an Authorization or Proxy-Authorization value; raise Malformed."""
        fields = parse_fields(value)
        missing = {"username", "realm", "nonce", "uri", "response"} - fields.keys()
        if missing:
            raise Malformed(f"credentials without {', '.join(sorted(missing))}")
        cnonce, count = _protection(fields)
        return cls(
            fields["username"],
            fields["realm"],
            fields.get("algorithm", "MD5").upper(),
            fields["nonce"],
            fields["uri"],
            fields["response"].lower(),
            cnonce,
            count,
            fields.get("opaque"),
        )

    def __str__(self) -> str:
        parts = [
            f"username={quote(self.user)}",
            f"realm={quote(self.realm)}",
            f"nonce={quote(self.nonce)}",
            f"uri={quote(self.uri)}",
            f"response={quote(self.response)}",
            f"algorithm={self.algorithm}",
        ]
        if self.count is not None and self.cnonce is not None:
            parts += [f"cnonce={quote(self.cnonce)}", "qop=auth", f"nc={self.count:08x}"]
        parts += [f"opaque={quote(self.opaque)}"] if self.opaque is not None else []
        return f"Digest {', '.join(parts)}"


def _protection(fields: Mapping[str, str]) -> tuple[str | None, int | None]:
    """Return client nonce and nonce count; raise Malformed for another qop than `auth`."""
    qop = fields.get("qop")
    if qop is None:
        return None, None
    count = fields.get("nc", "")
    if qop.lower() != "auth" or "cnonce" not in fields or not _COUNT.fullmatch(count):
        raise Malformed("credentials with qop other than auth, or without nc and cnonce")
    return fields["cnonce"], int(count, 16)


def kept_secret(user: str, realm: str, password: str, algorithm: str) -> str:
    """Return HA1, which a server can keep in place of the password."""
    return _hash(algorithm, f"{user}:{realm}:{password}")


def _hash(algorithm: str, text: str) -> str:
    return _HASHES[algorithm](text.encode("utf-8", "surrogateescape")).hexdigest()


def _expected(credentials: Credentials, ha1: str, method: str) -> str:
    """Return what `response` must be (RFC 7616 §3.4.1; without qop, RFC 2069)."""
    ha2 = _hash(credentials.algorithm, f"{method}:{credentials.uri}")
    middle = credentials.nonce
    if credentials.count is not None:
        middle += f":{credentials.count:08x}:{credentials.cnonce}:auth"
    return _hash(credentials.algorithm, f"{ha1}:{middle}:{ha2}")


@dataclass(frozen=True, slots=True)
class Login:
    """A name and a password of ours at somebody else's."""

    user: str
    password: str


def choose(challenges: Sequence[str]) -> Challenge | None:
    """Return the first challenge that we can meet; the server puts the best first (RFC 8760)."""
    for value in challenges:
        try:
            challenge = Challenge.parse(value)
        except Malformed:
            continue
        if challenge.algorithm in _HASHES:
            return challenge
    return None


def authorize(
    challenge: Challenge, login: Login, method: str, uri: str, cnonce: str, count: int
) -> str:
    """Return the Authorization value that meets `challenge`; `count` begins at 1 for each nonce."""
    claim = Credentials(
        login.user,
        challenge.realm,
        challenge.algorithm,
        challenge.nonce,
        uri,
        "",
        cnonce if challenge.qop else None,
        count if challenge.qop else None,
        challenge.opaque,
    )
    ha1 = kept_secret(login.user, challenge.realm, login.password, challenge.algorithm)
    return str(replace(claim, response=_expected(claim, ha1, method)))


class Nonces:
    """Nonces that carry their own date and seal, so that none need be remembered until used.

    Each is good for `lifetime` seconds and, once used, only with a higher
    count than before. `secret` must be fresh at every start, or a count used
    before the start could be used again.
    """

    def __init__(self, secret: bytes, lifetime: float = 300.0, limit: int = NONCES_LIMIT) -> None:
        self._secret = secret
        self._lifetime = lifetime
        self._limit = limit
        self._issued = 0
        self._counts: dict[str, int | None] = {}
        """The highest count used; None for a nonce that may not be used again."""
        self._forgotten = -1
        """Milliseconds; nonces up to then whose count is not known are not taken."""

    def issue(self, now: float, place: str = "") -> str:
        """Return a nonce that none before was like, for whoever asks from this place."""
        self._issued += 1
        text = f"{int(now * 1000):x}-{self._issued:x}"
        return f"{text}-{self._seal(text, place)}"

    def issued(self, nonce: str, place: str) -> bool:
        """Tell whether a nonce of ours went to this place: then its sender is really there."""
        return self._made(nonce, place) is not None

    def spend(self, nonce: str, count: int | None, now: float, place: str = "") -> bool:
        """Use a nonce; False when it is not ours for this place, too old, or was used with
        that count.

        Without a count (no qop) a nonce is good once.
        """
        made = self._made(nonce, place)
        if made is None or not now - self._lifetime <= made / 1000 <= now + 1:
            return False
        if nonce in self._counts:
            last = self._counts[nonce]
            fresh = last is not None and count is not None and count > last
        else:
            fresh = made > self._forgotten
        if fresh:
            self._counts[nonce] = count
            self._forget()
        return fresh

    def _made(self, nonce: str, place: str) -> int | None:
        match = _NONCE.fullmatch(nonce)
        if match is None:
            return None
        seal = self._seal(f"{match[1]}-{match[2]}", place)
        return int(match[1], 16) if hmac.compare_digest(seal, match[3]) else None

    def _seal(self, text: str, place: str) -> str:
        sealed = f"{text}|{place}".encode()
        return hmac.new(self._secret, sealed, hashlib.sha256).hexdigest()[:32]

    def _forget(self) -> None:
        """Beyond the limit, drop the older half."""
        if len(self._counts) <= self._limit:
            return
        by_age = sorted((int(nonce.partition("-")[0], 16), nonce) for nonce in self._counts)
        for made, nonce in by_age[: len(by_age) // 2]:
            del self._counts[nonce]
            self._forgotten = max(self._forgotten, made)


class Proof(Enum):
    """What credentials turned out to be worth."""

    ABSENT = "absent"
    """None for our realm, or not readable."""
    WRONG = "wrong"
    STALE = "stale"
    """Right, but with a nonce that is not good any more."""
    GOOD = "good"


class Realm:
    """Who belongs here, and how they prove it.

    `accounts` may change while in use. `algorithms` stand in the order in which
    they are to be offered. An unknown user takes as long to
    refuse as a wrong password.
    """

    def __init__(
        self, name: str, accounts: Mapping[str, Account], algorithms: Sequence[str], nonces: Nonces
    ) -> None:
        unknown = [algorithm for algorithm in algorithms if algorithm not in _HASHES]
        if unknown or not algorithms:
            raise ValueError(f"digest algorithms {list(algorithms)}; known: {list(_HASHES)}")
        self.name = name
        self.accounts = accounts
        self._algorithms = tuple(algorithms)
        self._nonces = nonces

    def challenges(self, now: float, place: str = "", *, stale: bool = False) -> list[str]:
        """Return one challenge an algorithm, in the order of the settings.

        RFC 8760 §2.4 wants the preferred one first; older phones look at the
        first alone and cannot do SHA-256.
        """
        nonce = self._nonces.issue(now, place)
        return [
            str(Challenge(self.name, algorithm, nonce, stale)) for algorithm in self._algorithms
        ]

    def claimed(self, values: Sequence[str], place: str) -> tuple[str, bool] | None:
        """Return who somebody at this place says to be, and whether they answer a challenge
        that went there; None without credentials for our realm."""
        credentials = self._ours(values)
        if credentials is None:
            return None
        return credentials.user, self._nonces.issued(credentials.nonce, place)

    def check(
        self, values: Sequence[str], method: str, now: float, place: str = ""
    ) -> tuple[Proof, str | None]:
        """Judge Authorization values of a `method` request; return the user when good.

        RFC 7616 §3.4.6 would compare the URI within to the Request-URI; clients
        (SIPp among them) write other ones and proxies rewrite the latter. That
        a nonce is taken once for each count keeps credentials from being used
        for another request.
        """
        credentials = self._ours(values)
        if credentials is None:
            return Proof.ABSENT, None
        if not self._genuine(credentials, method):
            return Proof.WRONG, None
        if not self._nonces.spend(credentials.nonce, credentials.count, now, place):
            return Proof.STALE, None
        return Proof.GOOD, credentials.user

    def _ours(self, values: Sequence[str]) -> Credentials | None:
        for value in values:
            try:
                credentials = Credentials.parse(value)
            except Malformed:
                continue
            if credentials.realm == self.name and credentials.algorithm in self._algorithms:
                return credentials
        return None

    def _genuine(self, credentials: Credentials, method: str) -> bool:
        account = self.accounts.get(credentials.user)
        password = account if isinstance(account, str) else ""
        computed = kept_secret(credentials.user, self.name, password, credentials.algorithm)
        if isinstance(account, Mapping):
            ha1 = account.get(credentials.algorithm)
        else:
            ha1 = computed if password else None
        expected = _expected(credentials, ha1 or "", method)
        given = credentials.response.encode("utf-8", "surrogateescape")
        return hmac.compare_digest(expected.encode(), given) and bool(ha1)
