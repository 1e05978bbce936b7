"""Packets that go on to a bridged partner as they are but for their numbers.

While a source's packets come one after the other, each header is the one before and a
constant, and what the partner gets is that and another constant. So a packet is compared
with the one that is expected and turned by an addition; that it came is counted later.
Anything else goes the long way, and begins such a row anew. The numbers of all legs stand
side by side in columns.
"""

import struct
from array import array
from collections.abc import Callable

from media.g711 import FRAME
from media.rtp import FAR, Row
from media.serial import SEQUENCES, TIMESTAMPS

Keep = Callable[[bytearray | memoryview, float], None]
"""Takes a packet, before it is turned, and when it came, for whoever listens."""
LONGEST = 500
"""Packets of a row at most: ten seconds."""

_HEAD = struct.Struct("!qI")  # first octet to timestamp as one number, SSRC
_STEP = TIMESTAMPS + FRAME  # from one packet's head to that of the next
_NOBODY = -1  # no SSRC: nothing is expected

_head, _put_head = _HEAD.unpack_from, _HEAD.pack_into


class Straight:
    """All legs' packets that go straight on; each leg has a seat."""

    def __init__(self) -> None:
        self._sources, self._expected, self._last = array("q"), array("q"), array("q")
        self._shifts, self._ssrcs = array("q"), array("I")
        self._heard, self._jitters = array("d"), array("d")
        self._keeps: list[Keep | None] = []
        self._free: list[int] = []

    def seat(self) -> int:
        """Give a leg a seat."""
        if not self._free:
            self._free.append(len(self._keeps))
            for column in (self._expected, self._last, self._shifts, self._ssrcs):
                column.append(0)
            self._sources.append(_NOBODY)
            self._heard.append(0.0)
            self._jitters.append(0.0)
            self._keeps.append(None)
        return self._free.pop()

    def leave(self, seat: int) -> None:
        """Take a seat back."""
        self.end(seat)
        self._keeps[seat] = None
        self._free.append(seat)

    def begin(
        self, seat: int, heads: tuple[bytes, bytes], row: Row, keep: Keep | None = None
    ) -> None:
        """Let a row follow a packet that was its source's newest.

        `heads`: the packet, and what it became; `row`: when it came, and the jitter until then.
        There is no row in which a number wraps: that is once in minutes.
        """
        (before, source), (after, ssrc) = map(_head, heads)
        if _wraps(before) or _wraps(after):
            return
        self._sources[seat], self._ssrcs[seat] = source, ssrc
        self._expected[seat], self._last[seat] = before + _STEP, before + LONGEST * _STEP
        self._shifts[seat], self._keeps[seat] = after - before, keep
        self._heard[seat], self._jitters[seat] = row.heard, row.jitter

    def pass_on(self, seat: int, datagram: bytearray | memoryview, now: float) -> bool:
        """Turn a packet of 20 ms into the partner's; False, and nothing done, if it is another."""
        head, source = _head(datagram)
        if head != self._expected[seat] or source != self._sources[seat]:
            return False
        self._expected[seat] = head + _STEP
        if head == self._last[seat]:
            self._sources[seat] = _NOBODY
        keep = self._keeps[seat]
        if keep is not None:
            keep(datagram, now)
        uneven = abs((now - self._heard[seat]) * 8000 - FRAME)
        self._heard[seat] = now
        if uneven < FAR:
            self._jitters[seat] += (uneven - self._jitters[seat]) / 16
        _put_head(datagram, 0, head + self._shifts[seat], self._ssrcs[seat])
        return True

    def end(self, seat: int) -> Row:
        """Return what went on; the next packet goes the long way."""
        left = (self._last[seat] - self._expected[seat]) // _STEP + 1
        count = LONGEST - left if self._last[seat] else 0
        self._sources[seat], self._last[seat] = _NOBODY, 0
        return Row(count, self._heard[seat], self._jitters[seat])

    def heard(self, seat: int) -> float:
        """Return when the latest packet of a row came."""
        return self._heard[seat] if self._last[seat] else 0.0


def _wraps(head: int) -> bool:
    sequence, timestamp = head // TIMESTAMPS % SEQUENCES, head % TIMESTAMPS
    return sequence + LONGEST >= SEQUENCES or timestamp + LONGEST * FRAME >= TIMESTAMPS
