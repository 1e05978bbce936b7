"""What the legs of a worker share: whose packets are wanted sooner, and what goes straight on."""

from calls.ids import LegId
from media.straight import Straight


class Pace:
    """One for all sessions of a worker, which keep it up to date."""

    __slots__ = ("hurried", "straight")

    def __init__(self) -> None:
        self.hurried: set[LegId] = set()
        """Legs whose packets are better taken twice in 20 ms: they go on, or are listened to."""
        self.straight = Straight()
