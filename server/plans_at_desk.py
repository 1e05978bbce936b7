"""Event plans for the desk: read and switched off the reactor thread, as the command does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred

from config.plan_board import PlanBoard, Switched
from config.plans import Plan
from config.publish import NotPublished, Shelf
from desk.plan_ports import NotSwitched, PlanNow, PlanPorts, PlanWish


@dataclass(frozen=True, slots=True)
class PlansAtDesk:
    """The plans of the version that calls begin on; `in_thread` runs a function elsewhere."""

    data: Path
    plans: Callable[[], Mapping[str, Plan]]
    clock: Callable[[], float]
    in_thread: Callable[[Callable[[], Any]], "Deferred[Any]"]

    def ports(self) -> PlanPorts:
        """Return what the desk asks."""
        return PlanPorts(
            lambda: self.in_thread(self._listed),
            lambda wish: self.in_thread(lambda: self._switch(wish)),
        )

    def _listed(self) -> tuple[PlanNow, ...]:
        board, plans, now = PlanBoard(Shelf(self.data)), self.plans(), self.clock()
        switched = {one.plan: one for one in board.switched() if one.ends is None or one.ends > now}
        return tuple(
            _now(name, plans.get(name), switched.get(name), now)
            for name in sorted({*plans, *switched})
        )

    def _switch(self, wish: PlanWish) -> None:
        now = self.clock()
        if wish.on and wish.plan not in self.plans():
            raise NotSwitched("当前版本没有这个预案 / this version has no such plan")
        begins = now if wish.begins is None else wish.begins
        wanted = Switched(wish.plan, begins, wish.ends) if wish.on else None
        try:
            turn(self.data, wanted or wish.plan, str(wish.who), wish.why, now)
        except NotPublished as refused:
            raise NotSwitched(str(refused)) from None


def turn(data: Path, wanted: Switched | str, who: str, why: str, now: float) -> None:
    """Switch a plan on for its time, or off by its name; raise NotPublished if that cannot be."""
    shelf = Shelf(data)
    board = PlanBoard(shelf)
    with shelf.locked():
        if isinstance(wanted, Switched):
            board.switch_on(wanted, who, why, now)
        else:
            board.switch_off(wanted, who, why, now)


def _now(name: str, plan: Plan | None, switched: Switched | None, now: float) -> PlanNow:
    return PlanNow(
        name,
        "（当前版本没有）" if plan is None else plan.name.zh,
        "not in this version" if plan is None else plan.name.en,
        switched is not None and switched.holds(now),
        None if switched is None else switched.begins,
        None if switched is None else switched.ends,
    )
