"""Many speakers, the engine's recognition and a worker's own code, in virtual time.

The recognisers only count what they hear; what it costs is given. So it is exact what a machine
of so many threads would have made of a crowd.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from twisted.internet.task import Clock

from asr.frames import Header
from asr.recogniser import RATE, SAMPLE, Heard
from asr.turns import Urgency
from asr.vosk import VoskModel
from server.listening import Listening, Outcome, Settings
from server.recognition_patience import Work
from server.recognition_pool import Pool
from server.recognition_worker import Task, Worker

STEP = 0.02
"""Seconds between two looks at everything."""
BLOCK = bytes(RATE * SAMPLE // 10)


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of a thread. As measured with the Korean model (docs/recognition-measured.md)."""

    factor: float = 0.14
    """A second of sound, once a recogniser has heard some."""
    made: float = 0.1
    first: float = 0.9
    """The first second of speech that a new one hears."""
    flush: float = 0.08


class Listener:
    """Stands for a recogniser: knows whose sound it heard, and says so."""

    def __init__(self, costs: Costs) -> None:
        self.costs = costs
        self.small = False
        self.partials = True
        self.heard = 0.0
        self.position = 0.0
        self.running = 0.0
        """Seconds heard since it was flushed."""

    @property
    def seconds(self) -> float:
        return self.heard

    def resume(self, at: float) -> list[Heard]:
        owed = self.flush()
        self.position = at
        return owed

    def feed(self, pcm: bytes) -> list[Heard]:
        self.heard += len(pcm) / (RATE * SAMPLE)
        self.position += len(pcm) / (RATE * SAMPLE)
        self.running += len(pcm) / (RATE * SAMPLE)
        return [Heard("…", self.position, self.position, 0.0, (), final=False)]

    def flush(self) -> list[Heard]:
        owed = [Heard("。", self.position, self.position, 1.0, (), final=True)]
        owed, self.running = (owed if self.running else []), 0.0
        return owed


class HallWorker(Worker):
    """A worker whose threads are counted, not started."""

    def __init__(self, link: "HallLink", costs: Costs, spares: int) -> None:
        self.link, self.costs = link, costs
        self.made: list[Listener] = []
        self.of_each: dict[str, float] = {}
        super().__init__(Pool(cast(VoskModel, self), 1 << 40), cast(Any, None))
        for _ in range(spares):
            self.pool.prepare()
            self.made[-1].heard = 10.0

    def heard_of(self, stream: str) -> float:
        """Return the seconds of a stream that were recognised."""
        return self.of_each.get(stream, 0.0)

    def recogniser(self) -> Listener:
        self.made.append(Listener(self.costs))
        return self.made[-1]

    def send(self, kind: str, **values: object) -> None:
        self.link.frames.append({"kind": kind, "resident": 0, **values})

    def begun(self) -> tuple[Task, float] | None:
        """Take the next task, and tell how long it will take; None if there is none."""
        if not len(self._turns):
            return None
        task = self._next()
        return task, self._price(task)

    def over(self, task: Task, spent: float) -> None:
        """Do what the time has passed for."""
        before = len(self.link.frames)
        self._answer(task)
        for frame in self.link.frames[before:]:
            if "spent" in frame:
                frame["spent"] = spent
                sound = len(task.pcm) / (RATE * SAMPLE)
                self.of_each[task.stream] = self.heard_of(task.stream) + sound
        self._done(task)

    def _price(self, task: Task) -> float:
        costs, had = self.costs, cast(Listener | None, self.streams.get(task.stream))
        if task.header["kind"] in ("rest", "finish"):
            return costs.flush if had else 0.0
        if task.header["kind"] == "spare":
            return costs.made + costs.first
        if task.header["kind"] != "feed":
            return costs.factor
        if had is None and self._leaving and not self.pool.spare:
            return 0.0
        new = had is None and not self.pool.spare
        sound = len(task.pcm) / (RATE * SAMPLE)
        first = costs.first if new or (had and had.heard < 1.0) else costs.factor
        return sound * first + new * costs.made


class HallLink:
    """The engine's line to a hall's worker."""

    outdated = False
    pid = 1
    where = "local"

    def __init__(self, clock: Clock, threads: int, answered: Callable[[Header], None]) -> None:
        self.clock, self.threads, self.answered = clock, threads, answered
        self.frames: list[Header] = []
        self.worker: HallWorker
        self.free = [0.0] * threads
        """When each thread is free again."""
        self.busy: dict[int, tuple[Task, float]] = {}
        """What a thread is at, and for how long in all."""

    def work(self) -> Work | None:
        return None

    def send(self, header: Header, body: bytes = b"") -> None:
        self.worker.receive(dict(header), body)

    def kill(self, why: str) -> None:
        raise AssertionError(f"the worker was killed: {why}")

    def run(self) -> None:
        """Let the threads work until now."""
        now = self.clock.seconds()
        while min(self.free) <= now:
            thread = self.free.index(min(self.free))
            if (ended := self.busy.pop(thread, None)) is not None:
                self.worker.over(*ended)
            begun = self.worker.begun()
            if begun is None:
                self.free[thread] = now + 1e-9
                continue
            self.busy[thread] = begun
            self.free[thread] = max(self.free[thread], now - STEP) + begun[1]
        frames, self.frames = self.frames, []
        for frame in frames:
            self.answered(frame)


@dataclass(slots=True)
class Caller:
    """One who speaks without a pause."""

    name: str
    begins: float
    seconds: float
    urgency: Urgency = Urgency.LIVE
    said: float = 0.0
    ages: list[float] = field(default_factory=list)
    """How old the newest sound was in each partial result, in seconds."""
    late: bool = False
    outcome: Outcome | None = None
    closed: float = 0.0


class VirtualHall:
    """A crowd at a machine of so many threads."""

    def __init__(
        self, model: Path, callers: Sequence[Caller], costs: Costs, threads: int = 2
    ) -> None:
        self.clock = Clock()
        self.callers = {caller.name: caller for caller in callers}
        self.costs, self.threads = costs, threads
        self.link: HallLink
        self.listening = Listening(
            self.clock, {"ko": model}, Settings(threads=threads), self._heard, self._closed,
            link=cast(Any, self._linked),
        )  # fmt: skip
        self.listening.on_late = self._late
        self.link.answered({"kind": "ready", "resident": 0})

    def _linked(
        self, clock: Clock, settings: dict[str, object], answered: Any, gone: Any
    ) -> HallLink:
        self.link = HallLink(clock, self.threads, answered)
        self.link.worker = HallWorker(self.link, self.costs, spares=12)
        return self.link

    @property
    def worker(self) -> HallWorker:
        return self.link.worker

    def run(self, seconds: float) -> None:
        """Let all speak, and so much time pass."""
        for _ in range(round(seconds / STEP)):
            for caller in self.callers.values():
                self._speak(caller)
            self.link.run()
            self.clock.pump([STEP])

    def _speak(self, caller: Caller) -> None:
        now = self.clock.seconds()
        if now < caller.begins + 0.1 or caller.closed:
            return
        if not caller.said:
            self.listening.open(caller.name, "ko", 0.0, caller.urgency)
        while caller.said + 0.1 <= now - caller.begins + 1e-6:
            caller.said += 0.1
            self.listening.hear(caller.name, BLOCK)
        if caller.said >= caller.seconds - 1e-6:
            caller.closed = now
            self.listening.close(caller.name)

    def _heard(self, stream: str, heard: Heard) -> None:
        caller = self.callers[stream]
        if not heard.final:
            caller.ages.append(self.clock.seconds() - caller.begins - heard.end)

    def _closed(self, stream: str, outcome: Outcome) -> None:
        caller = self.callers[stream]
        assert caller.outcome is None, "closed twice"
        caller.outcome = outcome

    def _late(self, stream: str) -> None:
        assert not self.callers[stream].late, "told twice"
        self.callers[stream].late = True
