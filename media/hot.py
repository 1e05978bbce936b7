"""What is done for every packet of 20 ms, and the fields that it touches.

Each class has the same form in C (`media/c/`), taken where it could be compiled (decision 0021);
what these are parts of (`backlog.py`, `straight.py`, `session.py`) does not know which it is.
"""

import os
import struct
from array import array
from collections.abc import Callable, Iterator, MutableSequence
from typing import TYPE_CHECKING, Any

from media.g711 import FRAME
from media.pace import Beat
from media.rtp import FAR, HEADER, MARKER
from media.serial import SEQUENCES, TIMESTAMPS

if TYPE_CHECKING:
    from media.backlog import Backlog
    from media.straight import Straight

PLAIN = HEADER.size + FRAME
"""Octets of a packet as usual: a bare header and 20 ms of G.711."""
MOST = 50
"""Packets that wait at most before they are taken: a second."""
ROOM = 64
"""Packets that there is room for."""
OTHER, WAITS, FULL, GOES_ON = range(4)
"""What became of a packet: nothing yet; put by; put by, and now they must be taken; the
partner's, to be sent."""
STEP = TIMESTAMPS + FRAME
"""From one packet's head to that of the next."""
NOBODY = -1
"""No SSRC, no payload type."""

Keep = Callable[[bytes | bytearray | memoryview, float], None]
"""Takes a packet, before it is turned, and when it came, for whoever listens."""

_HEAD = struct.Struct("!qI")  # first octet to timestamp as one number, SSRC
_head, _put_head = _HEAD.unpack_from, _HEAD.pack_into
_header = HEADER.pack


class Waiting:
    """Packets that wait, one after the other, each with its turn and its time."""

    __slots__ = ("_beat", "octets", "times", "turn", "turns")

    _beat: Beat
    turn: int
    """Ticks of 20 ms so far; the beat is ahead of it while the leg rests."""

    def __init__(self) -> None:
        self.octets = bytearray()
        """One after the other: kept each by itself, they would fill the caches."""
        self.turns: MutableSequence[int] = array("q")
        self.times: MutableSequence[float] = array("d")

    @property
    def count(self) -> int:
        """How many wait."""
        return len(self.times)

    @property
    def latest(self) -> float | None:
        """When the last came."""
        return self.times[-1] if self.times else None

    def drop(self) -> None:
        """Forget them."""
        self.octets.clear()
        del self.turns[:], self.times[:]

    def put(self, datagram: bytes | bytearray | memoryview, now: float) -> None:
        """Put a packet of a leg by that may rest."""
        turn, beat = self.turn, self._beat.turn
        self._keep(datagram, beat if beat > turn else turn, now)

    def _keep(self, datagram: bytes | bytearray | memoryview, turn: int, now: float) -> None:
        self.octets += datagram
        self.turns.append(turn)
        self.times.append(now)


class Following:
    """A row of packets that come one after the other, and what is turned of each."""

    __slots__ = ("_expected", "_heard", "_jitter", "_keep", "_last", "_shift", "_source", "_ssrc")

    _keep: "Waiting | Keep | None"

    def __init__(self) -> None:
        self._source = NOBODY
        self._expected = self._last = 0  # the next packet's head; that of the last of the row
        self._shift = self._ssrc = 0
        self._heard = self._jitter = 0.0

    def pass_on(self, datagram: bytearray | memoryview, now: float) -> bool:
        """Turn a packet of 20 ms into the partner's; False, and nothing done, if it is another."""
        head, source = _head(datagram)
        if head != self._expected or source != self._source:
            return False
        keep = self._keep
        if keep is not None:
            if not isinstance(keep, Waiting):
                keep(datagram, now)
            elif keep.count < ROOM:
                keep.put(datagram, now)
            else:
                return False
        self._expected = head + STEP
        if head == self._last:
            self._source = NOBODY
        uneven = abs((now - self._heard) * 8000 - FRAME)
        self._heard = now
        if uneven < FAR:
            self._jitter += (uneven - self._jitter) / 16
        _put_head(datagram, 0, head + self._shift, self._ssrc)
        return True


class Strand:
    """What the hot loops know of a session."""

    __slots__ = (
        "_backlog",
        "_kind",
        "_live",
        "_patient",
        "_payload_type",
        "_row",
        "_sequence",
        "_special",
        "_ssrc",
        "_straight",
        "_ticking",
        "_timestamp",
        "_voice",
        "sent",
    )

    _backlog: "Backlog"
    _row: "Straight"
    _voice: Iterator[bytes]
    """Frames, one a tick."""

    def __init__(self) -> None:
        self._ssrc = 0
        self._sequence = 0  # of the packet sent last
        self._timestamp = 0  # of the frame due at the tick before
        self._payload_type = NOBODY  # nothing is good before ConnectLeg
        self._kind = 0  # second octet of the next frame's header
        self.sent = 0
        self._ticking = False  # we send a frame at every tick
        self._special = False  # there is a packer, or a key is pressed
        self._live = False  # each frame is heard at its tick
        self._patient = NOBODY  # second octet of the packets that may wait
        self._straight = NOBODY  # second octet of the packets that are the partner's as they are

    def take_usual(self, datagram: bytearray | memoryview, now: float) -> int:
        """Take a packet of `PLAIN` octets if it is as usual; return what became of it."""
        kind = datagram[1]
        if kind == self._patient:
            backlog = self._backlog
            if backlog.count >= ROOM:
                return OTHER
            backlog._keep(datagram, backlog.turn, now)
            return FULL if backlog.count >= MOST else WAITS
        if kind == self._straight and self._row.pass_on(datagram, now):
            return GOES_ON
        return OTHER

    def step(self) -> bytes | None:
        """Return the packet that is due; empty where none is; None where the voice is over."""
        self._backlog.turn += 1
        self._timestamp = timestamp = (self._timestamp + FRAME) % TIMESTAMPS
        payload = next(self._voice, None)
        if not payload:
            if payload is not None:
                self._kind = self._payload_type | MARKER
            return payload
        kind, self._kind = self._kind, self._payload_type
        self._sequence = sequence = (self._sequence + 1) % SEQUENCES
        self.sent += 1
        return _header(0x80, kind, sequence, timestamp, self._ssrc) + payload


compiled: Any = None
"""The same in C, with the loops over all legs; None where it is not compiled, or where
HOTLINE_PLAIN_VOICE=1 in the environment says that it is not to be used."""
if not TYPE_CHECKING and os.environ.get("HOTLINE_PLAIN_VOICE", "0") in ("", "0"):
    try:
        from media import _hot as compiled
    except ImportError:
        compiled = None
    else:
        Waiting, Following, Strand = compiled.Waiting, compiled.Following, compiled.Strand
