"""A provider's host with a voice: our own stack on a socket, a thread, and a tone each way."""

import secrets
import time
from socket import AF_INET, SOCK_DGRAM, socket
from threading import Event, Thread

from media import g711, rtp
from sip import events as sip
from sip.settings import StackSettings
from sip.stack import Stack
from tests.helpers.media_phones import tone
from tests.helpers.switchboard import sdp

FRAME = 0.02


class VoiceHost:
    """Refuses every call with `status`, or takes one and says its tone in it.

    One that `presses` a key does so by a named event, a second after it took the call.
    """

    def __init__(self, hertz: int = 0, status: int = 200, presses: str = "") -> None:
        self.status, self._presses = status, presses
        self.offered: list[sip.CallOffered] = []
        self.heard = bytearray()
        """PCM16 of what came."""
        self.keys: list[str] = []
        """Named events (RFC 4733), one for each time that a key was let go."""
        self.info: list[str] = []
        """Keys that came by INFO."""
        self.ended = Event()
        self._says = iter(g711.frames(tone(hertz, 1.0, loud=4000) * 300, "PCMA") if hertz else ())
        self._sip, self._rtp = self._socket(), self._socket()
        self.port: int = self._sip.getsockname()[1]
        self._stack = Stack(
            StackSettings("127.0.0.1", self.port), None, lambda: secrets.token_hex(8)
        )
        self._to: tuple[str, int] | None = None
        self._count = 0
        self._waited = 0
        """Frames since the call was taken, or since the last key was pressed."""
        self._last = -1
        """RTP time of the last key."""
        self._stop = Event()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _socket(self) -> socket:
        made = socket(AF_INET, SOCK_DGRAM)
        made.bind(("127.0.0.1", 0))
        made.setblocking(False)
        return made

    def stop(self) -> None:
        """Fall silent."""
        self._stop.set()
        self._thread.join(30)
        self._sip.close()
        self._rtp.close()

    def told(self) -> str:
        """Return what User-to-User the first call brought, as text."""
        value = self.offered[0].told.user_to_user or ""
        return bytes.fromhex(value.partition(";")[0]).decode()

    def _run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            self._signal(began)
            self._speak()
            time.sleep(max(0.0, FRAME - (time.monotonic() - began)))  # noqa: TID251 - a phone's pace

    def _signal(self, now: float) -> None:
        while (got := _received(self._sip)) is not None:
            self._stack.receive(got[0], got[1], now)
        self._stack.tick(now)
        while (event := self._stack.next_event()) is not None:
            self._take(event, now)
        for datagram, (host, port, *_) in self._stack.to_send():
            self._sip.sendto(datagram, (host, port))

    def _take(self, event: sip.SipEvent, now: float) -> None:
        match event:
            case sip.CallOffered(leg=leg, offer=offer):
                self.offered.append(event)
                if self.status != 200 or offer is None:
                    self._stack.reject(leg, self.status, now)
                    return
                audio = offer.audio
                assert audio is not None, "the stack reads what is offered"
                self._to = (audio.address, audio.port)
                self._stack.answer(leg, sdp(self._rtp.getsockname()[1]).encode(), now)
            case sip.LegKey(key=key):
                self.info.append(key)
            case sip.LegEnded() | sip.CallCancelled():
                self._to = None
                self.ended.set()

    def _speak(self) -> None:
        while (got := _received(self._rtp)) is not None:
            if not rtp.is_report(got[0]):
                self._hear(rtp.parse(got[0]))
        if self._presses and self._to is not None:
            self._press()
        frame = next(self._says, None) if self._to is not None else None
        if frame is not None and self._to is not None:
            self._count += 1
            packet = rtp.Packet(8, False, self._count, 160 * self._count, 99, frame)
            self._rtp.sendto(bytes(packet), self._to)

    def _press(self) -> None:
        """Send a key's event (RFC 4733), its end three times, in the 50th frame's place."""
        assert self._to is not None
        self._waited += 1
        if self._waited < 50:
            return
        key, self._presses = self._presses[0], self._presses[1:]
        self._waited = 0
        at = 160 * self._count
        for length, end in ((160, 0), (800, 0x80), (800, 0x80), (800, 0x80)):
            self._count += 1
            event = bytes(["0123456789*#".index(key), end | 10]) + length.to_bytes(2, "big")
            self._rtp.sendto(bytes(rtp.Packet(101, False, self._count, at, 99, event)), self._to)

    def _hear(self, packet: rtp.Packet) -> None:
        if packet.payload_type == 8:
            self.heard += g711.decode(packet.payload, "PCMA")
        elif packet.payload_type == 101 and packet.payload[1] & 0x80:
            key = "0123456789*#ABCD"[packet.payload[0]]
            if self._last != packet.timestamp:
                self.keys.append(key)
            self._last = packet.timestamp


def _received(end: socket) -> tuple[bytes, tuple[str, int]] | None:
    try:
        return end.recvfrom(65535)
    except BlockingIOError:
        return None
