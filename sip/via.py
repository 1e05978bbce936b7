"""The Via header value: the way that a response goes back (RFC 3261 §20.42, RFC 3581)."""

import re
from dataclasses import dataclass, field, replace

from sip.grammar import (
    LWS,
    TOKEN_CHARS,
    Malformed,
    format_parameters,
    parse_parameters,
    parse_port,
)
from sip.uri import parse_host

MAGIC_COOKIE = "z9hG4bK"
"""How a branch begins that is unique in space and time (§8.1.1.7)."""
DEFAULT_PORT = 5060
_T = rf"[{TOKEN_CHARS}]++"
_VIA = re.compile(
    rf"({_T})[ \t]*+/[ \t]*+({_T})[ \t]*+/[ \t]*+({_T})[ \t]++"
    r"(\[[0-9A-Fa-f:.]++\]|[A-Za-z0-9._\-]++)[ \t]*+(?::[ \t]*+([0-9]++)[ \t]*+)?"
)


@dataclass(frozen=True, slots=True)
class Via:
    """One hop; the topmost is the peer's own."""

    transport: str
    """In capitals: UDP, TCP, TLS …"""
    host: str
    """As the sender believes itself to be called; IPv6 without brackets."""
    port: int | None = None
    params: dict[str, str | None] = field(default_factory=dict, hash=False)
    protocol: str = "SIP/2.0"

    @classmethod
    def parse(cls, text: str) -> "Via":
        """Read one value; raise Malformed."""
        match = _VIA.match(text)
        if match is None:
            raise Malformed(f"Via {text[:80]!r}")
        name, version, transport, host, port = match.groups()
        return cls(
            transport.upper(),
            parse_host(host),
            None if port is None else parse_port(port),
            parse_parameters(text.rstrip(LWS), match.end()),
            f"{name.upper()}/{version}",
        )

    @property
    def branch(self) -> str | None:
        """The transaction's identifier, as it came."""
        return self.params.get("branch")

    @property
    def unique(self) -> bool:
        """Tells whether `branch` can name a transaction (§17.2.3); false for RFC 2543 peers."""
        branch = self.branch
        return branch is not None and branch[:7] == MAGIC_COOKIE and len(branch) > len(MAGIC_COOKIE)

    @property
    def sent_by(self) -> tuple[str, int]:
        """Host and port, the port filled in, for matching transactions (§17.2.3)."""
        return self.host, self.port or DEFAULT_PORT

    def came_from(self, source: tuple[str, int]) -> "Via":
        """Return it with what its receiver saw: `received`, `rport` if asked (RFC 3581 §4)."""
        host, port = source
        asked = "rport" in self.params
        if not asked and host == self.host and "received" not in self.params:
            return self
        params = self.params | {"received": host}
        if asked:
            params["rport"] = str(port)
        return replace(self, params=params)

    def reply_address(self) -> tuple[str, int]:
        """Say where the response goes (§18.2.2, RFC 3581 §4).

        §18.2.2 lets `maddr` direct responses to anyone; they go back to where
        the request came from instead.
        """
        host = self.params.get("received") or self.host
        seen = self.params.get("rport")
        return host.strip("[]"), parse_port(seen) if seen else self.port or DEFAULT_PORT

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        return f"{self.protocol}/{self.transport} {host}{port}{format_parameters(self.params)}"
