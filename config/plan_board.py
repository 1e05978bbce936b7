"""Which event plans are on: kept beside the published versions, at once or for a set time."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from config.publish import Entry, NotPublished, Shelf, write_whole

FILE = "plans"


@dataclass(frozen=True, slots=True)
class Switched:
    """A plan that is on, or will be."""

    plan: str
    begins: float
    """UTC seconds."""
    ends: float | None
    """None: until somebody switches it off."""

    def holds(self, now: float) -> bool:
        """Tell whether it is on at `now`."""
        return self.begins <= now and (self.ends is None or now < self.ends)


class PlanBoard:
    """The plans of one data folder."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def switched(self) -> list[Switched]:
        """Return every plan that is on or will be, in the order they were switched."""
        try:
            kept: Any = json.loads((self._shelf.folder / FILE).read_text("utf-8"))
            return [Switched(**one) for one in kept]
        except (FileNotFoundError, ValueError, TypeError):
            return []

    def on(self, now: float) -> tuple[str, ...]:
        """Return the plans that hold at `now`, each once."""
        return holding(self.switched(), now)

    def switch_on(self, wanted: Switched, who: str, why: str, now: float) -> Entry:
        """Switch a plan on, at once or for its time; it replaces an earlier time of its own."""
        others = [one for one in self.switched() if one.plan != wanted.plan]
        return self._keep([*others, wanted], self._entry("plan_on", wanted.plan, who, why, now))

    def switch_off(self, plan: str, who: str, why: str, now: float) -> Entry:
        """Switch a plan off; raise NotPublished if it is not on, nor will be."""
        kept = self.switched()
        others = [one for one in kept if one.plan != plan]
        if len(others) == len(kept):
            raise NotPublished(f"预案“{plan}”没有启用 / plan {plan!r} is not on")
        return self._keep(others, self._entry("plan_off", plan, who, why, now))

    def _entry(self, act: str, plan: str, who: str, why: str, now: float) -> Entry:
        current = self._shelf.current()
        if current is None:
            words = "先发布一次设置，才能启用预案 / publish the settings once before using plans"
            raise NotPublished(words)
        return Entry(act, current, now, who, why, current, (plan,))

    def _keep(self, switched: list[Switched], entry: Entry) -> Entry:
        """Write the act down, then let it count."""
        self._shelf.note(entry)
        kept = json.dumps([asdict(one) for one in switched], ensure_ascii=False)
        write_whole(self._shelf.folder / FILE, kept)
        return entry


def holding(switched: Iterable[Switched], now: float) -> tuple[str, ...]:
    """Return the plans that hold at `now`, each once."""
    return tuple(dict.fromkeys(one.plan for one in switched if one.holds(now)))
