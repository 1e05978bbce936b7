"""SIP, SIPS and TEL addresses (RFC 3261 §19.1, RFC 3966); others kept as they came."""

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address

from sip.grammar import PARAMETERS_LIMIT, Malformed, parse_port

_USER_CHARS = r"A-Za-z0-9\-_.!~*'()&=+$,;?/"
_VALUE_CHARS = r"A-Za-z0-9\-_.!~*'()\[\]/:&+$"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*+):")
_SIP = re.compile(
    r"(?:(?P<user>[^@\s\"<>]*+)@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]++\]|[A-Za-z0-9._\-]++)"
    r"(?::(?P<port>[0-9]++))?"
    r"(?P<params>(?:;[^?\s\"<>]*+)?)"
    r"(?:\?(?P<headers>[^\s\"<>]*+))?"
)
_TEL = re.compile(r"(?P<number>\+?[0-9A-Fa-f*#\-.()]++)(?P<params>(?:;[^\s\"<>]*+)?)")
_USER_RULES = (
    re.compile(rf"[{_USER_CHARS}]*+"),
    re.compile(rf"%([0-9A-Fa-f]{{2}})|[^{_USER_CHARS}%]++|%"),
)
"""What needs no escape; and what is one, or needs one."""
_VALUE_RULES = (
    re.compile(rf"[{_VALUE_CHARS}]*+"),
    re.compile(rf"%([0-9A-Fa-f]{{2}})|[^{_VALUE_CHARS}%]++|%"),
)
_UNFIT = re.compile(r'[\s"<>\ud800-\udfff]')
_UNDECODED = re.compile(r"[\ud800-\udfff]")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()")
_ESCAPES_NORMAL = [chr(code) if code in _UNRESERVED else f"%{code:02X}" for code in range(256)]
_VISUAL_SEPARATORS = str.maketrans("", "", "-.()")
_LENGTH_LIMIT = 4096
_HOST_LIMIT = 255
_REMEMBERED_LENGTH = 120
_MUST_AGREE = ("user", "ttl", "method", "maddr", "transport")
"""Parameters that make two URIs differ when only one has them (§19.1.4)."""


@dataclass(frozen=True, slots=True, eq=False)
class Uri:
    """An address that a message can be sent to, or that names somebody.

    Escapes are kept in one form: what needs none is plain, the rest is `%HH`
    in capitals; so equal text is equal meaning. `user_text` is for people.
    """

    scheme: str
    """In lower case."""
    user: str = ""
    """For `tel` the number, without visual separators."""
    host: str = ""
    """In lower case, IPv6 without brackets; empty unless `sip` or `sips`."""
    port: int | None = None
    params: dict[str, str | None] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    password: str | None = None
    opaque: str = ""
    """All that follows the colon, of a scheme not known here."""

    @classmethod
    def parse(cls, text: str) -> "Uri":
        """Read an addr-spec; raise Malformed.

        One call brings the same few addresses a dozen times, so short ones are remembered:
        nobody may change the parameters of a Uri, only make another.
        """
        return _remembered(text) if len(text) <= _REMEMBERED_LENGTH else cls._read(text)

    @classmethod
    def _read(cls, text: str) -> "Uri":
        match = _SCHEME.match(text)
        if match is None or len(text) > _LENGTH_LIMIT:
            raise Malformed(f"URI {text[:80]!r}")
        scheme, rest = match[1].lower(), text[match.end() :]
        if scheme in ("sip", "sips"):
            return _parse_sip(scheme, rest)
        if scheme == "tel":
            return _parse_tel(rest)
        if not rest or _UNFIT.search(rest):
            raise Malformed(f"URI {text[:80]!r}")
        return cls(scheme, opaque=rest)

    @property
    def user_text(self) -> str:
        """The user part for people and for search, escapes resolved where it is safe."""
        return _ESCAPES.sub(_readable, self.user)

    @property
    def secure(self) -> bool:
        """Tells whether TLS is asked for all the way."""
        return self.scheme == "sips"

    def plain(self) -> "Uri":
        """Return it as an address-of-record: no port, parameters, headers, password (§10.3)."""
        return replace(self, port=None, params={}, headers={}, password=None)

    def __str__(self) -> str:
        if self.opaque:
            return f"{self.scheme}:{self.opaque}"
        params = "".join(f";{k}" if v is None else f";{k}={v}" for k, v in self.params.items())
        if self.scheme == "tel":
            return f"tel:{self.user}{params}"
        password = "" if self.password is None else f":{self.password}"
        user = f"{self.user}{password}@" if self.user or password else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        headers = "&".join(f"{k}={v}" for k, v in self.headers.items())
        return f"{self.scheme}:{user}{host}{port}{params}" + (f"?{headers}" if headers else "")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Uri):
            return NotImplemented
        return self._identity() == other._identity() and _agree(self.params, other.params)

    def __hash__(self) -> int:
        return hash((self.scheme, self.user, self.host, self.port, self.opaque))

    def _identity(self) -> tuple[object, ...]:
        return (
            (self.scheme, self.user, self.password, self.host, self.port, self.opaque),
            {name.lower(): value for name, value in self.headers.items()},
        )


@lru_cache(maxsize=2048)
def _remembered(text: str) -> Uri:
    return Uri._read(text)


def _parse_sip(scheme: str, rest: str) -> Uri:
    match = _SIP.fullmatch(rest)
    if match is None:
        raise Malformed(f"URI {scheme}:{rest[:80]!r}")
    user, host, port, params, headers = match.groups()
    password = None
    if user is not None:
        if not user:
            raise Malformed(f"URI without a user before @: {rest[:80]!r}")
        user, colon, secret = user.partition(":")
        password = _normal(secret, *_USER_RULES) if colon else None
    return Uri(
        scheme,
        _normal(user, *_USER_RULES) if user else "",
        parse_host(host),
        parse_port(port) if port is not None else None,
        _parse_params(params) if params else {},
        _parse_headers(headers) if headers is not None else {},
        password,
    )


def _parse_tel(rest: str) -> Uri:
    match = _TEL.fullmatch(rest)
    if match is None:
        raise Malformed(f"URI tel:{rest[:80]!r}")
    number = match["number"].translate(_VISUAL_SEPARATORS)
    if not number.strip("+"):
        raise Malformed(f"URI tel:{rest[:80]!r}")
    return Uri("tel", number, params=_parse_params(match["params"]))


def parse_host(text: str) -> str:
    """Read a host name or address; IPv6 loses its brackets, names their capitals."""
    if len(text) > _HOST_LIMIT:
        raise Malformed("host name too long")
    if text[0] != "[":
        return text.lower()
    try:
        return IPv6Address(text[1:-1]).compressed
    except AddressValueError:
        raise Malformed(f"IPv6 address {text!r}") from None


def _parse_params(text: str) -> dict[str, str | None]:
    params: dict[str, str | None] = {}
    for part in text.split(";")[1:]:
        name, equals, value = part.partition("=")
        if not name or (equals and not value) or len(params) >= PARAMETERS_LIMIT:
            raise Malformed(f"URI parameters {text[:80]!r}")
        params.setdefault(
            _normal(name, *_VALUE_RULES).lower(), _normal(value, *_VALUE_RULES) if equals else None
        )
    return params


def _parse_headers(text: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    for part in text.split("&"):
        name, equals, value = part.partition("=")
        if not name or not equals or len(headers) >= PARAMETERS_LIMIT:
            raise Malformed(f"URI headers {text[:80]!r}")
        headers.setdefault(name, value)
    return headers


def _agree(ours: dict[str, str | None], theirs: dict[str, str | None]) -> bool:
    if ours == theirs:
        return True
    if any((name in ours) != (name in theirs) for name in _MUST_AGREE):
        return False
    return all(_lower(ours[name]) == _lower(theirs[name]) for name in ours.keys() & theirs.keys())


def _lower(value: str | None) -> str | None:
    return None if value is None else value.lower()


def _normal(text: str, plain: re.Pattern[str], unfit: re.Pattern[str]) -> str:
    """Bring escapes to their one form, and escape what should have been."""
    if plain.fullmatch(text):
        return text
    if _UNDECODED.search(text):
        raise Malformed(f"URI is not UTF-8: {text[:80]!r}")
    return unfit.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    if match[1] is not None:
        return _ESCAPES_NORMAL[int(match[1], 16)]
    return f"%{match[0].encode().hex('%').upper()}"


def _readable(match: re.Match[str]) -> str:
    """Resolve a run of escapes if it is printable UTF-8, else leave it."""
    try:
        text = bytes.fromhex(match[0].replace("%", "")).decode()
    except UnicodeDecodeError:
        return match[0]
    return text if text.isprintable() else match[0]
