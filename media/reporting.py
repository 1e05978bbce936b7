"""What is told of a leg's streams: reports to the peer (RFC 3550 §6.4), silence to the engine."""

from media import rtcp
from media.rtp import Reception

FARTHEST = 10.0
"""Seconds beyond which a round trip is no round trip but a report that cannot be true."""


class Reports:
    """Our reports to one peer, with what must be said of its own."""

    __slots__ = ("_heard", "_ssrc", "round_trip")

    def __init__(self, ssrc: int) -> None:
        self._ssrc = ssrc
        self._heard: tuple[int, float] | None = None  # the peer's last sender report, and when
        self.round_trip: float | None = None
        """Seconds to the peer and back, as its latest report shows (RFC 3550 §6.4.1)."""

    def build(self, reception: Reception, sent: rtcp.Sent | None, at: float, bye: bool) -> bytes:
        """Return our next report."""
        blocks: tuple[rtcp.Block, ...] = ()
        r = reception
        if r.ssrc is not None:
            last, came = self._heard or (0, at)
            delay = int((at - came) * 65536)
            loss = r.fraction_lost()
            blocks = (rtcp.Block(r.ssrc, loss, r.lost, r.highest, int(r.jitter), last, delay),)
        return rtcp.build(rtcp.Report(self._ssrc, sent, blocks), f"{self._ssrc:08x}", bye=bye)

    def hear(self, datagram: bytes, at: float) -> None:
        """Take the peer's report; raise `rtcp.Malformed` if it is none."""
        for said in rtcp.parse(datagram):
            if not isinstance(said, rtcp.Report):
                continue
            if said.sent is not None:
                self._heard = (rtcp.middle(said.sent.at), at)
            for block in said.blocks:
                if block.ssrc == self._ssrc and block.last_report:
                    self._time(block, at)

    def _time(self, block: rtcp.Block, at: float) -> None:
        """Take how long a report of ours and its answer were on the way."""
        passed = (rtcp.middle(at) - block.last_report - block.delay) % 2**32 / 65536
        if passed < FARTHEST:
            self.round_trip = passed


class SilenceWatch:
    """Says, once, that no packet has come for as long as is allowed."""

    __slots__ = ("_receives", "_since", "_told")

    def __init__(self) -> None:
        self._since = 0.0
        self._receives = self._told = False

    def expect(self, receives: bool, now: float) -> None:
        """Begin to wait, or wait no more."""
        if receives and not self._receives:
            self._since = now
        self._receives = receives

    def look(self, heard: float | None, now: float, never: float, lost: float) -> float | None:
        """Return how long nothing has come, if that is too long and was not said before."""
        since = self._since if heard is None else max(heard, self._since)
        silent = self._receives and now - since >= (never if heard is None else lost)
        told, self._told = self._told, silent
        return now - since if silent and not told else None
