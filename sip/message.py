"""Request and Response: from a datagram and back (RFC 3261 §7, §8.2.6, §18.3)."""

import re
from dataclasses import dataclass, field
from operator import attrgetter

from sip.flow import Address
from sip.grammar import LWS, TOKEN, TOKEN_CHARS, Malformed
from sip.headers import KEYS, Headers, key_of
from sip.uri import Uri

__all__ = ["REASONS", "Address", "Malformed", "Message", "Request", "Response", "parse", "respond"]

DATAGRAM_LIMIT = 65536
HEADERS_LIMIT = 256
_START_LIMIT = 8192
"""Octets of a request or status line."""

REASONS: dict[int, str] = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    182: "Queued",
    183: "Session Progress",
    200: "OK",
    202: "Accepted",
    204: "No Notification",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Moved Temporarily",
    305: "Use Proxy",
    380: "Alternative Service",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    410: "Gone",
    412: "Conditional Request Failed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    421: "Extension Required",
    422: "Session Interval Too Small",
    423: "Interval Too Brief",
    439: "First Hop Lacks Outbound Support",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    485: "Ambiguous",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    493: "Undecipherable",
    494: "Security Agreement Required",
    500: "Server Internal Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Server Time-out",
    505: "Version Not Supported",
    513: "Message Too Large",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
}

_HEAD_END = re.compile(rb"\n\r?\n")
_REQUEST_LINE = re.compile(rf"([{TOKEN_CHARS}]++) ([^ \t]++) SIP/([0-9]++\.[0-9]++)", re.IGNORECASE)
_STATUS_LINE = re.compile(r"SIP/([0-9]++\.[0-9]++) ([1-6][0-9]{2})(?: (.*))?", re.IGNORECASE)
_UNSAFE = re.compile(r"[\r\n]")
_ONCE = frozenset({"call-id", "cseq", "from", "max-forwards", "to"})
"""Fields that a message has only one of."""
_MANDATORY = attrgetter("via", "from_", "to", "call_id", "cseq")
_LIMITS = attrgetter("max_forwards")
_CONTACT = attrgetter("contact")
_CONTACT_MATTERS = frozenset({"INVITE", "REGISTER", "UPDATE", "SUBSCRIBE", "REFER", "NOTIFY"})
_DIALOG_FORMING = frozenset({"INVITE", "SUBSCRIBE", "REFER"})


@dataclass(slots=True)
class Request:
    """Asks for something: method, to whom, with which headers and body."""

    method: str
    uri: str
    """The Request-URI as sent."""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    @property
    def target(self) -> Uri:
        """The Request-URI, parsed anew at each call; raises Malformed."""
        return Uri.parse(self.uri)

    @property
    def secure(self) -> bool:
        """True where the Request-URI asks for TLS all the way."""
        return self.uri[:5].lower() == "sips:"

    def __bytes__(self) -> bytes:
        return _serialised(f"{self.method} {self.uri} SIP/2.0", self.headers, self.body)


@dataclass(slots=True)
class Response:
    """Answers a request: status, reason, headers and body."""

    status: int
    reason: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    def __bytes__(self) -> bytes:
        return _serialised(f"SIP/2.0 {self.status} {self.reason}", self.headers, self.body)


Message = Request | Response


def _serialised(start: str, headers: Headers, body: bytes) -> bytes:
    if _UNSAFE.search(start):
        raise ValueError(f"no start line: {start!r}")
    lines = [start, *headers.lines(), f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + body


def parse(datagram: bytes) -> Message:
    """Read one message; raise Malformed, and nothing else, for what is none.

    Checked at once: start line, framing, the headers that every message must
    have, and what an answer needs. Anything else is read when asked for.
    Octets after the body that Content-Length tells of are ignored (§18.3).
    """
    if len(datagram) > DATAGRAM_LIMIT:
        raise Malformed("longer than 64 KiB", 513)
    datagram = datagram.lstrip(b"\r\n")
    end = _HEAD_END.search(datagram)
    head = datagram if end is None else datagram[: end.start()]
    body = b"" if end is None else datagram[end.end() :]
    start, _, rest = head.decode("utf-8", "surrogateescape").partition("\n")
    start = start.removesuffix("\r")
    if start[:4].upper() == "SIP/":
        return _parse_response(start, rest, body, whole=end is not None)
    return _parse_request(start, rest, body, whole=end is not None)


def _parse_request(start: str, rest: str, body: bytes, *, whole: bool) -> Request:
    request = Request("", "", Headers(), b"")
    try:
        trouble = _read_request_line(request, start)
        fields: list[tuple[str, str, str]] = []
        request.headers = Headers.received(fields)
        _read_fields(rest, fields)
        if trouble is not None:
            raise trouble
        request.body = _framed(request.headers, body, whole=whole)
        _check(request.headers)
        _check_request(request)
    except Malformed as malformed:
        raise Malformed(
            malformed.what, malformed.status, request if request.method else None
        ) from None
    return request


def _read_request_line(request: Request, start: str) -> Malformed | None:
    """Take method and URI; return what is wrong with the line, for after the headers."""
    match = _REQUEST_LINE.fullmatch(start)
    if match is not None:
        request.method, request.uri, version = match.groups()
        if version != "2.0":
            return Malformed(f"version {version[:10]}", 505)
        return Malformed("Request-URI too long", 414) if len(start) > _START_LIMIT else None
    method = TOKEN.match(start)
    if method is None or start[method.end() : method.end() + 1] not in (" ", "\t"):
        raise Malformed(f"no request line: {start[:80]!r}")
    request.method = method[0]
    return Malformed(f"request line {start[:80]!r}")


def _parse_response(start: str, rest: str, body: bytes, *, whole: bool) -> Response:
    match = _STATUS_LINE.fullmatch(start)
    if match is None or match[1] != "2.0" or len(start) > _START_LIMIT:
        raise Malformed(f"status line {start[:80]!r}")
    fields: list[tuple[str, str, str]] = []
    _read_fields(rest, fields)
    headers = Headers.received(fields)
    body = _framed(headers, body, whole=whole)
    _check(headers)
    reason = (match[3] or "").replace("\r", " ").strip(LWS)
    return Response(int(match[2]), reason, headers, body)


def _read_fields(text: str, fields: list[tuple[str, str, str]]) -> None:
    """Append each header field of `text`, unfolded; then raise Malformed if a line was none.

    A bare CR ends no line; it becomes a space, so that it ends none for
    whoever reads what we send on.
    """
    text = text.replace("\r\n", "\n").rstrip("\r\n")
    if "\n " in text or "\n\t" in text:
        text = re.sub(r"[ \t]*+\n[ \t]++", " ", text)
    text = text.replace("\r", " ")
    if not text:
        return
    trouble = None
    for line in text.split("\n"):
        if len(fields) >= HEADERS_LIMIT:
            raise Malformed(f"more than {HEADERS_LIMIT} headers")
        name, colon, value = line.partition(":")
        key = KEYS.get(name)
        if key is None:
            name = name.rstrip(LWS)
            key = key_of(name) if TOKEN.fullmatch(name) else None
        if colon and key is not None:
            fields.append((key, name, value.strip(LWS)))
        else:
            trouble = trouble or Malformed(f"header line {line[:80]!r}")
    if trouble is not None:
        raise trouble


def _framed(headers: Headers, body: bytes, *, whole: bool) -> bytes:
    """Return the body, as long as Content-Length says; all of it where that is silent."""
    if not whole:
        raise Malformed("no empty line after the headers")
    length = headers.content_length
    if length is None:
        return body
    if length > len(body):
        raise Malformed(f"body of {len(body)} octets, Content-Length {length}")
    return body[:length]


def _check(headers: Headers) -> None:
    """Raise Malformed unless the headers that each message must have are there and sound."""
    repeated = headers.repeated(_ONCE)
    if repeated is not None:
        raise Malformed(f"more than one {repeated}")
    _MANDATORY(headers)


def _check_request(request: Request) -> None:
    headers = request.headers
    if headers.cseq.method != request.method:
        raise Malformed(f"CSeq counts {headers.cseq.method}, not {request.method}")
    _LIMITS(headers)
    if request.method in _CONTACT_MATTERS:
        _CONTACT(headers)
    if request.target.headers:
        raise Malformed("Request-URI with headers")


def respond(
    request: Request, status: int, reason: str | None = None, *, to_tag: str | None = None
) -> Response:
    """Answer `request` (§8.2.6): Via, From, To, Call-ID and CSeq as they came.

    `to_tag` is added to a To that has none; Record-Route is copied into
    answers that make a dialog (§12.1.1), Timestamp into 100 (§8.2.6.1).
    """
    copied = ["via", "from", "to", "call-id", "cseq"]
    if 100 < status < 300 and request.method in _DIALOG_FORMING:
        copied.append("record-route")
    if status == 100:
        copied.append("timestamp")
    headers = request.headers.only(copied)
    response = Response(status, _reason(status) if reason is None else reason, headers)
    if to_tag is not None and _lacks_tag(request.headers):
        headers.replace("To", f"{request.headers.get('to')};tag={to_tag}")
    return response


def _reason(status: int) -> str:
    """Return the usual phrase; of an unknown status that of its class (§8.1.3.2)."""
    return REASONS.get(status) or REASONS[status // 100 * 100]


def _lacks_tag(headers: Headers) -> bool:
    """Tell whether there is a To that a tag can be added to."""
    try:
        return headers.to.tag is None
    except Malformed:
        return False


def note_source(request: Request, source: Address) -> None:
    """Write into the topmost Via where the request came from (§18.2.1, RFC 3581 §4)."""
    via = request.headers.via
    noted = via.came_from((source[0], source[1]))
    if noted is not via:
        request.headers.replace_first("Via", str(noted))
