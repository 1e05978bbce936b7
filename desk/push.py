# mypy: allow-untyped-calls
# (Twisted's web server is only partly annotated.)
"""Server-sent events: each browser is told what is new when it can take it, and no more often."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from twisted.web.server import Request
from zope.interface import implementer

from calls.ids import AgentId
from desk.live_feed import Event, LiveFeed, Told
from desk.serving import write_head
from desk.sessions import SignedIn

EVERY = 0.1
"""Seconds between two tellings: what is new after a pause goes at once, what follows together."""
BEAT = 10.0
"""Seconds between two signs of life; a browser that is gone is noticed by them."""
MOST = 1000
"""Browsers at once; of one agent's, `MOST_OF_ONE`. One more closes the oldest."""
MOST_OF_ONE = 4
RETRY = 1000
"""Milliseconds after which a browser whose connection broke comes again."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who listens, and to what."""

    session: SignedIn
    board: bool
    """The wallboard; else the page that an agent works with."""

    @property
    def agent(self) -> AgentId:
        """Return who listens."""
        return self.session.agent


@dataclass(frozen=True, slots=True)
class Rules:
    """What the push asks of the desk."""

    may_listen: Callable[[Wanted, float], bool]
    """Tell whether a session is still good, and the agent still has the role."""
    now: Callable[[], float]


class Push:
    """All browsers that listen."""

    def __init__(self, feed: LiveFeed, rules: Rules, reactor: IReactorTime) -> None:
        """`reactor` is where the next telling is set."""
        self.feed, self._rules, self._reactor = feed, rules, reactor
        self._listeners: list[Listener] = []
        self._telling: IDelayedCall | None = None
        self._told = float("-inf")
        """When everybody was told last."""
        self._beat: IDelayedCall | None = None

    def __len__(self) -> int:
        return len(self._listeners)

    def open(self, wanted: Wanted) -> "Listener":
        """Make room for one more; it begins when its answer is sent."""
        return Listener(self, wanted)

    def changed(self) -> None:
        """Something is new: tell everybody, at most once in `EVERY`, when this turn is over."""
        if self._listeners and self._telling is None:
            wait = max(0.0, self._told + EVERY - self._reactor.seconds())
            self._telling = self._reactor.callLater(wait, self._tell)

    def close(self) -> None:
        """Let every browser go."""
        for listener in list(self._listeners):
            listener.end()

    def join(self, listener: "Listener") -> None:
        """Take a browser in; the oldest goes where there are too many."""
        own = [each for each in self._listeners if each.wanted.agent == listener.wanted.agent]
        if len(own) >= MOST_OF_ONE:
            own[0].end("elsewhere")
        elif len(self._listeners) >= MOST:
            self._listeners[0].end("elsewhere")
        self._listeners.append(listener)
        if self._beat is None:
            self._beat = self._reactor.callLater(BEAT, self._beat_all)

    def part(self, listener: "Listener") -> None:
        """Forget a browser."""
        if listener in self._listeners:
            self._listeners.remove(listener)
        if not self._listeners:
            for timer in (self._beat, self._telling):
                if timer is not None and timer.active():
                    timer.cancel()
            self._beat = self._telling = None

    def news(self, listener: "Listener") -> list[Event]:
        """Return what is new for one browser."""
        if listener.wanted.board:
            return self.feed.board_news(listener.told)
        return self.feed.desk_news(listener.wanted.agent, listener.told)

    def now(self) -> float:
        """Return the engine's time."""
        return self._rules.now()

    def _tell(self) -> None:
        self._telling, self._told = None, self._reactor.seconds()
        for listener in list(self._listeners):
            listener.tell()

    def _beat_all(self) -> None:
        self._beat = self._reactor.callLater(BEAT, self._beat_all)
        now = self._rules.now()
        for listener in list(self._listeners):
            if self._rules.may_listen(listener.wanted, now):
                listener.beat()
            else:
                listener.end("signed_out")


@implementer(IPushProducer)
@dataclass(eq=False)
class Listener:
    """One browser's connection. What it was told last is all that is kept for it."""

    push: Push
    wanted: Wanted
    told: Told = field(default_factory=Told)
    _request: Request | None = None
    _paused: bool = False

    def begin(self, request: Request) -> None:
        """Send the head and how things are now."""
        self._request = request
        write_head(request, "text/event-stream; charset=utf-8", (("X-Accel-Buffering", "no"),))
        request.notifyFinish().addBoth(lambda _: self._gone())
        request.registerProducer(self, True)
        request.write(f"retry: {RETRY}\n\n".encode())
        self._send([("hello", {"now": self.push.now(), "agent": self.wanted.agent})])
        self.push.join(self)
        self.tell()

    def tell(self) -> None:
        """Send what is new, unless the browser has not taken the last of it yet."""
        if not self._paused and self._request is not None:
            self._send(self.push.news(self))

    def beat(self) -> None:
        """Send a sign of life, with the time that the page's clocks go by."""
        if not self._paused:
            self._send([("beat", {"now": self.push.now()})])

    def end(self, why: str | None = None) -> None:
        """Close the connection; `signed_out` and `elsewhere` tell the page not to come again."""
        request = self._request
        if request is None:
            return
        if why is not None:
            self._send([("closed", {"why": why})])
        self._gone()
        request.unregisterProducer()
        request.finish()

    def _send(self, events: list[Event]) -> None:
        if self._request is not None and events:
            self._request.write(b"".join(map(_frame, events)))

    def _gone(self) -> None:
        self._request = None
        self.push.part(self)

    def pauseProducing(self) -> None:
        """Wait: the browser has enough for now."""
        self._paused = True

    def resumeProducing(self) -> None:
        """Go on with what is new by now."""
        self._paused = False
        self.tell()

    def stopProducing(self) -> None:
        """The browser is gone."""
        self._paused = True


def _frame(event: Event) -> bytes:
    name, value = event
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"event: {name}\ndata: {text}\n\n".encode("utf-8", "replace")
