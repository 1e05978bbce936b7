"""The engine as the pages that agents work with see it; and what it tells them, as it happens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.agent import Agent, Doing
from agents.skills import qualified
from asr.recogniser import Heard
from calls.events import Fact
from calls.ids import AgentId
from config.settings import Site
from desk.live_feed import LiveFeed
from desk.live_ports import Choices, Denied, LaneNow, LivePorts, Role, ToCall
from desk.push import Push
from queueing.lane import Lane
from server.asked import Refused
from server.call_backs import CallBack
from server.engine import Engine
from server.page_actions import BadAction, NoSuchAction, read
from server.site_values import lanes_of

EMERGENCIES = ("110", "119", "120")
"""Police, fire, ambulance: in China's numbering."""


@dataclass(slots=True)
class Rules:
    """What of the settings the live pages follow; replaced when a version is published."""

    site: Site

    def role(self, agent: AgentId) -> Role:
        """Return what somebody may do at the desk."""
        if agent in self.site.in_call.administrators:
            return Role.ADMINISTRATOR
        supervises = agent in self.site.in_call.supervisors
        return Role.SUPERVISOR if supervises else Role.AGENT

    def choices(self) -> Choices:
        """Return what agents may choose from."""
        rules = self.site.in_call
        places = [(name, place.name) for name, place in rules.targets.items()]
        urgent = {
            name
            for name, place in rules.targets.items()
            if place.number in EMERGENCIES or any(each in place.name for each in EMERGENCIES)
        }
        return Choices(
            lanes=[(f"lane:{id}", lane.name.zh) for id, lane in self.site.lanes.items()],
            places=places,
            emergencies=[pair for pair in places if pair[0] in urgent],
            breaks=list(rules.breaks.items()),
        )


class EnginePorts:
    """Asks the engine, and asks things of it."""

    def __init__(self, engine: Engine, rules: Rules) -> None:
        self._engine, self._rules = engine, rules
        self._lanes_of: tuple[Site, Sequence[Lane]] = (rules.site, list(lanes_of(rules.site)))

    def ports(self) -> LivePorts:
        """Return these as the desk wants them."""
        return LivePorts(
            staff=self._engine.control.roster.staff,
            lanes=self.lanes,
            act=self.act,
            call_out=self.call_out,
            role=self._rules.role,
            choices=self._rules.choices,
        )

    def lanes(self) -> list[LaneNow]:
        """Return every lane as it is now."""
        if self._lanes_of[0] is not self._rules.site:
            self._lanes_of = self._rules.site, list(lanes_of(self._rules.site))
        staff = self._engine.control.roster.staff()
        return [self._lane(lane, staff) for lane in self._lanes_of[1]]

    def _lane(self, lane: Lane, staff: Sequence[Agent]) -> LaneNow:
        tickets = self._engine.control.waiting.waiting(lane.id)
        team = [agent for agent in staff if agent.at_work and qualified(agent, lane.needs)]
        ready = sum(agent.doing is Doing.READY for agent in team)
        oldest = min((ticket.since for ticket in tickets), default=None)
        return LaneNow(lane.id, len(tickets), oldest, len(team), ready)

    def act(self, agent: AgentId, action: str, values: Mapping[str, Any]) -> Denied | None:
        """Do what somebody asks for by a page; or say why not, and nothing changes."""
        try:
            wish = read(action, values)
        except NoSuchAction as fault:
            return Denied("unknown", fault.zh, fault.en)
        except BadAction as fault:
            return Denied("bad_request", fault.zh, fault.en)
        answers: list[Refused | None] = []
        control = self._engine.control
        self._engine.do(lambda now: answers.append(control.asked(agent, wish, now)))
        refused = answers[0]
        return None if refused is None else Denied(refused.code, refused.zh, refused.en)

    def call_out(self, agent: AgentId, wanted: ToCall) -> Denied | None:
        """Let an agent call the citizen of an order; or say why not, and nothing changes."""
        answers: list[Refused | None] = []
        control = self._engine.control
        house = control.house
        if control.draining or not house.lanes:
            return Denied("not_now", "系统正在停机", "the engine is being stopped")
        flow = house.flow_for(wanted.dialled) or next(iter(house.numbers.values()))
        lane = wanted.lane if wanted.lane in house.lanes else next(iter(house.lanes))
        assert lane is not None, "there is one"

        def call(now: float) -> None:
            wish = CallBack(wanted.order, wanted.number, lane, now, flow, wanted.language, 1, agent)
            answers.append(control.backs.from_order(wish, now))

        self._engine.do(call)
        refused = answers[0]
        return None if refused is None else Denied(refused.code, refused.zh, refused.en)


class Telling:
    """Tells the pages what happens; a fault in that costs a page, never a call."""

    def __init__(self, feed: LiveFeed, push: Push, engine: Engine) -> None:
        self._feed, self._push, self._engine = feed, push, engine
        self._staff: object = None

    def fact(self, fact: Fact) -> None:
        """Take what happened."""
        self._feed.fact(fact)
        self._push.changed()

    def words(self, stream: str, words: Heard) -> None:
        """Take words of a recogniser; certain ones come as a fact."""
        if not words.final:
            self._feed.words(stream, words.text, words.start)
            self._push.changed()

    def turned(self) -> None:
        """A turn is over: agents may have changed without any fact."""
        staff = self._engine.control.roster.staff()
        if staff is not self._staff:
            self._staff = staff
            self._push.changed()
