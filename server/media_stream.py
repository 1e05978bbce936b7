"""The media worker's end of the stream that joins it to the engine."""

import socket
import sys

from media import commands as c
from media import wire

TAPS_WAITING, WORDS_WAITING = 1 << 20, 64 << 20
"""Octets that may wait for the engine: then taps are dropped, then we give up."""


class Engine:
    """Our end of the stream to the engine."""

    def __init__(self, stream: socket.socket) -> None:
        stream.setblocking(False)
        self.stream = stream
        self.gone = False
        self.dropped = 0
        self._frames = wire.Frames()
        self._waiting = bytearray()

    def hear(self) -> list[c.Value]:
        """Return the commands that came; notice that the engine is gone."""
        try:
            octets = self.stream.recv(1 << 18)
            self.gone = self.gone or not octets
            return [wire.from_wire(body) for body in self._frames.feed(octets)]
        except BlockingIOError:
            return []
        except (OSError, wire.UnknownMessage) as error:
            print(f"media worker: the engine's stream broke: {error}", file=sys.stderr)
            self.gone = True
            return []

    def tell(self, events: list[c.Event]) -> None:
        """Send events, and what still waits; never blocks."""
        for event in events:
            if isinstance(event, c.TapAudio) and len(self._waiting) > TAPS_WAITING:
                self.dropped += 1
            else:
                self._waiting += wire.frame(event)
        events.clear()
        try:
            while self._waiting:
                del self._waiting[: self.stream.send(self._waiting)]
        except BlockingIOError:
            self.gone = self.gone or len(self._waiting) > WORDS_WAITING
        except OSError:
            self.gone = True
