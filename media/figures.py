"""What is known of one leg's streams: counted, told to the peer, told to the engine."""

from calls.ids import LegId
from media import g711, rtcp, rtp
from media.commands import Event, MediaSilent
from media.latch import Address, Latch
from media.reporting import Reports, SilenceWatch
from media.sending import Numbers, Sending


class Figures(Sending):
    """The part of a session that counts and reports."""

    __slots__ = (
        "_events",
        "_last_heard",
        "_reports",
        "_silence",
        "dropped",
        "latch",
        "leg",
        "reception",
    )

    def __init__(self, leg: LegId, numbers: Numbers, events: list[Event]) -> None:
        super().__init__(numbers)
        self.leg = leg
        self._events = events
        self.latch = Latch()
        self.reception = rtp.Reception()
        self._last_heard: float | None = None
        self._silence = SilenceWatch()
        self._reports = Reports(numbers.ssrc)
        self.dropped = 0

    @property
    def round_trip(self) -> float | None:
        """Seconds to the peer and back, if its reports say so."""
        return self._reports.round_trip

    @property
    def _latest(self) -> float | None:
        """When the peer was heard last."""
        return self._last_heard

    def check_silence(self, now: float, never: float, lost: float) -> None:
        """Say, once, that no packet has come for as long as is allowed."""
        silent = self._silence.look(self._latest, now, never, lost)
        if silent is not None:
            self._events.append(MediaSilent(self.leg, silent))

    def _report(self, at: float, bye: bool) -> bytes:
        """Return our RTCP report of what was counted so far."""
        octets = (self.sent - self._relay.packets) * g711.FRAME + self._relay.octets
        sent = rtcp.Sent(at, self._timestamp, self.sent, octets) if self.sent else None
        return self._reports.build(self.reception, sent, at, bye)

    def receive_report(self, datagram: bytes, source: Address, at: float) -> None:
        """Take an RTCP datagram."""
        try:
            if source[0] not in self.latch.hosts:
                raise rtcp.Malformed("a stranger's")
            self._reports.hear(datagram, at)
        except rtcp.Malformed:
            self.dropped += 1
