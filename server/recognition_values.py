"""What recognition is told, and what it tells of itself."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from twisted.logger import Logger

from asr.frames import Header
from asr.recogniser import Heard
from calls.ids import Language
from server.recognition_patience import Work

log = Logger()
State = Literal["ready", "loading", "missing", "corrupt", "lost"]
Words = tuple[str, str]
"""The same in Chinese and in English."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a stream or a job ended."""

    complete: bool
    """False when words may be missing, so that the recording should be transcribed."""
    why: str
    """Empty when complete."""
    dropped_seconds: float


@dataclass(frozen=True, slots=True)
class Settings:
    """How recognition is run. Times are seconds, memory is bytes."""

    threads: int = 4
    """In each language's worker; the cores that we may use bound it. Measured on two cores
    with 1, 2 and 4 threads: 7.8, 13.8 and 11.9 times as fast as speech."""
    niceness: int = 5
    backlog: float = 60.0
    """Sound that may wait on one stream; beyond it the oldest goes."""
    piece: float = 1.0
    """Sound recognised at once; a live stream hands over less, as it comes."""
    late_after: float = 5.0
    """A stream whose turn does not come for so long is late: of its sound only the newest
    is kept waiting, and its recording is transcribed when the call is over."""
    lags_after: float = 1.5
    """The same where more speak than the worker can take: who is heard is heard in time, or
    goes on with what is being said, or is not heard."""
    late_keeps: float = 1.0
    """Sound that waits on a stream that is late: with more, its next words would come late."""
    spares: int = 2
    """Warm recognisers made before the first caller comes. More are made as they are used
    up; each is some 25 MB with the Korean model."""
    lessons: Path | None = None
    """The folder of prompts: in it, a folder of a language has what its spares listen to."""
    hang_after: float = 20.0
    """Without an answer for so long, the worker is taken to hang. Neither here nor in
    `load_limit` does time count in which it wanted to run and got no processor."""
    load_limit: float = 120.0
    partial_every: float = 0.05
    """Between two partial results of a stream; less than the time between two pieces of its
    sound, so that one which comes a little early is not lost, and the page a word behind."""
    growth: int = 800 << 20
    """Memory above the size when ready, from which recognisers are let go and, if that
    does not help, the worker is replaced when idle."""
    back_off: tuple[float, float] = (1.0, 60.0)
    """Before the first restart, doubled each time up to the second."""
    loads: int = 3
    """Workers that may die of loading a model in a row before the model is called corrupt.

    It is tried again all the same, at the longest pause: memory may have been short. Only
    a model that Vosk itself refuses, or that lacks a file, is left alone until a new start."""
    jobs: int = 1000
    """Recordings that may wait."""

    def of_worker(self, language: Language, model: Path | None) -> dict[str, object]:
        """Return what a language's worker is told (server/recognition_worker.py)."""
        return {
            "language": language,
            "model": str(model.resolve()) if model else "",
            "threads": min(self.threads, len(os.sched_getaffinity(0))),
            "niceness": self.niceness,
            "growth": self.growth,
            "spares": self.spares,
            "lessons": str(self.lessons / language) if self.lessons else "",
        }


@dataclass(frozen=True, slots=True)
class Figures:
    """One language's recognition, for the health page."""

    state: State
    streams: int
    waiting: float
    """Seconds of sound not yet recognised, over all streams."""
    dropped: float
    """Seconds of sound lost since the start."""
    jobs: int
    restarts: int
    resident: int
    pid: int | None
    """The worker process; None while there is none."""
    factor: float = 0.0
    """Seconds that a second of sound takes at present; 0 before anything was measured."""
    load: float = 0.0
    """What the live streams need of what the worker's threads can do; above 1 some are late."""
    late: int = 0
    """Live streams that are late."""
    where: str = ""
    """`local`, or how many hosts of a farm accept, as `farm 2/3`."""


class Link(Protocol):
    """What recognises: a worker process of ours, or a farm; from its start to its end.

    It says `ready`, answers frames (asr/frames.py), and tells once that it is gone.
    """

    outdated: bool
    """There is a better one: to be replaced once nobody speaks."""

    @property
    def pid(self) -> int | None:
        """The process, if it is one of ours."""

    @property
    def where(self) -> str:
        """Where it recognises, for the health page."""

    @property
    def threads(self) -> int:
        """Streams that it can work on side by side."""

    def work(self) -> Work | None:
        """Return what it has done and wants to; None if that is not known."""

    def send(self, header: Header, body: bytes = b"") -> None:
        """Send a frame; one to a worker that is gone is lost."""

    def kill(self, why: str) -> None:
        """End it at once; `why` is what it will say of its end."""


@dataclass(frozen=True, slots=True)
class House:
    """What every language's ear is given."""

    reactor: Any
    settings: Settings
    on_heard: Callable[[str, Heard], None]
    on_closed: Callable[[str, Outcome], None]
    on_late: Callable[[str], None]
    link: Callable[..., Link]


def tell(function: Callable[..., None], *arguments: object) -> None:
    """Tell the engine; a fault of its own must not cost us the worker."""
    try:
        function(*arguments)
    except Exception:
        log.failure("the engine failed on a recogniser's answer")
