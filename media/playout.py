"""When each packet is due, and what is in it.

Every leg sends a frame every 20 ms. One timetable serves all: the 20 ms are cut into
slots, and each leg has its place in one of them, so that the work is spread and each
stream keeps to its own grid, paced against the start and never against the last packet.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, cycle, repeat
from math import ceil, log2
from operator import sub

from media.codecs import SILENCE
from media.commands import CodecName

PTIME = 0.02
"""Seconds that a packet lasts."""
SLOTS = 4
"""Slots in each 20 ms: 5 ms apart."""
FILLED = (0, 2, 1, 3)
"""The order in which slots get their first legs: as far apart as can be."""
CROWD = 128
"""Legs of a slot before another is begun. A process that was asleep pays for each wake-up with
all that has left the caches meanwhile, so few slots are cheap; many legs in one make the last
of them late by their number."""
LATE_LIMIT = 5
"""Rounds (100 ms) by which we may be late and still send every frame; beyond, a gap."""


class Timetable:
    """Says which slot is due next, and by how much it is late."""

    __slots__ = ("_began", "_count", "_period", "next")

    def __init__(self, began: float, slots: int = SLOTS) -> None:
        self._began = began
        self._period = PTIME / slots
        self._count = 0
        self.next = began
        """When the next slot is due, on the clock that `began` was read from."""

    def take(self) -> float:
        """Go on to the next slot; return when the one taken was due."""
        due = self.next
        self._count += 1
        self.next = self.until(0)
        return due

    def skip(self, now: float) -> int:
        """Leave out whole rounds if we are too late to send them all; return how many."""
        rounds = int((now - self.next) / PTIME)
        if rounds <= LATE_LIMIT:
            return 0
        self._began += rounds * PTIME
        self.next += rounds * PTIME
        return rounds

    def until(self, ahead: int) -> float:
        """Return when a slot is due that is so many ahead of the next."""
        return self._began + (self._count + ahead) * self._period


def seat(legs: Sequence[int]) -> int:
    """Choose a new leg's slot by how many each has: the fullest with room, else the emptiest.

    The fullest, so that slots that calls have left fall empty instead of being kept up by a few.
    """
    roomy = [slot for slot in FILLED if legs[slot] < CROWD]
    if roomy:
        return max(roomy, key=lambda slot: legs[slot])
    return min(FILLED, key=lambda slot: legs[slot])


class Lateness:
    """A histogram of delays, an eighth of an octave a bin, so within nine per cent."""

    BINS = 136  # up to some thirty seconds
    UNIT = 0.00025  # seconds: below this, the bins are finer than anything we care for

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts = [0] * self.BINS

    def add(self, seconds: float, packets: int = 1) -> None:
        """Count packets that were late by `seconds`."""
        at = int(8 * log2(1 + max(0.0, seconds) / self.UNIT))
        self._counts[min(at, self.BINS - 1)] += packets

    def so_far(self) -> tuple[int, ...]:
        """Return the counts, for `percentile` to begin from later."""
        return tuple(self._counts)

    def percentile(self, share: float, since: Sequence[int] = ()) -> float:
        """Return the delay in seconds that a `share` of packets kept within; 0 for none."""
        return self.percentiles((share,), since)[0]

    def percentiles(self, shares: Sequence[float], since: Sequence[int] = ()) -> list[float]:
        """Return the delay in seconds that each `share` of packets kept within; 0 for none."""
        totals = list(accumulate(map(sub, self._counts, since or repeat(0))))
        return [self._delay(totals, ceil(share * totals[-1])) for share in shares]

    def _delay(self, totals: Sequence[int], wanted: int) -> float:
        if wanted <= 0:
            return 0.0
        return float(self.UNIT * (2 ** ((bisect_left(totals, wanted) + 1) / 8) - 1))


FADING = 25
"""Frames of silence after a voice that are all sent: nobody makes up for what seems lost."""
SPARSE = 10
"""Of so many frames of further silence one is sent."""
Voice = Iterator[bytes]
"""Encoded frames, one a tick, empty where none is sent; the lists behind are shared by all legs."""


def silence(codec: CodecName, *, after_voice: bool = True) -> Voice:
    """Nothing, for ever: half a second of it after a voice, then a frame five times a second.

    Who hears nothing needs no packets (RFC 3551 §4.1), but its NAT and its provider want to
    see that we are there: at once, where there was no voice. An empty frame is one that is
    not sent.
    """
    frame = SILENCE[codec]
    if after_voice:
        return chain(repeat(frame, FADING), cycle([*repeat(b"", SPARSE - 1), frame]))
    return cycle([frame, *repeat(b"", SPARSE - 1)])


def voice(prompts: Sequence[list[bytes]], *, loop: bool) -> Voice:
    """Return the frames of prompts, one after the other; none may be empty."""
    assert all(prompts), "a prompt without frames"
    return chain.from_iterable(cycle(prompts) if loop else prompts)


class PromptShelf:
    """Prompts as encoded frames, each encoded once and shared; the longest unused goes first.

    A file that changes under the same path is not read again: publish it under another.
    """

    def __init__(self, most: int = 256 << 20) -> None:
        self._most = most  # octets, more or less
        self._octets = 0
        self._frames: dict[tuple[str, CodecName], list[bytes]] = {}

    def take(self, path: str, codec: CodecName) -> list[bytes] | None:
        """Return a prompt's frames; None if it is not there."""
        frames = self._frames.pop((path, codec), None)
        if frames is not None:
            self._frames[path, codec] = frames  # now the last to go
        return frames

    def put(self, path: str, codec: CodecName, frames: list[bytes]) -> None:
        """Keep a prompt."""
        self._drop((path, codec))
        self._frames[path, codec] = frames
        self._octets += 200 * len(frames)
        while self._octets > self._most and len(self._frames) > 1:
            self._drop(next(iter(self._frames)))

    def _drop(self, key: tuple[str, CodecName]) -> None:
        self._octets -= 200 * len(self._frames.pop(key, ()))
