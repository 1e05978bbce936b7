"""Packets that go on to a bridged partner as they are but for their numbers.

While a source's packets come one after the other, each header is the one before and a
constant, and what the partner gets is that and another constant. So a packet is compared
with the one that is expected and turned by an addition; that it came is counted later.
Anything else goes the long way, and begins such a row anew.
"""

import struct
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
    """One leg's packets that go straight on."""

    __slots__ = (
        "_expected",
        "_heard",
        "_jitter",
        "_keep",
        "_last",
        "_shift",
        "_source",
        "_ssrc",
    )

    def __init__(self) -> None:
        self._source = _NOBODY
        self._expected = self._last = 0  # the next packet's head; that of the last of the row
        self._shift = self._ssrc = 0
        self._heard = self._jitter = 0.0
        self._keep: Keep | None = None

    def begin(self, heads: tuple[bytes, bytes], row: Row, keep: Keep | None = None) -> None:
        """Let a row follow a packet that was its source's newest.

        `heads`: the packet, and what it became; `row`: when it came, and the jitter until then.
        There is no row in which a number wraps: that is once in minutes.
        """
        (before, source), (after, ssrc) = map(_head, heads)
        if _wraps(before) or _wraps(after):
            return
        self._source, self._ssrc = source, ssrc
        self._expected, self._last = before + _STEP, before + LONGEST * _STEP
        self._shift, self._keep = after - before, keep
        self._heard, self._jitter = row.heard, row.jitter

    def pass_on(self, datagram: bytearray | memoryview, now: float) -> bool:
        """Turn a packet of 20 ms into the partner's; False, and nothing done, if it is another."""
        head, source = _head(datagram)
        if head != self._expected or source != self._source:
            return False
        self._expected = head + _STEP
        if head == self._last:
            self._source = _NOBODY
        keep = self._keep
        if keep is not None:
            keep(datagram, now)
        uneven = abs((now - self._heard) * 8000 - FRAME)
        self._heard = now
        if uneven < FAR:
            self._jitter += (uneven - self._jitter) / 16
        _put_head(datagram, 0, head + self._shift, self._ssrc)
        return True

    def end(self) -> Row:
        """Return what went on; the next packet goes the long way."""
        left = (self._last - self._expected) // _STEP + 1
        count = LONGEST - left if self._last else 0
        self._source, self._last, self._keep = _NOBODY, 0, None
        return Row(count, self._heard, self._jitter)

    @property
    def heard(self) -> float:
        """When the latest packet of a row came; 0 while there is none."""
        return self._heard if self._last else 0.0


def _wraps(head: int) -> bool:
    sequence, timestamp = head // TIMESTAMPS % SEQUENCES, head % TIMESTAMPS
    return sequence + LONGEST >= SEQUENCES or timestamp + LONGEST * FRAME >= TIMESTAMPS
