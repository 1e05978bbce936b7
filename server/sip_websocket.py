"""SIP over WebSocket for browsers (RFC 7118): a connection whose frames are messages."""

from typing import Any

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from server.sip_stream import SipStream
from sip.flow import Flow
from sip.framing import PONG, FramingLimits

SUBPROTOCOL = Subprotocol("sip")
_PING = b"\r\n\r\n"
_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)
ENDING = 2.0
"""Seconds that a browser has to close a connection that we end."""


class SipWebSocket(SipStream):
    """One browser's connection. Each message of ours or of theirs is one WebSocket message.

    A browser has the same time to finish its request and each message as other
    streams have, and at most as many octets.
    """

    def __init__(self, streams: Any, flow: Flow) -> None:
        super().__init__(streams, flow)
        self._limits: FramingLimits = streams.limits.framing
        self._protocol = ServerProtocol(subprotocols=[SUBPROTOCOL], max_size=self._limits.message)
        self._parts: list[bytes] = []
        self._deadline = streams.clock() + self._limits.patience

    def dataReceived(self, data: bytes) -> None:
        """Cut what came into messages, and pass them on."""
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._shake_hands(event)
            elif isinstance(event, Frame) and event.opcode in _DATA:
                self._take_part(event)
        self._put_off()
        self._flush()

    def _shake_hands(self, request: Request) -> None:
        """Accept, or say over HTTP why not: no sub-protocol `sip`, another version, no upgrade."""
        response = self._protocol.accept(request)
        self._protocol.send_response(response)
        if response.status_code != 101:
            self._streams.counters["no_websocket"] += 1

    def _take_part(self, frame: Frame) -> None:
        self._parts.append(bytes(frame.data))
        if not frame.fin:
            return
        message, self._parts = b"".join(self._parts), []
        if message == _PING:
            self._write(PONG)
        else:
            self._streams.taker.take(message, self.flow)

    def _put_off(self) -> None:
        """Give a peer that is between two messages the time of an idle one."""
        now = self._streams.clock()
        begun = self._parts or self._protocol.reader.buffer
        if self._protocol.state is State.OPEN and not begun:
            self._deadline = now + self._limits.idle
        elif self._deadline > now + self._limits.patience:
            self._deadline = now + self._limits.patience

    def _flush(self) -> None:
        """Send what the protocol has to say; close where it has nothing more."""
        assert self.transport is not None
        for data in self._protocol.data_to_send():
            if data:
                self.transport.write(data)
            else:
                self.transport.loseConnection()
        if self._protocol.close_expected():
            self._deadline = min(self._deadline, self._streams.clock() + ENDING)

    def _write(self, message: bytes) -> None:
        """Write one message: as text where it is UTF-8, which browsers like best (§5)."""
        if self._protocol.state is not State.OPEN:
            return
        try:
            message.decode()
        except UnicodeDecodeError:
            self._protocol.send_binary(message)
        else:
            self._protocol.send_text(message)
        self._flush()

    def overdue(self, now: float) -> bool:
        """Tell whether the peer has had its time."""
        return self._stuck(now) or self._deadline <= now
