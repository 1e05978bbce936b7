"""ABNF rules by their own names (RFC 3261 §25), shared by the header values.

Every pattern runs in linear time on any input: quantifiers that could overlap
are possessive, and an unterminated quote or bracket swallows the rest.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sip.message import Request

TOKEN_CHARS = r"A-Za-z0-9\-.!%*_+`'~"
TOKEN = re.compile(rf"[{TOKEN_CHARS}]+")
QUOTED = r'"(?:[^"\\]|\\.)*+"'
LWS = " \t"
PORT_LIMIT = 65535
PARAMETERS_LIMIT = 100
"""Parameters in one header value or URI; real ones have fewer than ten."""

_PARAMETER = re.compile(
    rf"[ \t]*+;[ \t]*+([{TOKEN_CHARS}]++)[ \t]*+(?:=[ \t]*+({QUOTED}|[^ \t;,\"<>]++))?",
    re.DOTALL,
)
_SEPARATOR = re.compile(r'"(?:[^"\\]|\\.?)*+"?|<[^>]*+>?|,', re.DOTALL)
_PLAIN_VALUE = re.compile(r"[^ \t;,\"<>\x00-\x1f\x7f]+")
_ESCAPED_PAIR = re.compile(r"\\(.)", re.DOTALL)


class Malformed(ValueError):
    """The peer broke the grammar.

    `status` is what to answer. `request` is the request as far as it could be
    read, so that it can be answered; None for a response, for what is no SIP,
    and for a header value read on its own.
    """

    def __init__(self, what: str, status: int = 400, request: "Request | None" = None) -> None:
        super().__init__(what)
        self.what = what
        self.status = status
        self.request = request


def split_list(value: str) -> list[str]:
    """Split a comma-separated list; commas in quotes or angle brackets do not count."""
    if "," not in value:
        return [value] if value else []
    parts, start = [], 0
    for match in _SEPARATOR.finditer(value):
        if match[0] == ",":
            parts.append(value[start : match.start()].strip(LWS))
            start = match.end()
    parts.append(value[start:].strip(LWS))
    return [part for part in parts if part]


def first_of_list(value: str) -> tuple[str, str]:
    """Return the first member of a comma-separated list, and the rest as it came."""
    if "," not in value:
        return value, ""
    for match in _SEPARATOR.finditer(value):
        if match[0] == ",":
            return value[: match.start()].strip(LWS), value[match.end() :].strip(LWS)
    return value, ""


def parse_parameters(text: str, start: int = 0) -> dict[str, str | None]:
    """Read `;name=value` parameters up to the end of `text`.

    Names come in lower case, values without their quotes, None where there is
    no value. Of a name given twice the first counts.
    """
    parameters: dict[str, str | None] = {}
    end = len(text)
    while start < end:
        match = _PARAMETER.match(text, start)
        if match is None or len(parameters) >= PARAMETERS_LIMIT:
            raise Malformed(f"parameters {text[start : start + 60]!r}")
        name, value = match.groups()
        if value is not None and value[0] == '"':
            value = unquote(value)
        parameters.setdefault(name.lower(), value)
        start = match.end()
    return parameters


def format_parameters(parameters: Mapping[str, str | None]) -> str:
    """Write parameters as they follow a header value, quoting what needs it."""
    return "".join(
        f";{name}" if value is None else f";{name}={_plain_or_quoted(value)}"
        for name, value in parameters.items()
    )


def _plain_or_quoted(value: str) -> str:
    return value if _PLAIN_VALUE.fullmatch(value) else quote(value)


def quote(text: str) -> str:
    """Write a quoted-string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unquote(text: str) -> str:
    """Return what a quoted-string says, without quotes and escapes."""
    inner = text[1:-1]
    return _ESCAPED_PAIR.sub(r"\1", inner) if "\\" in inner else inner


def parse_port(text: str) -> int:
    """Read a port of 1 to 65535."""
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) <= PORT_LIMIT):
        raise Malformed(f"port {text[:20]!r}")
    return int(text)


def parse_number(text: str, what: str, below: int) -> int:
    """Read digits as a number smaller than `below`."""
    if not (text.isascii() and text.isdigit()) or len(text) > 40 or int(text) >= below:
        raise Malformed(f"{what} {text[:60]!r}")
    return int(text)
