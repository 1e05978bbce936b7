"""Packets in order, 20 ms at a time, or declared lost.

`pull` is called every 20 ms of our clock and always returns a frame, so what is pulled
is as long as the time that passed. The buffer keeps 40 ms in store when packets come
evenly, up to 120 ms when they do not:

- nothing in store when a frame is due: the place is held, which deepens the store;
- more in store than needed for two seconds: one frame is left out.

The same two rules even out the drift between the sender's clock and ours.
"""

from collections.abc import Sequence
from operator import sub

from media import g722
from media.codecs import SILENCE
from media.commands import CodecName, Law
from media.concealing import Filling
from media.g711 import FRAME
from media.serial import TIMESTAMPS, ahead

KEPT = 2
"""Frames in store, after a pull, when packets come evenly: 40 ms."""
MOST = 6
"""Frames in store at most: 120 ms."""
WINDOW = 100
"""Pulls after which a store that was never needed is made smaller: 2 s."""
FADING = 3
"""Lost frames that are filled before silence: 60 ms."""
FAR = 250
"""Frames (5 s) from the newest: another timeline, so begin anew."""


class Joiner:
    """Makes 20 ms frames of packets of other lengths, as long as they follow each other."""

    __slots__ = ("_next", "_rest", "_silence")

    def __init__(self, silence: bytes) -> None:
        self._silence = silence
        self._rest = b""
        self._next = 0

    def cut(self, timestamp: int, payload: bytes) -> list[tuple[int, bytes]]:
        """Return the frames now whole, each with its timestamp."""
        cut = []
        if self._rest and timestamp != self._next:
            begun = (self._next - len(self._rest)) % TIMESTAMPS
            cut.append((begun, self._rest + self._silence[len(self._rest) :]))
            self._rest = b""
        self._next = (timestamp + len(payload)) % TIMESTAMPS
        begun = (timestamp - len(self._rest)) % TIMESTAMPS
        whole = self._rest + payload
        for at in range(0, len(whole) - FRAME + 1, FRAME):
            cut.append(((begun + at) % TIMESTAMPS, whole[at : at + FRAME]))
        self._rest = whole[len(whole) - len(whole) % FRAME :]
        return cut


class JitterBuffer:
    """One source's packets on their way to a recording, a recogniser or a detector."""

    __slots__ = (
        "_before",
        "_filling",
        "_frames",
        "_held",
        "_joiner",
        "_last",
        "_law",
        "_least",
        "_missing",
        "_newest",
        "_origin",
        "_play",
        "_pulls",
        "_silence",
        "_waited",
        "concealed",
        "dropped",
        "late",
    )

    def __init__(self, codec: CodecName) -> None:
        self._silence = SILENCE[codec]
        self._law: Law | None = None if codec == "G722" else codec
        self._joiner = Joiner(self._silence)
        self.late = 0
        """Frames that came after their place had been filled otherwise."""
        self.concealed = 0
        """Places that were filled by a fading repetition or by silence, in mid-stream."""
        self.dropped = 0
        """Frames left out to make the store smaller."""
        self._frames: dict[int, bytes] = {}  # by place: 20 ms since the origin
        self._origin: int | None = None  # timestamp of place 0
        self._begin()

    def _begin(self) -> None:
        """Wait for the first frame of a stretch."""
        self._play: int | None = None  # the place that is due next
        self._newest = 0
        self._waited = 0
        self._missing = 0
        self._before = self._last = self._silence
        self._filling: Filling | None = None
        self._held = 0  # pulls that the place now due was held for
        self._least, self._pulls = MOST, 0

    def forget(self) -> None:
        """Begin anew: the source has changed."""
        self._frames.clear()
        self._origin = None
        self._begin()

    def put(self, timestamp: int, payload: bytes) -> None:
        """Take the payload of a packet, in whatever order it comes."""
        if len(payload) == FRAME:
            self._place(timestamp, payload)
        else:
            for moment, frame in self._joiner.cut(timestamp, payload):
                self._place(moment, frame)

    def _place(self, timestamp: int, frame: bytes) -> None:
        if self._origin is None:
            self._origin = timestamp
        place = ahead(timestamp, self._origin, TIMESTAMPS) // FRAME
        if self._play is None and not self._frames:
            self._newest = place
        elif not -FAR < place - self._newest < FAR:
            self.forget()
            self._origin, place = timestamp, 0
        elif self._play is not None and place < self._play:
            self.late += 1
            return
        self._newest = max(self._newest, place)
        self._frames.setdefault(place, frame)

    def pull(self) -> bytes:
        """Return the next 20 ms; silence if there is nothing to go by."""
        play = self._play
        if play is None:
            return self._wait()
        frame = self._frames.pop(play, None)
        if frame is None:
            return self._conceal(play)
        self._play = play + 1
        self._before, self._last = self._last, frame
        if self._missing:
            self._missing = self._held = 0
            if self._filling is not None:
                frame, self._filling = self._filling.joined(frame), None
        store = self._newest - play
        self._least = min(self._least, store)
        self._pulls += 1
        if self._pulls >= WINDOW or store > MOST:
            self._even_out(store)
        return frame

    def row(
        self, timestamp: int, payloads: Sequence[bytes], turns: Sequence[int], pulls: int
    ) -> list[bytes] | None:
        """Return what `pulls` pulls give while frames that follow each other come.

        Frame n came after pull `turns[n]`. None, and nothing done, if a frame would be missed
        or left out. The store is judged at the end of the row, not within it.
        """
        play, count = self._play, len(payloads)
        if play is None or self._origin is None or not pulls or self._missing:
            return None
        stored = len(self._frames)
        place = ahead(timestamp, self._origin, TIMESTAMPS) // FRAME
        if place != self._newest + 1 or place - play != stored:
            return None
        # The store after each pull is what was there, and came, less what was pulled; it is
        # least just before a frame comes (or at the end) and greatest just after.
        leads = list(map(sub, range(stored, stored + count), turns))
        least = min(*leads, stored + count - pulls)
        if least < 0 or max(leads) > MOST:
            return None
        if self._pulls + pulls >= WINDOW and min(self._least, least) > KEPT:
            return None
        self._newest += count
        return self._give_row(play, payloads, pulls, least)

    def _give_row(
        self, play: int, payloads: Sequence[bytes], pulls: int, least: int
    ) -> list[bytes]:
        row = [self._frames[at] for at in range(play, play + len(self._frames))]
        row += payloads
        self._play = play + pulls
        self._frames = dict(enumerate(row[pulls:], self._play))
        self._pulls += pulls
        self._least = min(self._least, least)
        if self._pulls >= WINDOW:
            self._least, self._pulls = MOST, 0
        del row[pulls:]
        self._before, self._last = row[-2] if pulls > 1 else self._last, row[-1]
        return row

    def _wait(self) -> bytes:
        """Let a store build up before the first frame of a stretch is given out."""
        if not self._frames:
            return self._silence
        self._waited += 1
        if self._waited <= KEPT and len(self._frames) <= KEPT:
            return self._silence
        self._play = min(self._frames)
        return self.pull()

    def _conceal(self, play: int) -> bytes:
        """Fill a place: of a lost frame, or of one that has not come yet."""
        missing = self._missing
        if self._frames and self._held:
            # It was lost, not late, and what was given while its place was held stood in for it.
            self._play = min(play + self._held, *self._frames)
            self.concealed += self._play - play
            self._held = 0
            return self.pull()
        self._missing = missing + 1
        if self._frames:
            self._play = play + 1  # later ones are here: this one is lost
            self.concealed += 1
        elif missing >= FADING:
            self._begin()  # the source is silent: a new stretch will begin
            return self._silence
        else:
            self._held += 1
        if missing >= FADING:
            return self._silence
        if self._law is None:
            return g722.LOST  # what it sounded like is known once it is decoded
        if self._filling is None:
            self._filling = Filling(self._law, self._before + self._last)
        return self._filling.frame()

    def _even_out(self, store: int) -> None:
        """Leave out what is more in store than the last two seconds needed."""
        assert self._play is not None, "evened out before the first frame"
        surplus = store - MOST if store > MOST else int(self._least > KEPT)
        for place in range(self._play, self._play + surplus):
            self.dropped += self._frames.pop(place, None) is not None
        self._play += surplus
        self._least, self._pulls = MOST, 0
