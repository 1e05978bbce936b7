"""Event plans as the desk knows them: which there are, which are on, and switching one."""

from collections.abc import Callable
from dataclasses import dataclass

from twisted.internet.defer import Deferred, succeed

from calls.ids import AgentId


@dataclass(frozen=True, slots=True)
class PlanNow:
    """A plan of the version that calls begin on, or one that is still switched on."""

    id: str
    zh: str
    en: str
    on: bool
    begins: float | None
    """UTC seconds; None: it is switched neither on nor for later."""
    ends: float | None


@dataclass(frozen=True, slots=True)
class PlanWish:
    """What a supervisor wants of a plan."""

    plan: str
    on: bool
    who: AgentId
    why: str
    begins: float | None = None
    """None: at once."""
    ends: float | None = None
    """None: until somebody switches it off."""


class NotSwitched(Exception):
    """The plan stays as it was; the words say why, Chinese / English."""


def _none() -> "Deferred[tuple[PlanNow, ...]]":
    return succeed(())


def _refused(wish: PlanWish) -> "Deferred[None]":
    raise NotSwitched("这里没有预案 / there are no plans here")


@dataclass(frozen=True, slots=True)
class PlanPorts:
    """The plans; by default a desk without any."""

    listed: Callable[[], "Deferred[tuple[PlanNow, ...]]"] = _none
    switch: Callable[[PlanWish], "Deferred[None]"] = _refused
    """May fail with NotSwitched."""


NO_PLANS = PlanPorts()
