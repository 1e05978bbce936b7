"""What drafts rest on besides the call and the settings; it outlives a change of these."""

from dataclasses import dataclass, field

from workorders.duplicates import OpenOrders
from workorders.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Memory:
    """Orders and answers; both touched by the thread that makes drafts."""

    open_orders: OpenOrders = field(default_factory=OpenOrders)
    """What was drafted lately; one thread makes drafts, so one thread touches it."""
    knowledge: Knowledge = field(default_factory=Knowledge)
