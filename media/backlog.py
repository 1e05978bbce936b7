"""What came on a leg and can wait: many packets of voice are cheaper in one go than each alone.

While nobody needs a leg's voice at once (it is recorded or only counted, not bridged, tapped
or watched), packets are put by as they came, with the turn that our clock had reached. Up to
a second of them is then taken together: a row without a gap or a surprise by operations on
whole columns, anything else packet by packet, with the outcome that it would have had then.
"""

import struct

from media.g711 import FRAME
from media.hearing import Hearing
from media.rtp import HEADER, VERSION, Reception

PLAIN = HEADER.size + FRAME
"""Octets of a packet that may wait: a bare header and 20 ms of G.711."""
MOST = 50
"""Packets that wait at most: a second."""

_ROW = struct.Struct(f"!BBHII{FRAME}s")

Put = tuple[bytes, int, float]
"""A datagram, the turn it came in, and the time."""


class Backlog:
    """The packets of one leg that wait, and the turns that were not heard yet."""

    __slots__ = ("_heard", "datagrams", "times", "turn", "turns")

    def __init__(self) -> None:
        self.datagrams: list[bytes] = []
        self.turns: list[int] = []
        self.times: list[float] = []
        self.turn = 0
        """Ticks of 20 ms so far."""
        self._heard = 0  # the turn up to which the leg was heard

    def take_row(self, reception: Reception, hearing: Hearing) -> bool:
        """Take all that waits at once; False, and nothing done, if it is not so simple."""
        datagrams = self.datagrams
        columns = tuple(zip(*_ROW.iter_unpack(b"".join(datagrams)), strict=True))
        firsts, _, sequences, timestamps, ssrcs, payloads = columns
        count = len(datagrams)
        begun = timestamps[0]
        plain = (
            firsts.count(VERSION) == count
            and timestamps == tuple(range(begun, begun + count * FRAME, FRAME))
            and reception.goes_on(ssrcs, sequences)
        )
        if not plain:
            return False
        if hearing.listening:
            turns = [turn - self._heard for turn in self.turns]
            if not hearing.hear_row(begun, payloads, turns, self.turn - self._heard):
                return False
        reception.take_row(timestamps, self.times)
        self._clear()
        return True

    def take_apart(self) -> tuple[list[Put], int, int]:
        """Return what waits, the turn heard last and the turn that it is now."""
        waiting = list(zip(self.datagrams, self.turns, self.times, strict=True))
        heard = self._heard
        self._clear()
        return waiting, heard, self.turn

    def _clear(self) -> None:
        self.datagrams.clear()
        self.turns.clear()
        self.times.clear()
        self._heard = self.turn
