"""name-addr: somebody's name, address and the header's own parameters (RFC 3261 §20.10)."""

import re
from dataclasses import dataclass, field

from sip.grammar import (
    LWS,
    QUOTED,
    Malformed,
    format_parameters,
    parse_parameters,
    quote,
    unquote,
)
from sip.uri import Uri

_NAME_ADDR = re.compile(rf'(?:({QUOTED})|([^"<>,;]*+))[ \t]*+<([^<>\s]++)>[ \t]*+', re.DOTALL)
_ADDR_SPEC = re.compile(r'([^;,?<>"\s]++)[ \t]*+(?=;|$)')
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_UNDECODED = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class NameAddr:
    """What From, To, Contact, Route and P-Asserted-Identity hold."""

    uri: Uri
    display: str = ""
    """The name as people read it: no quotes, no control characters."""
    params: dict[str, str | None] = field(default_factory=dict, hash=False)

    @classmethod
    def parse(cls, text: str) -> "NameAddr":
        """Read one value, with or without angle brackets; raise Malformed.

        A display name that should be quoted and is not (`市民 <sip:…>`) is
        taken as it stands, unless a comma or semicolon makes it doubtful
        where it begins.
        """
        if "<" not in text:
            return cls._parse_bare(text)
        match = _NAME_ADDR.match(text)
        if match is None:
            raise Malformed(f"address {text[:80]!r}")
        quoted, bare, uri = match.groups()
        display = unquote(quoted) if quoted else bare.strip(LWS)
        return cls(
            Uri.parse(uri), _readable(display), parse_parameters(text.rstrip(LWS), match.end())
        )

    @classmethod
    def _parse_bare(cls, text: str) -> "NameAddr":
        """Without brackets, parameters are the header's, and `?` and `,` are barred."""
        match = _ADDR_SPEC.match(text)
        if match is None:
            raise Malformed(f"address {text[:80]!r}")
        return cls(Uri.parse(match[1]), "", parse_parameters(text.rstrip(LWS), match.end()))

    @property
    def tag(self) -> str | None:
        """The dialog's tag of From or To."""
        return self.params.get("tag")

    def __str__(self) -> str:
        display = f"{quote(self.display)} " if self.display else ""
        return f"{display}<{self.uri}>{format_parameters(self.params)}"


def _readable(display: str) -> str:
    """Return a name fit for screen and database.

    Names that are not UTF-8 are read as GB18030, which older phones here send.
    """
    if display.isprintable():
        return display
    if _UNDECODED.search(display):
        octets = display.encode("utf-8", "surrogateescape")
        try:
            display = octets.decode("gb18030")
        except UnicodeDecodeError:
            display = octets.decode("utf-8", "replace")
    return _CONTROL.sub("", display)
