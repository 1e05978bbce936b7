"""The media worker's two threads: one writes recordings, one reads prompts.

A slow or full disk delays them and nobody else. What they have to say waits in a deque
that the worker's loop looks into.
"""

import errno
import os
import threading
from collections import deque
from queue import SimpleQueue
from typing import NamedTuple

from media import codecs, wav
from media.commands import CodecName, DiskLow, RecordingClosed
from media.recording import Write
from server import manifest

TROUBLE = {
    errno.ENOSPC: "disk full",
    errno.EDQUOT: "disk quota used up",
    errno.EFBIG: "file too large",
}
LARGEST_PROMPT = 64 << 20
"""Octets: over an hour."""


class File:
    """One recording's file. The writer's, but for `told` and `given`."""

    __slots__ = ("given", "name", "number", "path", "seconds", "sha256", "told", "trouble")

    def __init__(self, name: str, path: str) -> None:
        self.name = name
        self.path = path
        self.number: int | None = None
        self.seconds = 0.0
        """How much of it can be played."""
        self.given = 0.0
        """How much has been given to the writer."""
        self.trouble: str | None = None
        self.sha256: str | None = None
        self.told = False
        """The engine knows that it is closed."""

    def closed(self) -> RecordingClosed:
        """Say what became of it."""
        return RecordingClosed(self.name, self.path, self.seconds, self.trouble, self.sha256)


class Job(NamedTuple):
    """A piece of work of the writer."""

    file: File
    writes: list[Write]
    seconds: float
    """How much of the file plays afterwards."""
    last: bool


class Recorder:
    """Writes blocks in the order given; a file that fails once is closed as it then is."""

    def __init__(self, disk_low: int) -> None:
        self._jobs: SimpleQueue[list[Job] | None] = SimpleQueue()
        self._disk_low = disk_low
        self._low: set[str] = set()
        self.low: deque[DiskLow] = deque()
        """What the engine should hear of disks without room."""
        self.closed: deque[File] = deque()
        self.open = 0
        """Files that were begun and whose end was not taken yet."""
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def begin(self, file: File, writes: list[Write]) -> None:
        """Let a file come into being."""
        self.open += 1
        self.give([Job(file, writes, 0.0, False)])

    def take_closed(self) -> File:
        """Return the file that was closed first."""
        self.open -= 1
        return self.closed.popleft()

    def give(self, jobs: list[Job]) -> None:
        """Let pieces of work be done, in this order."""
        for job in jobs:
            job.file.given = job.seconds
        self._jobs.put(jobs)

    def finish(self, patience: float) -> bool:
        """Write what waits and end; tell whether that was done within `patience` seconds."""
        self._jobs.put(None)
        self._thread.join(patience)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (jobs := self._jobs.get()) is not None:
            for job in jobs:
                if job.file.trouble is None:
                    self._write(job)

    def _write(self, job: Job) -> None:
        file = job.file
        try:
            begins = file.number is None
            _write(file, job.writes)
            if begins:
                self._look_for_room(os.path.dirname(file.path))
            file.seconds = job.seconds
        except OSError as error:
            file.trouble = TROUBLE.get(error.errno or 0, error.strerror or str(error))
        except ValueError as error:  # a path that cannot be one
            file.trouble = str(error)
        if job.last or file.trouble is not None:
            self._close(file)

    def _close(self, file: File) -> None:
        number, file.number = file.number, None
        try:
            if number is not None:
                os.close(number)
        except OSError as error:  # a network file system may say it only now
            file.trouble = file.trouble or error.strerror
        if number is not None:
            self._seal(file)
        self.closed.append(file)

    def _seal(self, file: File) -> None:
        """Write down what the file is now, so that a later change can be shown."""
        folder = os.path.dirname(file.path)
        try:
            file.sha256 = manifest.enter(file.path, file.seconds, file.trouble)
        except OSError as error:
            file.trouble = file.trouble or f"manifest: {error.strerror}"
        self._look_for_room(folder)

    def _look_for_room(self, folder: str) -> None:
        try:
            disk = os.statvfs(folder)
        except OSError:
            return  # writing there says what is wrong
        free = disk.f_bavail * disk.f_frsize
        if free >= self._disk_low:
            self._low.discard(folder)
        elif folder not in self._low:
            self._low.add(folder)
            self.low.append(DiskLow(folder, free))


def _write(file: File, writes: list[Write]) -> None:
    """Write all of it, or raise OSError; a recording is never written over another."""
    if file.number is None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        if not os.path.isfile(file.path) and os.path.exists(file.path):
            flags = os.O_WRONLY | os.O_CLOEXEC  # a device
        file.number = os.open(file.path, flags, 0o640)
    for write in writes:
        rest, offset = memoryview(write.octets), write.offset
        while rest:
            done = os.pwrite(file.number, rest, offset)
            rest, offset = rest[done:], offset + done


class Prompts:
    """Reads and encodes prompt files, each once however many legs wait for it."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[tuple[str, CodecName]] = SimpleQueue()
        self._asked: set[tuple[str, CodecName]] = set()
        self.read: deque[tuple[str, CodecName, list[bytes] | str]] = deque()
        """What was read: the frames, or why there are none."""
        threading.Thread(target=self._run, name="prompts", daemon=True).start()

    def ask(self, path: str, codec: CodecName) -> None:
        """Let a file be read, unless it is being read."""
        if (path, codec) not in self._asked:
            self._asked.add((path, codec))
            self._jobs.put((path, codec))

    def take(self) -> tuple[str, CodecName, list[bytes] | str]:
        """Return what was read first."""
        path, codec, result = self.read.popleft()
        self._asked.discard((path, codec))
        return path, codec, result

    def _run(self) -> None:
        while True:
            path, codec = self._jobs.get()
            try:
                with open(path, "rb") as file:
                    sound = wav.read_prompt(file.read(LARGEST_PROMPT))
                frames = codecs.frames(sound.pcm, codec, sound.rate)
                self.read.append((path, codec, frames))
            except OSError as error:
                self.read.append((path, codec, f"{path}: {error.strerror}"))
            except ValueError as error:  # no WAV file, or a path that cannot be one
                self.read.append((path, codec, f"{path}: {error}"))
