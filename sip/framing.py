"""A stream of octets cut into messages by Content-Length (RFC 3261 §18.3, §20.14).

Between messages a peer may send CRLF CRLF to learn whether we are there, and
is answered CRLF (RFC 5626 §4.4.1). Pure: whoever holds the connection feeds it
and closes it when `next_deadline` passes.
"""

import re
from dataclasses import dataclass

from sip.message import DATAGRAM_LIMIT

PONG = b"\r\n"
_HEAD_END = re.compile(rb"\n\r?\n")
_LENGTH = re.compile(
    rb"^(?:content-length|l)[ \t]*+:(?:[ \t]|\r?\n[ \t])*+([0-9]{1,10})[ \t]*+\r?$",
    re.IGNORECASE | re.MULTILINE,
)
_NAMED = re.compile(rb"^(?:content-length|l)[ \t]*+:", re.IGNORECASE | re.MULTILINE)
_LEAD = b"\r\n"
_PING = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Ping:
    """The peer asks whether we are there; `PONG` answers."""


@dataclass(frozen=True, slots=True)
class Unframed:
    """Where the next message begins cannot be known; the connection is of no more use."""

    what: str
    status: int
    head: bytes = b""
    """The headers of the message that broke it; empty where they have no end."""


Frame = bytes | Ping | Unframed


@dataclass(frozen=True, slots=True)
class FramingLimits:
    """Bounds of one connection, in octets and seconds."""

    message: int = DATAGRAM_LIMIT
    patience: float = 10.0
    """From the first octet of a message to its last; a first message is due so soon too."""
    idle: float = 7200.0
    """Without anything at all: longer than the longest registration."""


class Framing:
    """What one connection has brought that is no whole message yet."""

    __slots__ = ("_broken", "_buffer", "_deadline", "_limits", "_searched", "_size")

    def __init__(self, now: float, limits: FramingLimits | None = None) -> None:
        self._limits = limits or FramingLimits()
        self._buffer = bytearray()
        self._searched = 0
        """Octets in which no end of headers was found: none is looked at twice."""
        self._size: int | None = None
        """Octets of the message that is coming, once its headers are here."""
        self._broken = False
        self._deadline = now + self._limits.patience

    def next_deadline(self) -> float:
        """Return when the peer has had its time, and the connection is to be closed."""
        return self._deadline

    def feed(self, octets: bytes, now: float) -> list[Frame]:
        """Take octets; return what is whole, in order. After an Unframed nothing comes any more."""
        if self._broken:
            return []
        waited = not self._between()
        self._buffer += octets
        found: list[Frame] = []
        while not self._broken and (frame := self._next()) is not None:
            found.append(frame)
        if self._between():
            self._deadline = now + self._limits.idle
        elif found or not waited:
            self._deadline = now + self._limits.patience
        return found

    def _between(self) -> bool:
        """Tell whether no message has begun; line ends are none."""
        return self._size is None and _PING.startswith(self._buffer)

    def _next(self) -> Frame | None:
        if self._size is None and self._skip_line_ends():
            return Ping()
        if self._size is None:
            measured = self._measure()
            if isinstance(measured, Unframed):
                self._broken = True
                return measured
            self._size = measured
        if self._size is None or len(self._buffer) < self._size:
            return None
        message = bytes(self._buffer[: self._size])
        del self._buffer[: self._size]
        self._searched, self._size = 0, None
        return message

    def _skip_line_ends(self) -> bool:
        """Drop line ends before a message; True if they were a ping."""
        buffer = self._buffer
        while buffer and buffer[0] in _LEAD:
            if buffer[:4] == _PING:
                del buffer[:4]
                return True
            if _PING.startswith(buffer[:4]):
                return False  # nothing, or perhaps the beginning of a ping
            del buffer[0]
        return False

    def _measure(self) -> int | Unframed | None:
        """Return how long the message is; None while its headers are incomplete."""
        buffer, limit = self._buffer, self._limits.message
        end = _HEAD_END.search(buffer, max(0, self._searched - 2))
        if end is None:
            self._searched = len(buffer)
            return Unframed("headers without end", 513) if len(buffer) > limit else None
        head = bytes(buffer[: end.end()])
        lengths = {int(length) for length in _LENGTH.findall(head)}
        if len(lengths) != 1 or len(_NAMED.findall(head)) != len(_LENGTH.findall(head)):
            return Unframed("no Content-Length, or two", 400, head)
        size = len(head) + lengths.pop()
        if size > limit:
            return Unframed("message too large", 513, head)
        return size
