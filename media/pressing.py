"""Keys that we press, as telephone events (RFC 4733 §2.5.1)."""

from collections.abc import Iterator
from itertools import repeat

from media import dtmf
from media.g711 import FRAME

HELD = 5
"""Packets of a press until its end, 20 ms each: 100 ms."""
ENDS = 3
"""How often the end is said, each 20 ms later (§2.5.1.4)."""
PAUSE = 3
"""Packets of voice between two presses: 60 ms, and as much again while the ends go out."""

Step = tuple[int, bytes] | None
"""What goes out at a tick: how many ticks ago the press began, and its event; None: voice."""


def pressed(keys: str) -> Iterator[Step]:
    """Press keys one after the other; what is no key is passed over."""
    for key in keys.upper():
        if key in dtmf.KEYS:
            for n in range(HELD - 1):
                yield n, dtmf.build(key, (n + 1) * FRAME)
            for n in range(HELD - 1, HELD + ENDS - 1):
                yield n, dtmf.build(key, HELD * FRAME, end=True)
            yield from repeat(None, PAUSE)
