"""What the legs of a worker share: the turns of their slot, who may rest, who is hurried."""

from calls.ids import LegId


class Beat:
    """Counts the ticks of 20 ms of all legs in a slot, for those that rest."""

    __slots__ = ("turn",)

    def __init__(self) -> None:
        self.turn = 0


class Pace:
    """One for all sessions of a worker, which keep it up to date."""

    __slots__ = ("changed", "hurried", "resting")

    def __init__(self) -> None:
        self.hurried: set[LegId] = set()
        """Legs whose packets are better taken twice in 20 ms: they go on, or are listened to."""
        self.resting: set[LegId] = set()
        """Bridged legs that have nothing to do at their ticks, so that none is needed."""
        self.changed = False
        """Others rest than did."""

    def rest(self, leg: LegId, rests: bool) -> None:
        """Say whether a leg rests."""
        if rests != (leg in self.resting):
            self.changed = True
            (self.resting.add if rests else self.resting.discard)(leg)

    def forget(self, leg: LegId) -> None:
        """A leg is gone."""
        self.hurried.discard(leg)
        self.resting.discard(leg)
