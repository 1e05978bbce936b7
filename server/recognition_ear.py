"""One language's recognition: its worker, the streams that feed it, the recordings that wait."""

import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from twisted.logger import Logger

from asr.backlog import Backlog
from asr.frames import BrokenFrame, Header, heard_from_json
from asr.recogniser import Heard
from asr.turns import Urgency
from calls.ids import Language
from server.models import faults
from server.recognition_load import ROOM_FOR_FILES, Load
from server.recognition_patience import Patience
from server.recognition_streams import Job, Stream
from server.recognition_values import Figures, Link, Outcome, Settings, State, Words

log = Logger()
STUCK = 4
"""Times `hang_after` that one piece may wait while other streams are answered."""


@dataclass(frozen=True, slots=True)
class House:
    """What every language's ear is given."""

    reactor: Any
    settings: Settings
    on_heard: Callable[[str, Heard], None]
    on_closed: Callable[[str, Outcome], None]
    on_late: Callable[[str], None]
    link: Callable[..., Link]


@dataclass(slots=True)
class Ear:
    """One language: its worker, the streams that feed it, the recordings that wait.

    When there is more speech than the worker can take, newer callers go before older ones
    of the same kind: who gets no turn is late, is told of once through `on_late`, and goes
    on with what is being said when there is room again.

    A worker that dies or hangs takes its unfinished streams along, which close as not
    complete; streams that it had not begun, and recordings still waiting, are kept for
    the next worker.
    """

    house: House
    language: Language
    model: Path | None
    """None: only a farm recognises this language."""
    state: State = "loading"
    detail: Words = ("", "")
    """Why it is not ready, when there is more to say than the state says."""
    resident: int = 0
    restarts: int = 0
    dropped: float = 0.0
    streams: dict[str, Stream] = field(default_factory=dict)
    jobs: deque[Job] = field(default_factory=deque)
    active: Job | None = None
    load: Load = field(default_factory=partial(Load, 1))
    _link: Link | None = None
    _generation: int = 0
    """Counts workers, so that the late end of one is not taken for the end of the next."""
    _size: int = 0
    """Resident memory of the worker when it was ready."""
    _patience: Patience = field(default_factory=Patience)
    _heard_from: float = 0.0
    """When the worker last answered anything, or was started, by the fair clock."""
    _start_at: float | None = None
    _failed_loads: int = 0
    _delay: float = 0.0
    _opened: int = 0
    """Streams so far."""

    def begin(self) -> None:
        """Start a worker; when the system gives us none, try again later."""
        try:
            self._begin()
        except OSError as error:
            self._lost(f"could not be started: {error}")

    def _begin(self) -> None:
        found = faults(self.model) if self.model else []
        if found:
            self._give_up("；".join(f.zh for f in found), "; ".join(f.en for f in found))
            return
        settings = self.house.settings
        self._patience.forget()
        self.state, self._start_at, self._heard_from = "loading", None, self._fair()
        worker_settings = {
            "language": self.language,
            "model": str(self.model.resolve()) if self.model else "",
            "threads": min(settings.threads, len(os.sched_getaffinity(0))),
            "niceness": settings.niceness,
            "growth": settings.growth,
            "spares": settings.spares,
            "lessons": str(settings.lessons / self.language) if settings.lessons else "",
        }
        self._generation += 1
        self._link = self.house.link(
            self.house.reactor,
            worker_settings,
            partial(self._answered, self._generation),
            partial(self._gone, self._generation),
        )

    def open(
        self, name: str, offset: float, urgency: Urgency, phrases: tuple[str, ...] = ()
    ) -> None:
        """Begin a stream; its sound waits until the worker is ready."""
        self._opened += 1
        backlog = Backlog(self.house.settings.backlog, offset)
        self.streams[name] = Stream(name, backlog, urgency, -self._opened, phrases)

    def hear(self, name: str, pcm: bytes) -> None:
        """Take the next sound."""
        stream = self.streams.get(name)
        if stream is None or stream.closing:
            return
        before = stream.backlog.dropped
        stream.backlog.add(pcm)
        self.dropped += stream.backlog.dropped - before
        if stream.late:
            self.dropped += stream.keep(self.house.settings.late_keeps)
        self._feed(stream)

    def close(self, name: str) -> None:
        """Have the rest of a stream recognised before anything else, then end it.

        If it is late its recording is done anyway: the rest must not keep others waiting.
        """
        stream = self.streams.get(name)
        if stream is None or stream.closing:
            return
        stream.closing = True
        if stream.late:
            self.dropped += stream.keep(0.0)
        if self.state == "lost":
            self.house.reactor.callLater(0, self._abandon, stream, "recognition worker lost")
        elif stream.asked is not None and self._link is not None:
            self._link.send({"kind": "rest" if stream.late else "hurry", "stream": name})
        else:
            self._feed(stream)

    def transcribe(self, job: Job) -> None:
        """Put a recording in line."""
        if self.state == "corrupt" or len(self.jobs) >= self.house.settings.jobs:
            why = self.detail[1] or "too many recordings wait"
            self.house.reactor.callLater(0, self._closed, job.name, Outcome(False, why, 0.0))
            return
        self.jobs.append(job)
        self._next_job()

    def tick(self) -> None:
        """Look at the deadlines: restart, loading, hang, replacement."""
        now = self._now()
        if self._link is not None:
            self._patience.look(self._link.work(), now)
        if self._start_at is not None and now >= self._start_at:
            self.begin()
        elif self._link is not None and (why := self._overdue(self._fair())):
            self.state = "lost" if self.state == "ready" else self.state
            self._link.kill(why)
        elif self.state == "ready" and self._overgrown():
            self.state, self._start_at = "loading", now
            self._let_go("replaced")
        elif self.state == "ready":
            self._look_for_late(now)
            self._next_job()

    def stop(self) -> None:
        """End the worker; whatever is unfinished closes as not complete."""
        self._start_at = None
        self._let_go("stopped")
        self._end_all("已停止", "stopped")

    def figures(self) -> Figures:
        """Return how it goes."""
        waiting = sum(s.backlog.seconds for s in self.streams.values())
        jobs = len(self.jobs) + (self.active is not None)
        return Figures(
            self.state,
            len(self.streams),
            waiting,
            self.dropped,
            jobs,
            self.restarts,
            self.resident,
            self._link.pid if self._link else None,
            self.load.factor if self.load.measured else 0.0,
            self.load.of(len(self.streams)),
            sum(s.late for s in self.streams.values()),
            self._link.where if self._link else "",
        )

    def _now(self) -> float:
        return float(self.house.reactor.seconds())

    def _fair(self) -> float:
        """Return the time less what the machine withheld from the worker."""
        return self._patience.fair(self._now())

    def _overdue(self, now: float) -> str:
        """Return what took too long by the fair time `now`; empty if nothing did.

        A worker that answers others is busy, not hung, and recordings give way to live
        streams; but a piece that waits several times as long is stuck in a thread.
        """
        if self.state == "loading":
            late = now - self._heard_from > self.house.settings.load_limit
            return "did not load its model in time" if late else ""
        asked = [s.fair_asked for s in self.streams.values() if s.asked is not None]
        if self.active is not None:
            asked.append(self._heard_from)
        oldest = min(asked, default=now)
        silent = now - max(oldest, self._heard_from) > self.house.settings.hang_after
        stuck = now - oldest > STUCK * self.house.settings.hang_after
        return "hung" if silent or stuck else ""

    def _overgrown(self) -> bool:
        idle = not self.streams and self.active is None
        grown = self.resident - self._size > self.house.settings.growth
        return idle and self._link is not None and (grown or self._link.outdated)

    def _feed(self, stream: Stream) -> None:
        """Send the next piece of a stream, or its end, when the one before was answered."""
        if self.state != "ready" or self._link is None or stream.asked is not None:
            return
        piece = stream.backlog.take(self.house.settings.piece)
        if piece is not None:
            self._link.send(stream.header(piece), piece.pcm)
        elif stream.closing:
            self._link.send({"kind": "finish", "stream": stream.name})
        else:
            return
        stream.asked, stream.fair_asked, stream.known = self._now(), self._fair(), True

    def _look_for_late(self, now: float) -> None:
        """Put streams aside whose turn does not come; the newest of their sound is kept."""
        settings = self.house.settings
        full = self.load.of(len(self.streams)) > 1
        for stream in list(self.streams.values()):
            if self._link is not None and stream.is_starved(now, settings.late_after, full=full):
                self._link.send({"kind": "rest", "stream": stream.name})
                self.dropped += stream.keep(settings.late_keeps)
                if not stream.told:
                    stream.told = True
                    _call(self.house.on_late, stream.name)
                stream.late = stream.resting = True

    def _next_job(self) -> None:
        """Begin a recording, if the live streams leave room for one."""
        if self.load.of(len(self.streams)) > ROOM_FOR_FILES:
            return
        if self.state == "ready" and self._link and self.active is None and self.jobs:
            job = self.active = self.jobs.popleft()
            self._heard_from = self._fair()
            wav = str(job.wav.resolve())
            header = {"kind": "file", "stream": job.name, "path": wav, "channel": job.channel}
            self._link.send(header)

    def _answered(self, generation: int, header: Header) -> None:
        if generation != self._generation:
            return
        self._heard_from = self._fair()
        self.resident = header["resident"]
        match header["kind"]:
            case "ready":
                self._ready()
            case "unloadable":
                self._give_up(header["why"], header["why"])
            case "fed" | "rested" | "closed" | "failed":
                self._stream_answered(header)
            case unknown:
                raise BrokenFrame(f"no such answer: {unknown}")

    def _ready(self) -> None:
        self.state, self.detail, self._size = "ready", ("", ""), self.resident
        self._failed_loads = 0
        self.load.threads = self._link.threads if self._link else 1
        for stream in list(self.streams.values()):
            self._feed(stream)
        self._next_job()

    def _stream_answered(self, header: Header) -> None:
        name = header["stream"]
        stream = self.streams.get(name)
        if stream is None and (self.active is None or self.active.name != name):
            return
        self._delay = 0.0
        for values in header.get("heard", ()):
            self._deliver(name, stream, heard_from_json(values))
        if header["kind"] in ("closed", "failed"):
            self._finish(name, stream, header.get("why", ""))
        elif stream is not None:
            if header["kind"] == "rested":
                self.dropped += stream.came_to_nothing()
            else:
                self.load.took(header.get("spent", 0.0), stream.sent)
                stream.was_heard()
            stream.asked, stream.resting = None, False
            self._feed(stream)

    def _deliver(self, name: str, stream: Stream | None, heard: Heard) -> None:
        if not heard.final and stream is not None:
            now = self._now()
            if now - stream.partial_at < self.house.settings.partial_every:
                return
            stream.partial_at = now
        _call(self.house.on_heard, name, heard)

    def _finish(self, name: str, stream: Stream | None, why: str) -> None:
        if stream is not None:
            dropped = stream.backlog.dropped
            del self.streams[name]
            why = why or (f"{dropped:.1f} s of sound dropped" if dropped else "")
            self._closed(name, Outcome(not why, why, dropped))
            return
        self.active = None
        self._closed(name, Outcome(not why, why, 0.0))
        self._next_job()

    def _closed(self, name: str, outcome: Outcome) -> None:
        _call(self.house.on_closed, name, outcome)

    def _abandon(self, stream: Stream, why: str) -> None:
        """Close a stream that got no answer; one that never had a sound is complete."""
        if self.streams.get(stream.name) is not stream:
            return
        del self.streams[stream.name]
        dropped = stream.backlog.dropped
        whole = not (stream.known or len(stream.backlog) or dropped)
        self._closed(stream.name, Outcome(whole, "" if whole else why, dropped))

    def _abandon_job(self, why: str) -> None:
        job, self.active = self.active, None
        if job is not None:
            self._closed(job.name, Outcome(False, why, 0.0))

    def _let_go(self, why: str) -> None:
        """Part with the worker on our own wish."""
        link, self._link = self._link, None
        if link is not None:
            link.kill(why)

    def _gone(self, generation: int, why: str) -> None:
        """The worker is dead: say so, close what it had begun, start another after a while."""
        if generation != self._generation or self._link is None:
            return
        self._link = None
        loading = self.state == "loading"
        self._failed_loads += loading
        if loading and self._failed_loads >= self.house.settings.loads:
            times = self._failed_loads
            self._give_up(f"连续{times}次加载失败：{why}", f"loading failed {times} times: {why}")
            self._start_at = self._now() + self.house.settings.back_off[1]
            return
        self._lost(why)

    def _lost(self, why: str) -> None:
        """Close what was begun, and set the time of the next start."""
        log.error("{language} recognition worker {why}", language=self.language, why=why)
        self.state, self.detail = "lost", (why, why)
        self.restarts += 1
        first, most = self.house.settings.back_off
        self._delay = min(most, self._delay * 2) if self._delay else first
        self._start_at = self._now() + self._delay
        for stream in [s for s in self.streams.values() if s.known or s.closing]:
            self._abandon(stream, f"recognition worker {why}")
        self._abandon_job(f"recognition worker {why}")

    def _give_up(self, zh: str, why: str) -> None:
        """Nothing can be heard in this language, perhaps until the engine is started anew."""
        log.error("{language} recognition given up: {why}", language=self.language, why=why)
        self._end_all(zh, why)

    def _end_all(self, zh: str, why: str) -> None:
        self.state, self.detail, self._link, self._start_at = "corrupt", (zh, why), None, None
        for stream in list(self.streams.values()):
            self._abandon(stream, why)
        self._abandon_job(why)
        while self.jobs:
            self.active = self.jobs.popleft()
            self._abandon_job(why)


def _call(function: Callable[..., None], *arguments: object) -> None:
    """Tell the engine; a fault of its own must not cost us the worker."""
    try:
        function(*arguments)
    except Exception:
        log.failure("the engine failed on a recogniser's answer")
