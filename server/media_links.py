"""Several media workers, one a core: which leg is whose.

Whoever may come to hear another is at the same worker: a call's legs name the citizen's
(`OpenLeg.beside`), so each call has one worker, and one that dies takes only its own calls along.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.posixbase import PosixReactorBase

from calls.ids import LegId
from media import commands as c
from media.worker_settings import WorkerSettings
from server.media_link import MediaLink, apply

RESTART_AFTER = 1.0
"""Seconds before a worker that died is replaced."""

Kept = frozenset[LegId]
"""The legs that other workers have."""


def shared_out(settings: WorkerSettings, workers: int) -> list[WorkerSettings]:
    """Give each worker its part of the ports, in pairs."""
    each = (settings.last_port + 1 - settings.first_port) // 2 // workers * 2
    firsts = [settings.first_port + n * each for n in range(workers)]
    parts = [replace(settings, first_port=first, last_port=first + each - 1) for first in firsts]
    return [*parts[:-1], replace(parts[-1], last_port=settings.last_port)]


class MediaLinks:
    """Each worker's link; commands find their way by the legs and names that are in them.

    When a worker dies or hangs, `on_lost` is called once, after its last event, with why and the
    legs that live on elsewhere; another is started in its place.
    """

    def __init__(
        self,
        reactor: PosixReactorBase,
        settings: Sequence[WorkerSettings],
        on_event: Callable[[c.Event], None],
        on_lost: Callable[[str, Kept], None],
        together: Callable[[Callable[[], None]], None] = apply,
    ) -> None:
        """`settings`: of each worker; `together` is what events that come in one go are in."""
        self._reactor = reactor
        self._on_event = on_event
        self._on_lost = on_lost
        self.links = [
            MediaLink(reactor, one, partial(self._heard, at), partial(self._lost, at), together)
            for at, one in enumerate(settings)
        ]
        self._legs: list[set[LegId]] = [set() for _ in settings]
        self._at: dict[LegId, int] = {}
        self._recordings: dict[str, int] = {}
        self._figures: dict[int, c.WorkerFigures] = {}

    @property
    def up(self) -> bool:
        """All are there to take commands."""
        return all(link.up for link in self.links)

    def start(self) -> None:
        """Start all; commands may be sent at once."""
        for link in self.links:
            link.start()

    def stop(self) -> "Deferred[Any]":
        """Let all close everything; fires when they are gone, by force if need be."""
        return DeferredList([link.stop() for link in self.links])

    def send(self, command: c.Command) -> None:
        """Send a command, with others at the next `flush`; to nobody if its worker is gone."""
        if isinstance(command, c.Confer) and not command.hears:
            for link in self.links:  # an end is for whoever has such a conference, if anybody has
                link.send(command)
            return
        at = self._opened(command) if isinstance(command, c.OpenLeg) else self._place(command)
        if at is not None:
            self.links[at].send(command)

    def flush(self) -> None:
        """Let all commands go that wait; returns at once."""
        for link in self.links:
            link.flush()

    # --- which is whose ------------------------------------------------------------------

    def _opened(self, command: c.OpenLeg) -> int | None:
        """Give a new leg its place: beside another, else where there are fewest."""
        at = self._at.get(command.beside) if command.beside is not None else None
        if at is None:
            up = [n for n, link in enumerate(self.links) if link.up]
            at = min(up, key=lambda n: len(self._legs[n]), default=None)
        if at is not None:
            self._at[command.leg] = at
            self._legs[at].add(command.leg)
        return at

    def _place(self, command: c.Command) -> int | None:
        match command:
            case c.StartRecording():
                return self._recorded(command)
            case c.AddToRecording() | c.LeaveRecording() | c.PauseRecording() | c.StopRecording():
                return self._recordings.get(command.recording)
            case c.Confer(hears=((leg, _), *_)):
                return self._at.get(leg)
            case c.Bridge():
                return self._at.get(command.left)
            case c.Confer() | c.Shutdown():
                return None  # said to all: by `send`, by `stop`
        return self._at.get(command.leg)

    def _recorded(self, command: c.StartRecording) -> int | None:
        at = self._at.get(command.left)
        if at is not None:
            self._recordings[command.recording] = at
        return at

    # --- what they say -------------------------------------------------------------------

    def _heard(self, at: int, event: c.Event) -> None:
        match event:
            case c.LegClosed() | c.LegFailed():
                self._at.pop(event.leg, None)
                self._legs[at].discard(event.leg)
            case c.RecordingClosed():
                self._recordings.pop(event.recording, None)
            case c.WorkerFigures():
                event = self._together(at, event)
        self._on_event(event)

    def _together(self, at: int, figures: c.WorkerFigures) -> c.WorkerFigures:
        """Return what one says with what the others said last: the legs and CPU of all, and of
        the lateness the worst."""
        self._figures[at] = figures
        every = self._figures.values()
        return replace(
            figures,
            legs=sum(one.legs for one in every),
            late_p99_ms=max(one.late_p99_ms for one in every),
            late_max_ms=max(one.late_max_ms for one in every),
            cpu_seconds=sum(one.cpu_seconds for one in every),
        )

    def _lost(self, at: int, why: str) -> None:
        for leg in self._legs[at]:
            del self._at[leg]
        self._legs[at].clear()
        self._figures.pop(at, None)
        for name in [name for name, where in self._recordings.items() if where == at]:
            del self._recordings[name]
        self._on_lost(why, frozenset(self._at))
        self._reactor.callLater(RESTART_AFTER, self.links[at].start)
