# mypy: allow-untyped-calls
# (Twisted's web server is only partly annotated; this file and `site.py` are where we call it.)
"""The edge to Twisted's web server: requests in, answers out."""

from typing import BinaryIO
from urllib.parse import parse_qsl, unquote, urlsplit

from structlog import get_logger
from twisted.internet.interfaces import IPushProducer, ITransport
from twisted.web.server import Request
from zope.interface import implementer

from desk.sessions import Sessions
from desk.web import BODY_MOST, Answer, Asked, Part, Stream

LOG = get_logger(__name__)
COOKIE = "hotline_desk"
PIECE = 64 * 1024
"""Octets of a file that are read at once."""
HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
"""On every answer; a page's own header of the same name stands instead."""


class SmallRequest(Request):
    """A request whose body may not be larger than a form of ours."""

    _refused = False
    _taken = 0

    def gotLength(self, length: int | None) -> None:
        """Refuse a large body before it is read."""
        super().gotLength(min(length or 0, BODY_MOST))
        if length is not None and length > BODY_MOST:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:
        """Take a piece of the body; one sent in chunks says its length only by coming."""
        if self._refused or self._taken + len(data) > BODY_MOST:
            self._refuse()
            return
        self._taken += len(data)
        super().handleContentChunk(data)

    def process(self) -> None:
        """Answer, unless that has been done."""
        if not self._refused:
            super().process()

    def _refuse(self) -> None:
        if self._refused:
            return
        self._refused = True
        transport: ITransport | None = self.channel.transport
        if transport is None:
            return
        transport.write(
            b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        self.channel.loseConnection()


def asked_by(request: Request, sessions: Sessions, now: float) -> Asked:
    """Return a request as a value."""
    address = urlsplit(request.uri.decode("latin-1"))
    segments = tuple(unquote(part) for part in address.path.split("/") if part)
    headers = {
        name.decode("latin-1").lower(): values[-1].decode("latin-1")
        for name, values in request.requestHeaders.getAllRawHeaders()
    }
    token = (request.getCookie(COOKIE.encode()) or b"").decode("latin-1")
    content = request.content
    return Asked(
        method=request.method.decode("latin-1"),
        path=segments,
        names={},
        query=_query(address.query),
        headers=headers,
        body=content.read() if content is not None else b"",
        address=getattr(request.getClientAddress(), "host", "") or "",
        session=sessions.of(token, now),
        now=now,
    )


def _query(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=50))
    except ValueError:
        return {}


def send(request: Request, answer: Answer) -> None:
    """Send an answer, with the headers that every answer has."""
    body = answer.body
    if not isinstance(body, bytes | Part):
        _send_stream(request, body)
        return
    request.setResponseCode(answer.status)
    write_head(request, answer.kind, answer.headers)
    if isinstance(body, Part):
        _send_part(request, body)
        return
    request.setHeader("Content-Length", str(len(body)))
    if request.method != b"HEAD":
        request.write(body)
    request.finish()


def write_head(request: Request, kind: str, own: tuple[tuple[str, str], ...]) -> None:
    """Set the headers that every answer has, and its own."""
    names = {name for name, _ in own}
    for name, value in (*(pair for pair in HEADERS if pair[0] not in names), *own):
        request.responseHeaders.addRawHeader(name, value)
    request.setHeader("Content-Type", kind)


def _send_stream(request: Request, stream: Stream) -> None:
    if request.method == b"HEAD":
        request.finish()
        return
    stream.begin(request)


def _send_part(request: Request, part: Part) -> None:
    """Send a stretch of a file."""
    request.setHeader("Content-Length", str(part.length))
    if request.method == b"HEAD" or part.length == 0:
        request.finish()
        return
    file = part.path.open("rb")
    file.seek(part.start)
    FileSender(request, file, part.length).begin()


@implementer(IPushProducer)
class FileSender:
    """Sends a stretch of a file as fast as the browser takes it, and no faster."""

    def __init__(self, request: Request, file: BinaryIO, length: int) -> None:
        """`file` stands where the stretch begins, and is closed in the end."""
        self._request, self._file, self._left = request, file, length
        self._paused = False

    def begin(self) -> None:
        """Send until the browser has enough for now."""
        self._request.registerProducer(self, True)
        self.resumeProducing()

    def resumeProducing(self) -> None:
        """Go on."""
        self._paused = False
        while not self._paused and self._left:
            piece = self._file.read(min(PIECE, self._left))
            if not piece:  # shorter than it was: the answer cannot be what was promised
                LOG.error("file_shrank", missing=self._left)
                self._request.loseConnection()
                return
            self._left -= len(piece)
            self._request.write(piece)
        if not self._left and not self._file.closed:
            self._file.close()
            self._request.unregisterProducer()
            self._request.finish()

    def pauseProducing(self) -> None:
        """Wait: the browser has enough for now."""
        self._paused = True

    def stopProducing(self) -> None:
        """The browser is gone."""
        self._paused, self._left = True, 0
        self._file.close()
