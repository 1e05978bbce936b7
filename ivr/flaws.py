"""What is wrong with a flow, as values; and what must be known around it to tell."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from calls.ids import LaneId, Language, NodeId, PromptId

Path = tuple[str | int, ...]
"""Where within a node: `("keys", "0")`, `("prompts", 1)`; empty: the node as such."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong with a flow, in Chinese and in English."""

    node: NodeId | None
    """None: the flow as such."""
    path: Path
    zh: str
    en: str
    code: str = "flow"
    """Which kind of flaw."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What callers may be asked to bear."""

    menu_depth: int = 1
    """Menus that a caller passes, one after another."""
    greeting: float = 12.0
    """Seconds until a menu's prompts have ended."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What exists around a flow."""

    lanes: AbstractSet[LaneId]
    with_hours: AbstractSet[LaneId]
    """Lanes that are closed at times."""
    prompts: Mapping[tuple[Language, PromptId], float]
    """What is recorded, and how many seconds it lasts."""
    announcing: AbstractSet[LaneId] = field(default_factory=frozenset)
    """Lanes in which the expected waiting time is said."""
    hours: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    """Hours by name, with the holidays that each keeps."""
