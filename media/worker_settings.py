"""What a media worker is told once, when it is started."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Its ports, its clock and its limits."""

    first_port: int
    """The range that RTP ports are taken from: even ones, RTCP on the next."""
    last_port: int
    clock_offset: float
    """What to add to CLOCK_MONOTONIC for the engine's `now` (UTC seconds)."""
    no_media_after: float = 20.0
    """Seconds from ConnectLeg without any RTP until MediaSilent."""
    media_lost_after: float = 20.0
    """Seconds since the last RTP until MediaSilent."""
    max_legs: int = 1000
    max_backlog: int = 64
    """Seconds of one recording that may wait for a slow disk."""
    disk_low: int = 1 << 30
    """Octets free below which DiskLow is said: some nine hours of recordings."""
