"""Keys as telephone events (RFC 4733 §2)."""

from dataclasses import dataclass

from media.serial import TIMESTAMPS, ahead

KEYS = "0123456789*#ABCD"
"""By event code (§3.2)."""
LONGEST = 0xFFFF
"""Timestamp units that one event can last; a longer press goes on as a new segment."""

OVERTAKEN = 16000
"""Timestamp units (2 s) that a packet may be late by; one further back is of a new clock."""


@dataclass(frozen=True, slots=True)
class TelephoneEvent:
    """One packet's word on a press."""

    key: str
    end: bool
    duration: int
    """In timestamp units, so far."""


def parse(payload: bytes) -> TelephoneEvent | None:
    """Read a payload; None if it is no key (flash, tones, or cut short)."""
    if len(payload) < 4 or payload[0] >= len(KEYS):
        return None
    return TelephoneEvent(KEYS[payload[0]], payload[1] >= 0x80, payload[2] << 8 | payload[3])


def build(key: str, duration: int, *, end: bool = False, volume: int = 10) -> bytes:
    """Return the payload that `parse` reads."""
    return bytes((KEYS.index(key), (0x80 if end else 0) | volume, *duration.to_bytes(2, "big")))


class KeyPresses:
    """Many packets, one key: heard at the first packet of a press, once.

    All packets of a press share their timestamp (§2.5.1.2), the repeated ends too,
    so a lost first packet or lost ends change nothing. A press that lasts longer than
    0xFFFF units goes on under a new timestamp, just that much later (§2.5.1.3).
    """

    __slots__ = ("_ended", "_key", "_longest", "_timestamp", "used")

    def __init__(self) -> None:
        self._timestamp: int | None = None
        self._key = ""
        self._longest = 0
        self._ended = False
        self.used = False
        """An event has come."""

    def hear(self, timestamp: int, event: TelephoneEvent) -> str | None:
        """Return the key the first time a press is heard of, else None."""
        last, self.used = self._timestamp, True
        if last is not None and timestamp == last:
            self._longest = max(self._longest, event.duration)
            self._ended = self._ended or event.end
            return None
        if last is not None and -OVERTAKEN < ahead(timestamp, last, TIMESTAMPS) < 0:
            return None  # a packet of an earlier press
        goes_on = last is not None and self._goes_on(timestamp - last, event)
        self._timestamp, self._key = timestamp, event.key
        self._longest, self._ended = event.duration, event.end
        return None if goes_on else event.key

    def _goes_on(self, later: int, event: TelephoneEvent) -> bool:
        """Tell whether a press that was not ended goes on in a new segment."""
        longest = self._longest > LONGEST - 1600  # its last 200 ms may be lost
        return (
            not self._ended and event.key == self._key and longest and later % TIMESTAMPS == LONGEST
        )

    def forget(self) -> None:
        """Begin anew: another source has other timestamps."""
        self._timestamp = None
