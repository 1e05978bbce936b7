"""What the engine does beside calls: looks after agents, kept places, and people's wishes."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from agents.agent import Agent
from calls.ids import AgentId, CallId
from server.control_face import ControlFace, Values
from server.engine import Engine
from server.repeating import Repeating
from server.surveying import Surveying
from server.watchdog import Watchdog
from storage import call_backs, places
from storage.call_backs import OpenWish
from storage.places import LostPlace

LOG = structlog.get_logger("upkeep")
EVERY = 1.0
"""Seconds between two looks at the agents."""


class Upkeep:
    """Runs the watchdog each second, and answers the control face."""

    def __init__(
        self,
        engine: Engine,
        ask: Callable[[Callable[[Session], Any]], "Deferred[Any]"],
        socket: Path,
    ) -> None:
        self._engine, self._ask = engine, ask
        self._watchdog = Watchdog(engine.control)
        self._surveying = Surveying(engine, ask)
        self._face = ControlFace(socket, self.answer)
        self._looking = Repeating(self.look, EVERY)

    def start(self, reactor: IReactorTime) -> None:
        """Begin."""
        self._looking.start(reactor)
        self._face.open(reactor)  # type: ignore[arg-type]  # the same reactor

    def stop(self) -> None:
        """End."""
        self._looking.stop()
        self._face.close()

    def look(self) -> None:
        """Compare agents with what is really there; a fault of the look costs one look."""
        try:
            self._engine.do(self._look)
        except Exception as error:
            LOG.error("watchdog_failed", error=repr(error))

    def _look(self, now: float) -> None:
        self._surveying.look(now)
        for mended in self._watchdog.look(now):
            self._engine.figures.mended.labels(mended.why).inc()
            LOG.error("agent_mended", agent=mended.agent, was=mended.was, why=mended.why)

    # --- after a start --------------------------------------------------------------------

    def books_open(self, began: float) -> None:
        """Give back the places of those whom the last engine left waiting."""
        lanes = self._engine.control.house.lanes.values()
        longest = max((lane.keep_place for lane in lanes), default=0.0)
        asked = self._ask(lambda session: places.lost(session, began - longest))
        asked.addCallbacks(partial(self._places, began), _not_read)
        backs = self._ask(lambda session: call_backs.open_wishes(session, began))
        backs.addCallbacks(self._call_backs, _not_read)
        self._surveying.books_open(began)

    def _places(self, began: float, lost: list[LostPlace]) -> None:
        flow, kept = self._engine.control.flow, 0
        for place in lost:
            rules = flow.house.lanes.get(place.lane)
            left = began if place.left is None else place.left
            if rules is not None and left + rules.keep_place > began:
                flow.places.keep(place.number, place.lane, place.since, left + rules.keep_place)
                kept += 1
        self._engine.do(flow.give_places)
        LOG.info("places_kept", places=kept)

    def _call_backs(self, wishes: list[OpenWish]) -> None:
        """Go on with those who are still to be called back."""
        control = self._engine.control

        def restore(now: float) -> None:
            for wish in wishes:
                control.backs.restore(wish, now)

        self._engine.do(restore)
        LOG.info("call_backs_restored", count=len(wishes))

    # --- wishes ---------------------------------------------------------------------------

    def answer(self, wish: Values) -> Values:
        """Do what somebody at this machine asks for."""
        match wish.get("do"):
            case "agents":
                staff = self._engine.control.roster.staff()
                return {"agents": [_shown(agent) for agent in staff]}
            case "release":
                return self._released(AgentId(str(wish["agent"])), str(wish.get("by", "")))
            case "prefer":
                return self._preferred(wish)
            case "waiting":
                tickets = self._engine.control.waiting.waiting()
                return {"waiting": [
                    {"call": t.call, "lane": t.lane, "since": t.since, "priority": t.priority}
                    for t in tickets
                ]}  # fmt: skip
            case _:
                return {"error": "unknown"}

    def _released(self, agent: AgentId, by: str) -> Values:
        done: list[Values] = []

        def release(now: float) -> None:
            told = self._watchdog.release(agent, by, now)
            if told is not None:
                done.append({"agent": agent, "was": told.was, "now": told.now})

        self._engine.do(release)
        return done[0] if done else {"error": f"no agent {agent}"}

    def _preferred(self, wish: Values) -> Values:
        call, more, by = CallId(str(wish["call"])), int(wish["more"]), str(wish.get("by", ""))
        flow, done = self._engine.control.flow, [False]

        def prefer(now: float) -> None:
            done[0] = flow.prefer(call, more, by, now)

        self._engine.do(prefer)
        return {"call": call} if done[0] else {"error": f"no caller {call} waits"}


def _shown(agent: Agent) -> Values:
    return {
        "agent": agent.id,
        "name": agent.name,
        "doing": agent.doing.value,
        "since": agent.since,
        "reason": agent.reason,
        "call": agent.call,
        "registered": agent.registered,
    }


def _not_read(failure: Failure) -> None:
    """Callers who ring back wait anew; nothing else is lost."""
    LOG.error("places_not_read", error=failure.getErrorMessage())
