"""Who goes before others of the same lane, by what is known of the caller."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from calls.ids import AgentId


@dataclass(frozen=True, slots=True)
class FavourRules:
    """By how much priority."""

    groups: Mapping[str, int] = field(default_factory=dict)
    """Of callers whose number is in the list: `elder` (65 and over), `disabled` …"""
    called_today: int = 0
    times: int = 3
    """From which call of a day on `called_today` counts."""
    open_days: int = 7
    """For how many days an order counts as open."""
    asked: bool = False
    """Whether anything of the site depends on how a caller stands."""

    def standing(self, group: str | None, today: int, agent: AgentId | None) -> "Standing":
        """Judge a caller by the group, by the calls before this one today, by the last agent."""
        whys = [] if group is None else [(group, self.groups.get(group, 0))]
        if today + 1 >= self.times:
            whys.append(("called_today", self.called_today))
        return Standing(tuple(why for why in whys if why[1]), agent)


@dataclass(frozen=True, slots=True)
class Standing:
    """What was found out of a caller."""

    whys: tuple[tuple[str, int], ...] = ()
    """Why the caller goes before others, and by how much."""
    agent: AgentId | None = None
    """Who took an order of this caller that is still open."""

    @property
    def more(self) -> int:
        """By how much altogether."""
        return sum(more for _, more in self.whys)
