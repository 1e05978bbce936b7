"""Packets that go on to a bridged partner as they are but for their numbers.

While a source's packets come one after the other, each header is the one before and a
constant, and what the partner gets is that and another constant. So a packet is compared
with the one that is expected and turned by an addition; that it came is counted later.
Anything else goes the long way, and begins such a row anew.
"""

from media.g711 import FRAME
from media.hot import NOBODY, STEP, Following, Keep, Waiting
from media.rtp import Row
from media.serial import SEQUENCES, TIMESTAMPS

LONGEST = 500
"""Packets of a row at most: ten seconds."""


class Straight(Following):
    """One leg's packets that go straight on."""

    __slots__ = ()

    def begin(
        self, heads: tuple[bytes, bytes], row: Row, keep: Waiting | Keep | None = None
    ) -> None:
        """Let a row follow a packet that was its source's newest.

        `heads`: the packet, and what it became; `row`: when it came, and the jitter until then.
        There is no row in which a number wraps: that is once in minutes.
        """
        (before, source), (after, ssrc) = map(_head_of, heads)
        if _wraps(before) or _wraps(after):
            return
        self._source, self._ssrc = source, ssrc
        self._expected, self._last = before + STEP, before + LONGEST * STEP
        self._shift, self._keep = after - before, keep
        self._heard, self._jitter = row.heard, row.jitter

    def end(self) -> Row:
        """Return what went on; the next packet goes the long way."""
        left = (self._last - self._expected) // STEP + 1
        count = LONGEST - left if self._last else 0
        self._source, self._last, self._keep = NOBODY, 0, None
        return Row(count, self._heard, self._jitter)

    @property
    def heard(self) -> float:
        """When the latest packet of a row came; 0 while there is none."""
        return self._heard if self._last else 0.0


def _head_of(packet: bytes) -> tuple[int, int]:
    """Return the first octet to the timestamp as one number, and the SSRC."""
    return int.from_bytes(packet[:8], "big", signed=True), int.from_bytes(packet[8:12], "big")


def _wraps(head: int) -> bool:
    sequence, timestamp = head // TIMESTAMPS % SEQUENCES, head % TIMESTAMPS
    return sequence + LONGEST >= SEQUENCES or timestamp + LONGEST * FRAME >= TIMESTAMPS
