"""Who came in and is on the line: counted as they come and go, not by looking at all calls."""

from collections import Counter

from calls.ids import CallId


class Present:
    """Calls that came in and are up, each with the name of its trunk."""

    def __init__(self) -> None:
        self._trunks: dict[CallId, str] = {}
        self.by_trunk: Counter[str] = Counter()
        """How many came by each trunk; a trunk that none is up of may be missing."""

    def __len__(self) -> int:
        return len(self._trunks)

    def enter(self, call: CallId, trunk: str) -> None:
        """Take a call that was let in."""
        self._trunks[call] = trunk
        self.by_trunk[trunk] += 1

    def leave(self, call: CallId) -> None:
        """Take it that nobody is on the line any more; who never came in changes nothing."""
        trunk = self._trunks.pop(call, None)
        if trunk is not None:
            self.by_trunk[trunk] -= 1
