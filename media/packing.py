"""Voice in packets of other lengths than 20 ms, on an even grid."""

from media.g711 import FRAME

TICK = 20
"""Milliseconds; a step is one of these, or half of it where packets are no multiple of it."""


class Packer:
    """Takes 20 ms at every tick, perhaps looks again half-way, gives a packet whenever due."""

    __slots__ = ("_gap", "_held", "_size", "_wait", "ptime", "split")

    def __init__(self, ptime: int) -> None:
        """`ptime` is a multiple of 10 ms."""
        self.ptime = ptime
        self.split = ptime % TICK != 0
        """A step is half a tick."""
        self._gap = ptime // (TICK // 2 if self.split else TICK)  # steps from packet to packet
        self._size = ptime * FRAME // TICK
        self._held = b""
        self._wait = 0

    def step(self, frame: bytes = b"") -> tuple[bytes, int] | None:
        """Return the packet that is due now, and how many octets are left after it."""
        self._held += frame
        self._wait -= 1
        if self._wait > 0 or len(self._held) < self._size:
            return None
        self._wait = self._gap
        packet, self._held = self._held[: self._size], self._held[self._size :]
        return packet, len(self._held)

    def clear(self) -> None:
        """Forget what is held: the stream was interrupted."""
        self._held, self._wait = b"", 0
