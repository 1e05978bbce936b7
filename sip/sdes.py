"""Keys for SRTP in session descriptions (RFC 4568), of the one suite that all must have."""

import re
from base64 import b64decode, b64encode
from binascii import Error
from dataclasses import dataclass, field
from typing import Literal

Policy = Literal["off", "optional", "required"]
"""`optional`: an offer of either kind is taken, secure first; our own offers are plain."""

SUITE = "AES_CM_128_HMAC_SHA1_80"
KEY = 30
"""Octets of a master key (16) and its salt (14), as §6.1 joins them."""
SHORTEST_LIFE = 1 << 20
"""Packets (5.8 hours of voice) that a key must be good for: we never change one in mid-call."""
_CRYPTO = re.compile(
    r"([0-9]{1,9})[ \t]+([A-Za-z0-9_]+)[ \t]+"
    r"inline:([A-Za-z0-9+/=]+)(\|[^ \t;]*)?((?:[ \t]+\S+)*)[ \t]*"
)
_LIFE = re.compile(r"\|(?:2\^([0-9]{1,2})|([0-9]{1,15}))")


@dataclass(frozen=True, slots=True)
class Crypto:
    """A key that its sender will use, and the number by which an answer takes it."""

    tag: int
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Security:
    """How secure a session must be, and the key that we would use."""

    policy: Policy = "off"
    key: bytes = field(default=b"", repr=False)

    @property
    def as_offered(self) -> "Security":
        """Return what an answer to our own offer must keep to."""
        return self if self.policy == "required" else Security()


PLAIN = Security()


@dataclass(frozen=True, slots=True)
class Secret:
    """What both sides agreed to: each sends under its own key."""

    tag: int
    theirs: bytes = field(repr=False)
    ours: bytes = field(repr=False)


def parse(value: str) -> Crypto | None:
    """Read what follows `a=crypto:`; None for one that we could not keep to.

    Other suites, keys with an MKI, short-lived keys and session parameters that change what
    is sent (§6.3) are such; parameters that only advise are passed over.
    """
    match = _CRYPTO.fullmatch(value)
    if match is None or match[2] != SUITE or not _bearable(match[4] or "", match[5].split()):
        return None
    try:
        key = b64decode(match[3], validate=True)
    except Error:
        return None
    return Crypto(int(match[1]), key) if len(key) == KEY else None


def _bearable(life: str, parameters: list[str]) -> bool:
    if life:
        match = _LIFE.fullmatch(life)
        if match is None or (1 << int(match[1]) if match[1] else int(match[2])) < SHORTEST_LIFE:
            return False
    return all(p.startswith(("-", "WSH=")) for p in parameters)


def line(tag: int, key: bytes) -> str:
    """Return the attribute that gives our key."""
    return f"a=crypto:{tag} {SUITE} inline:{b64encode(key).decode()}"
