"""One language's recognition: its worker, the streams that feed it, the recordings that wait."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from twisted.logger import Logger

from asr.backlog import Backlog
from asr.frames import BrokenFrame, Header, heard_from_json
from asr.recogniser import Heard
from asr.seats import STAY, Seat
from asr.turns import Urgency
from calls.ids import Language
from server.models import faults
from server.recognition_jobs import Job, Recordings
from server.recognition_load import Load
from server.recognition_patience import Patience, is_hung
from server.recognition_streams import Stream, choose, has_room, need
from server.recognition_values import Figures, House, Link, Outcome, State, Words, tell

log = Logger()


@dataclass(slots=True)
class Ear:
    """One language: its worker, the streams that feed it, the recordings that wait.

    When there is more speech than the worker can take, newer callers go before older ones
    of the same kind, and take the recognisers of the oldest (asr/seats.py): who is not heard
    is late, is told of once through `on_late`, and goes on with what is being said when there
    is room again.

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
    jobs: Recordings = field(default_factory=Recordings)
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
        self._patience.forget()
        self.state, self._start_at, self._heard_from = "loading", None, self._fair()
        self._generation += 1
        self._link = self.house.link(
            self.house.reactor,
            self.house.settings.of_worker(self.language, self.model),
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
        self._seat()

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
        elif stream.asked is None:
            self._feed(stream)
        elif stream.late:
            self._rest(stream)
        elif self._link is not None:
            self._link.send({"kind": "hurry", "stream": name})

    def transcribe(self, job: Job) -> None:
        """Put a recording in line."""
        if self.state == "corrupt" or not self.jobs.add(job, self.house.settings.jobs):
            why = self.detail[1] or "too many recordings wait"
            self.house.reactor.callLater(0, self._closed, job.name, Outcome(False, why, 0.0))
            return
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
            self._seat()
            self._tell_late()
            self._next_job()

    def stop(self) -> None:
        """End the worker; whatever is unfinished closes as not complete."""
        self._start_at = None
        self._let_go("stopped")
        self._end_all("已停止", "stopped")

    def figures(self) -> Figures:
        """Return how it goes."""
        waiting = sum(s.backlog.seconds for s in self.streams.values())
        return Figures(
            self.state,
            len(self.streams),
            waiting,
            self.dropped,
            len(self.jobs),
            self.restarts,
            self.resident,
            self._link.pid if self._link else None,
            self.load.speech.value if self.load.speech.measured else 0.0,
            need(self.streams.values(), self.load),
            sum(s.late for s in self.streams.values()),
            self._link.where if self._link else "",
        )

    def _now(self) -> float:
        return float(self.house.reactor.seconds())

    def _fair(self) -> float:
        """Return the time less what the machine withheld from the worker."""
        return self._patience.fair(self._now())

    def _overdue(self, now: float) -> str:
        """Return what took too long by the fair time `now`; empty if nothing did."""
        if self.state == "loading":
            late = now - self._heard_from > self.house.settings.load_limit
            return "did not load its model in time" if late else ""
        asked = [s.fair_asked for s in self.streams.values() if s.asked is not None]
        if self.jobs.begun:
            asked.append(self._heard_from)
        hung = is_hung(asked, self._heard_from, now, self.house.settings.hang_after)
        return "hung" if hung else ""

    def _overgrown(self) -> bool:
        idle = not self.streams and not self.jobs.begun
        grown = self.resident - self._size > self.house.settings.growth
        return idle and self._link is not None and (grown or self._link.outdated)

    def _feed(self, stream: Stream) -> None:
        """Send the next piece of a stream, or its end, when the one before was answered."""
        if self.state != "ready" or self._link is None or stream.waits:
            return
        piece = stream.backlog.take(self.house.settings.piece)
        if piece is not None:
            room = has_room(self.streams.values(), self.load)
            self._link.send(stream.header(piece, room=room), piece.pcm)
            stream.holds = True
        elif stream.closing:
            self._link.send({"kind": "finish", "stream": stream.name})
        else:
            return
        stream.asked, stream.fair_asked, stream.known = self._now(), self._fair(), True

    def _seat(self) -> None:
        """Settle who is heard: who is not any more gives up a recogniser to who is now."""
        if self.state != "ready":
            return
        for stream in choose(self.streams.values(), self.load):
            self._put_aside(stream)
        for stream in list(self.streams.values()):
            self._feed(stream)

    def _look_for_late(self, now: float) -> None:
        """Put streams aside whose turn does not come."""
        settings = self.house.settings
        full = need(self.streams.values(), self.load) > STAY
        after = settings.lags_after if full and self.load.bounded else settings.late_after
        for stream in list(self.streams.values()):
            if stream.is_starved(now, after, full=full):
                stream.seat = Seat.ASIDE
                self._put_aside(stream)

    def _put_aside(self, stream: Stream) -> None:
        """Have a stream not heard for the present; the newest of its sound is kept."""
        self.dropped += stream.keep(self.house.settings.late_keeps)
        stream.late = True
        self._rest(stream)

    def _tell_late(self) -> None:
        for stream in [s for s in self.streams.values() if s.late and not s.told]:
            stream.told = True
            tell(self.house.on_late, stream.name)

    def _rest(self, stream: Stream) -> None:
        """Have a stream give its recogniser back; a piece that is not begun comes to nothing."""
        if self._link is None or stream.resting or not stream.holds:
            return
        self._link.send({"kind": "rest", "stream": stream.name})
        stream.resting = True
        if stream.asked is None:
            stream.asked, stream.fair_asked = self._now(), self._fair()

    def _next_job(self) -> None:
        """Begin recordings, if the live streams leave room."""
        if self.state != "ready" or self._link is None:
            return
        for job in self.jobs.begin(need(self.streams.values(), self.load), self.load.threads):
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
        self.load.bounded = self._link is None or self._link.pid is not None
        self._seat()
        self._next_job()

    def _stream_answered(self, header: Header) -> None:
        name = header["stream"]
        stream = self.streams.get(name)
        if stream is None and name not in self.jobs.begun:
            return
        self._delay = 0.0
        for values in header.get("heard", ()):
            self._deliver(name, stream, heard_from_json(values))
        if header["kind"] in ("closed", "failed"):
            self._finish(name, stream, header.get("why", ""))
        elif stream is not None:
            self._go_on(stream, header)

    def _go_on(self, stream: Stream, header: Header) -> None:
        """A piece was recognised, or the recogniser given back: the next piece may go."""
        if header["kind"] == "rested":
            self.dropped += stream.rested()
        else:
            spent = header.get("spent", 0.0)
            self.load.took(spent, stream.sent, answers=bool(stream.phrases))
            stream.was_heard()
        stream.asked = self._now() if stream.resting else None
        stream.fair_asked = self._fair()
        self._feed(stream)

    def _deliver(self, name: str, stream: Stream | None, heard: Heard) -> None:
        if not heard.final and stream is not None:
            now = self._now()
            if now - stream.partial_at < self.house.settings.partial_every:
                return
            stream.partial_at = now
        tell(self.house.on_heard, name, heard)

    def _finish(self, name: str, stream: Stream | None, why: str) -> None:
        if stream is not None:
            dropped = stream.backlog.dropped
            del self.streams[name]
            why = why or (f"{dropped:.1f} s of sound dropped" if dropped else "")
            self._closed(name, Outcome(not why, why, dropped))
            self._seat()
            return
        self.jobs.ended(name)
        self._closed(name, Outcome(not why, why, 0.0))
        self._next_job()

    def _closed(self, name: str, outcome: Outcome) -> None:
        tell(self.house.on_closed, name, outcome)

    def _abandon(self, stream: Stream, why: str) -> None:
        """Close a stream that got no answer; one that never had a sound is complete."""
        if self.streams.get(stream.name) is not stream:
            return
        del self.streams[stream.name]
        dropped = stream.backlog.dropped
        whole = not (stream.known or len(stream.backlog) or dropped)
        self._closed(stream.name, Outcome(whole, "" if whole else why, dropped))

    def _abandon_jobs(self, why: str, *, all_of_them: bool = False) -> None:
        for name in self.jobs.drop(all_of_them=all_of_them):
            self._closed(name, Outcome(False, why, 0.0))

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
        self._abandon_jobs(f"recognition worker {why}")

    def _give_up(self, zh: str, why: str) -> None:
        """Nothing can be heard in this language, perhaps until the engine is started anew."""
        log.error("{language} recognition given up: {why}", language=self.language, why=why)
        self._end_all(zh, why)

    def _end_all(self, zh: str, why: str) -> None:
        self.state, self.detail, self._link, self._start_at = "corrupt", (zh, why), None, None
        for stream in list(self.streams.values()):
            self._abandon(stream, why)
        self._abandon_jobs(why, all_of_them=True)
