"""What came on a leg and can wait: many packets of voice are cheaper in one go than each alone.

While nobody needs a leg's voice at once (it is recorded or only counted, not bridged, tapped
or watched), packets are put by as they came, with the turn that our clock had reached. Up to
a second of them is then taken together: a row without a gap or a surprise by operations on
whole columns, anything else packet by packet, with the outcome that it would have had then.
"""

import struct
import sys
from array import array

from media.g711 import FRAME
from media.hearing import Hearing
from media.hot import PLAIN, Waiting
from media.pace import Beat
from media.rtp import HEADER, VERSION, Reception

_VOICE = struct.Struct(f"{HEADER.size}x{FRAME}s")
_WORDS = PLAIN // 4
_WRAPS = 1 << 32

Put = tuple[bytes, int, float]
"""A datagram, the turn it came in, and the time."""


class Backlog(Waiting):
    """The packets of one leg that wait, and the turns that were not heard yet."""

    __slots__ = ("_heard",)

    def __init__(self, beat: Beat) -> None:
        super().__init__()
        self._beat = beat
        self.turn = beat.turn
        self._heard = self.turn  # the turn up to which the leg was heard

    def rested(self) -> int:
        """Return the turns that went by without a tick, and go on to the present one."""
        missed = max(0, self._beat.turn - self.turn)
        self.turn += missed
        return missed

    def take_row(self, reception: Reception | None, hearing: Hearing) -> bool:
        """Take all that waits at once; False, and nothing done, if it is not so simple.

        Without `reception`, the packets were seen to go on in their order, and are counted.
        """
        octets, times = self.octets, self.times
        begun: int | None = int.from_bytes(octets[4:8], "big")
        if reception is not None:
            begun = _begun(octets, reception)
        if begun is None:
            return False
        if hearing.listening:
            (payloads,) = zip(*_VOICE.iter_unpack(octets), strict=True)
            turns = [turn - self._heard for turn in self.turns]
            if not hearing.hear_row(begun, payloads, turns, self.turn - self._heard):
                return False
        if reception is not None:
            reception.take_row(begun, times)
        self.clear()
        return True

    def take_apart(self) -> tuple[list[Put], int, int]:
        """Return what waits, the turn heard last and the turn that it is now."""
        octets = bytes(self.octets)
        datagrams = [octets[at : at + PLAIN] for at in range(0, len(octets), PLAIN)]
        waiting = list(zip(datagrams, self.turns, self.times, strict=True))
        heard = self._heard
        self.clear()
        return waiting, heard, self.turn

    def clear(self) -> None:
        """Forget what waits, and the turns that were not heard."""
        self.drop()
        self._heard = self.turn


def _begun(packets: bytes | bytearray, reception: Reception) -> int | None:
    """Return the first timestamp of packets that go on in their order; None if they do not.

    A row in which a number wraps is none: it is taken packet by packet, once in minutes.
    """
    words = array("I")
    words.frombytes(packets)
    if sys.byteorder == "little":
        words.byteswap()
    count = len(words) // _WORDS
    first, begun, ssrc = words[:3]
    if first >> 24 != VERSION or not reception.goes_on(ssrc, first & 0xFFFF):
        return None
    if begun + count * FRAME >= _WRAPS or words[2::_WORDS].count(ssrc) != count:
        return None
    in_place = words[::_WORDS] == array("I", range(first, first + count))
    in_time = words[1::_WORDS] == array("I", range(begun, begun + count * FRAME, FRAME))
    return begun if in_place and in_time else None
