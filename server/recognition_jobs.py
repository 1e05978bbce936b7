"""Recordings that wait to be transcribed, and those that are."""

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from server.recognition_load import ROOM_FOR_FILES


@dataclass(frozen=True, slots=True)
class Job:
    """A recording to transcribe."""

    name: str
    wav: Path
    channel: int


@dataclass(slots=True)
class Recordings:
    """One language's recordings, first come first begun.

    While anybody speaks one at a time is begun, and only while there is room for it; while
    nobody does, as many as the worker has threads, unless a worker died of one of several.
    """

    waiting: deque[Job] = field(default_factory=deque)
    begun: dict[str, Job] = field(default_factory=dict)
    alone: bool = False
    """One at a time: a recording that is a worker's end must not be that of others, too."""

    def __len__(self) -> int:
        return len(self.waiting) + len(self.begun)

    def add(self, job: Job, most: int) -> bool:
        """Put one in line; False if `most` wait already."""
        if len(self.waiting) >= most:
            return False
        self.waiting.append(job)
        return True

    def begin(self, load: float, threads: int) -> list[Job]:
        """Return those to begin now, while live streams need `load` of the worker."""
        most = 0 if load > ROOM_FOR_FILES else 1 if load or self.alone else threads
        jobs: list[Job] = []
        while self.waiting and len(self.begun) < most:
            job = self.waiting.popleft()
            self.begun[job.name] = job
            jobs.append(job)
        return jobs

    def ended(self, name: str) -> None:
        """One that was begun has ended."""
        del self.begun[name]

    def drop(self, *, all_of_them: bool) -> list[str]:
        """With the worker, let go those begun, or all; return their names."""
        self.alone = self.alone or len(self.begun) > 1
        jobs = [*self.begun.values(), *(self.waiting if all_of_them else ())]
        self.begun.clear()
        if all_of_them:
            self.waiting.clear()
        return [job.name for job in jobs]
