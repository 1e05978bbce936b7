"""What is new for one browser since it was last told: nothing is queued, so nothing can pile up.

A browser that is slow, or comes again, is told how things are now, not what it missed on the way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from agents.agent import Agent
from calls.events import Fact
from calls.ids import AgentId, CallId
from desk import live_views as views
from desk.day_figures import DayFigures
from desk.live import LiveCall, LiveCalls, Partial
from desk.live_ports import LivePorts
from desk.live_views import View

Event = tuple[str, object]
"""Name and JSON value."""
FORGET_EVERY = 60.0


@dataclass(slots=True)
class Told:
    """What one browser was told last."""

    values: dict[str, object] = field(default_factory=dict)
    call: CallId | None = None
    lines: int = 0


class LiveFeed:
    """The engine's facts as they come, and what each page makes of them."""

    def __init__(self, ports: LivePorts, lanes: Mapping[str, str], zone: str, now: float) -> None:
        """`lanes` are names by id; `zone` says when a day begins."""
        self._ports, self._lanes, self._zone = ports, lanes, ZoneInfo(zone)
        self.calls = LiveCalls()
        self.day = DayFigures(now)
        self._tomorrow = self._next_midnight(now)
        self._forgot = now

    # --- what happens -------------------------------------------------------------------

    def fact(self, fact: Fact) -> None:
        """Take what happened."""
        if fact.at >= self._tomorrow:
            self.day.begin(self._tomorrow)
            self._tomorrow = self._next_midnight(fact.at)
        self.calls.fact(fact)
        self.day.fact(fact)
        if fact.at - self._forgot >= FORGET_EVERY:
            self._forgot = fact.at
            self.calls.forget(fact.at, {a.call for a in self._ports.staff() if a.call is not None})

    def words(self, stream: str, text: str, start: float) -> None:
        """Take words that may still change; a stream is `call/party/number`."""
        call, _, rest = stream.partition("/")
        self.calls.words(CallId(call), rest.partition("/")[0], Partial(text, start))

    def _next_midnight(self, now: float) -> float:
        """Return the end of the city's day that `now` is in; days of China have 24 hours."""
        local = datetime.fromtimestamp(now, self._zone)
        begun = local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
        return begun + 86_400.0

    # --- what is shown ------------------------------------------------------------------

    def agent(self, agent: AgentId) -> Agent | None:
        """Return an agent as the engine knows them."""
        return next((each for each in self._ports.staff() if each.id == agent), None)

    def call_of(self, agent: AgentId) -> LiveCall | None:
        """Return the call that somebody has a part in, or wraps up."""
        present = self.agent(agent)
        found = self.calls.get(present.call) if present is not None else None
        return found or self.calls.supervised_by(agent)

    def me(self, agent: AgentId) -> View:
        """Return what an agent is doing."""
        ports = self._ports
        return views.me_of(self.agent(agent), agent, ports.role(agent), ports.choices())

    def call(self, agent: AgentId) -> View | None:
        """Return the call that somebody has a part in."""
        live = self.call_of(agent)
        return None if live is None else views.call_of(live, agent, self._lanes)

    def board(self) -> View:
        """Return the wallboard."""
        ports = self._ports
        return views.board_of(ports.staff(), ports.lanes(), self._lanes, self.day, ports.choices())

    def alerts(self) -> View:
        """Return calls for help, and danger."""
        return views.alerts_of(self.calls.up(), self._lanes)

    # --- what is new --------------------------------------------------------------------

    def desk_news(self, agent: AgentId, told: Told) -> list[Event]:
        """Return what is new for the page that an agent works with."""
        live = self.call_of(agent)
        found = _changed(told, "me", self.me(agent))
        found += _changed(told, "call", self.call(agent))
        if live is None:
            told.call = None
            return found
        found += _new_lines(told, live)
        said = {"call": live.call, "partials": views.partials_of(live)}
        return found + _changed(told, "partials", said)

    def board_news(self, told: Told) -> list[Event]:
        """Return what is new for the wallboard."""
        return _changed(told, "board", self.board()) + _changed(told, "alerts", self.alerts())


def _changed(told: Told, name: str, value: object) -> list[Event]:
    if name in told.values and told.values[name] == value:
        return []
    told.values[name] = value
    return [(name, value)]


def _new_lines(told: Told, live: LiveCall) -> list[Event]:
    """Return the utterances that came since; all of them, from 0, if the call is another."""
    if told.call != live.call:
        told.call, told.lines = live.call, 0
    elif told.lines == live.before + len(live.lines):
        return []
    first = max(0, told.lines - live.before)
    new = [views.line_of(heard) for heard in live.lines[first:]]
    event = {"call": live.call, "from": told.lines, "lines": new}
    told.lines = live.before + len(live.lines)
    return [("lines", event)]
