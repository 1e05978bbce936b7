"""Which ways callers of a flow took, and where they hung up, counted from their records."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from calls.events import Ended, Entered, Fact
from calls.ids import NodeId


@dataclass(slots=True)
class Paths:
    """What became of the calls of one flow."""

    calls: int = 0
    entered: Counter[NodeId] = field(default_factory=Counter)
    """Times that a node was reached."""
    taken: Counter[tuple[NodeId, NodeId]] = field(default_factory=Counter)
    """Times that a way from one node to another was taken."""
    hung_up: Counter[NodeId] = field(default_factory=Counter)
    """Calls that the caller ended in a node."""
    seconds: Counter[NodeId] = field(default_factory=Counter)
    """Seconds spent in a node, of all calls together."""

    def add(self, facts: Iterable[Fact]) -> None:
        """Count one call, by its facts in order."""
        self.calls += 1
        here: Entered | None = None
        for fact in facts:
            if isinstance(fact, Entered):
                self._leave(here, fact.at)
                if here is not None:
                    self.taken[here.node, fact.node] += 1
                self.entered[fact.node] += 1
                here = fact
            elif isinstance(fact, Ended) and here is not None:
                self._leave(here, fact.at)
                self.hung_up[here.node] += fact.by == "caller"

    def _leave(self, here: Entered | None, at: float) -> None:
        if here is not None:
            self.seconds[here.node] += round(at - here.at)

    def mean(self, node: NodeId) -> float:
        """Return the seconds that callers spend in a node, on average."""
        return self.seconds[node] / self.entered[node] if self.entered[node] else 0.0

    def at(self, node: NodeId) -> str:
        """Return a node's figures in the few words that a picture has room for."""
        hung_up = f"，挂机 hung up {self.hung_up[node]}" if self.hung_up[node] else ""
        return f" · {self.entered[node]} 次{hung_up}"

    def lines(self, nodes: Iterable[NodeId]) -> list[str]:
        """Tell each node's figures, the most used first; nodes never reached come last."""
        order = sorted({*nodes, *self.entered}, key=lambda at: (-self.entered[at], at))
        return [
            f"{at}: 进入 {self.entered[at]} 次，挂机 {self.hung_up[at]}，"
            f"平均 {self.mean(at):.1f} 秒 / entered {self.entered[at]}, "
            f"hung up {self.hung_up[at]}, {self.mean(at):.1f} s on average"
            for at in order
        ]
