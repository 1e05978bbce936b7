"""Numbers that wrap, compared as RFC 1982 §3.2 says."""

SEQUENCES = 1 << 16
"""How many RTP sequence numbers there are (RFC 3550 §5.1)."""
TIMESTAMPS = 1 << 32
"""How many RTP timestamps there are."""


def newer(this: int, that: int, size: int = SEQUENCES) -> bool:
    """Tell whether `this` comes after `that`."""
    return 0 < (this - that) % size < size // 2


def ahead(this: int, that: int, size: int = SEQUENCES) -> int:
    """Return how far `this` is ahead of `that`; negative if it is behind."""
    return (this - that + size // 2) % size - size // 2
