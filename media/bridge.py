"""One leg's packets as they go out on another: own numbers, no seam."""

from media.serial import SEQUENCES, TIMESTAMPS, ahead


class Relay:
    """Renumbers one source's packets into the stream that a leg is already sending.

    Gaps and disorder of the source stay visible to the far end, which can then conceal
    them; a switch of source leaves neither.
    """

    __slots__ = (
        "_first",
        "_sequence_shift",
        "_timestamp_shift",
        "following",
        "octets",
        "packets",
        "source",
        "until",
    )

    def __init__(self) -> None:
        self.source: int | None = None
        """SSRC of the source that the shifts are for."""
        self._sequence_shift = self._timestamp_shift = 0
        self._first = 0
        self.following = -1
        """Number of the source's packet that comes next if nothing is amiss; -1: none yet."""
        self.packets = self.octets = 0
        """How much was relayed."""
        self.until: int | None = None
        """Timestamp of the newest that was."""

    def switch(self, source: int, came: tuple[int, int], goes: tuple[int, int]) -> None:
        """Let the packet numbered `came` (sequence number, timestamp) go out as `goes`."""
        self.source = source
        self._first = came[0]
        self._sequence_shift = goes[0] - came[0]
        self._timestamp_shift = goes[1] - came[1]

    def follow(self, packets: int, octets: int) -> None:
        """Count packets of so many octets each that came in their order after the newest."""
        assert self.until is not None, "followed nothing"
        self.following = (self.following + packets) % SEQUENCES
        self.packets += packets
        self.octets += packets * octets
        self.until = (self.until + packets * octets) % TIMESTAMPS

    def renumber(self, sequence: int, timestamp: int) -> tuple[int, int] | None:
        """Return a packet's own sequence number and timestamp; None if it is of before."""
        if sequence != self._first:
            if ahead(sequence, self._first) < 0:
                return None
            if (sequence - self._first) % SEQUENCES > SEQUENCES // 4:
                self._first = (sequence - SEQUENCES // 8) % SEQUENCES  # it wraps with the source
        return (
            (sequence + self._sequence_shift) % SEQUENCES,
            (timestamp + self._timestamp_shift) % TIMESTAMPS,
        )
