"""The process that recognises one language's speech: `python -m server.recognition_worker`.

It holds one model and a pool of used recognisers, and answers frames (asr/frames.py) on a
socket that it inherits. It keeps nothing: whatever ends it (an abort inside Vosk, a kill,
the engine's end), a new one goes on, and the engine knows what was not answered.
"""

import json
import os
import signal
import socket
import sys
import threading
import time
import wave
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from asr.frames import Header, Unpacker, heard_to_json, pack
from asr.recogniser import RATE, SAMPLE, Heard
from asr.turns import Turns, Urgency
from asr.vosk import Unloadable, VoskModel, VoskRecogniser
from calls.ids import Language
from server.recognition_lessons import lessons
from server.recognition_pool import Pool, resident

SAME_PLACE = 0.001
"""Seconds; sound that begins this near to where the last ended follows it without a hole."""
WORTH_RENEWING = 60.0
"""Seconds heard from which a recogniser has grown enough to gain by a new one."""
FILE_PIECE = 1.0
"""Seconds of a recording between two looks for something more urgent."""


class UnreadableRecording(Exception):
    """The file is not 16-bit PCM at 8 kHz, or has no such channel."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What the engine tells its worker on the command line."""

    language: Language
    model: str
    threads: int
    niceness: int
    """Recognition may be late by a little; the voice of a call may not."""
    growth: int
    """Bytes above the size at the start from which used recognisers are let go."""
    spares: int
    """Warm recognisers to begin with."""
    lessons: str = ""
    """A folder of recordings that spares listen to while nobody speaks; empty: none."""


@dataclass(slots=True)
class Task:
    """One frame to answer."""

    header: Header
    pcm: bytes = b""

    @property
    def stream(self) -> str:
        return cast(str, self.header["stream"])


@dataclass(slots=True)
class Recording:
    """One channel of a recording, read a piece at a time."""

    file: wave.Wave_read
    channel: int
    recogniser: VoskRecogniser

    @classmethod
    def opened(cls, path: str, channel: int, recogniser: VoskRecogniser) -> "Recording":
        """Open a recording; raise UnreadableRecording, OSError, EOFError or wave.Error."""
        file = wave.open(path, "rb")  # noqa: SIM115 closed at its end, many turns from here
        if (file.getframerate(), file.getsampwidth()) != (RATE, SAMPLE):
            raise UnreadableRecording(f"{file.getframerate()} Hz, {8 * file.getsampwidth()} bits")
        if not 0 <= channel < file.getnchannels():
            raise UnreadableRecording(f"no channel {channel} among {file.getnchannels()}")
        return cls(file, channel, recogniser)

    def piece(self) -> bytes:
        """Return the next piece; empty at the end."""
        frame = SAMPLE * self.file.getnchannels()
        frames = self.file.readframes(int(FILE_PIECE * RATE))
        samples = array("h", frames[: len(frames) // frame * frame])
        return samples[self.channel :: self.file.getnchannels()].tobytes()


@dataclass(slots=True)
class Worker:
    """Answers the engine's frames on several threads, the urgent ones first.

    The engine has at most one unanswered frame a stream, so a stream's recogniser is never
    used by two threads at once.
    """

    pool: Pool
    answers: socket.socket
    streams: dict[str, VoskRecogniser] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    _turns: Turns[Task] = field(default_factory=Turns)
    _begun: set[str] = field(default_factory=set)
    """Streams that a thread is at work for."""
    _leaving: set[str] = field(default_factory=set)
    """Streams that are giving their recogniser back."""
    _news: threading.Condition = field(default_factory=threading.Condition)
    _sending: threading.Lock = field(default_factory=threading.Lock)

    def send(self, kind: str, **values: object) -> None:
        """Tell the engine; blocks while it does not read."""
        frame = pack({"kind": kind, "resident": resident(), **values})
        try:
            with self._sending:
                self.answers.sendall(frame)
        except OSError:
            os._exit(0)  # the engine is gone

    def receive(self, header: Header, pcm: bytes) -> None:
        """Put the engine's frame in line."""
        match header["kind"]:
            case "finish":
                self._add(Urgency.CLOSING, Task(header))
            case "rest":
                self._rest(header)
            case "hurry":
                self._hurry(header)
            case "feed":
                self._add(Urgency(header["urgency"]), Task(header, pcm), header["order"])
            case _:
                self._add(Urgency.FILE, Task(header))

    def _rest(self, header: Header) -> None:
        """Have a stream give its recogniser back, after the piece that is begun, if one is."""
        with self._news:
            self._turns.withdraw(lambda task: task.stream == header["stream"])
            self._leaving.add(header["stream"])
            begun = header["stream"] in self._begun
        if not begun:
            self._add(Urgency.CLOSING, Task(header))

    def _hurry(self, header: Header) -> None:
        """Put a stream's piece that nobody has begun before all others."""
        with self._news:
            waiting = self._turns.withdraw(lambda task: task.stream == header["stream"])
        for task in waiting:
            task.header["urgency"] = Urgency.CLOSING.value
            self._add(Urgency.CLOSING, task)

    def work(self) -> None:
        """Do what is most urgent, for ever: the body of each thread."""
        while True:
            self.turn()

    def turn(self) -> None:
        """Do what is most urgent; wait for something if there is nothing."""
        task = self._next()
        try:
            self._answer(task)
        except Exception as error:
            self._fail(task, error)
        self._done(task)

    def teach(self) -> None:
        """Put a lesson in line, if nobody speaks."""
        if not self.streams and not self.recordings:
            self._add(Urgency.LESSON, Task({"kind": "lesson", "stream": ""}))

    def _add(self, urgency: Urgency, task: Task, order: int = 0) -> None:
        with self._news:
            self._turns.add(urgency, task, order)
            self._news.notify()

    def _next(self) -> Task:
        with self._news:
            while (task := self._turns.take()) is None:
                self._news.wait()
            self._begun.add(task.stream)
            return task

    def _done(self, task: Task) -> None:
        """A thread is free again: whoever waited for this stream's recogniser may have it."""
        name = task.stream
        with self._news:
            self._begun.discard(name)
            if name not in self._leaving:
                return
            if task.header["kind"] == "feed":
                self._turns.withdraw(lambda other: other.stream == name)  # if it was put off
                self._turns.add(Urgency.CLOSING, Task({"kind": "rest", "stream": name}))
            else:
                self._leaving.discard(name)
                self._turns.release()
            self._news.notify_all()

    def _put_off(self, task: Task) -> bool:
        """Have a first piece wait if none is free and somebody is giving a recogniser back.

        One made anew would cost more than the wait: some 0.1 s, and 0.9 s for its first words.
        """
        with self._news:
            if not self._leaving or self.pool.spare or task.header["phrases"]:
                return False
            self._turns.hold(Urgency(task.header["urgency"]), task, task.header["order"])
            return True

    def _answer(self, task: Task) -> None:
        match kind := task.header["kind"]:
            case "feed":
                self._feed(task)
            case "finish" | "rest":
                self._finish(task.stream, "closed" if kind == "finish" else "rested")
            case "file":
                self._read_on(task)
            case "spare":
                if not self.pool.spare:
                    self.pool.prepare()
            case "lesson":
                if not self.streams and self.pool.teach():
                    self.teach()
            case unknown:
                raise ValueError(f"no such frame: {unknown}")

    def _feed(self, task: Task) -> None:
        heard: list[Heard] = []
        began = time.perf_counter()
        recogniser = self.streams.get(task.stream)
        if recogniser is None and self._put_off(task):
            return
        if recogniser is None:
            recogniser = self.streams[task.stream] = self._lend(
                partials=True, phrases=task.header["phrases"], room=task.header["room"]
            )
            recogniser.resume(task.header["at"])
        elif abs(recogniser.position - task.header["at"]) > SAME_PLACE:
            heard += recogniser.resume(task.header["at"])
        heard += recogniser.feed(task.pcm)
        long = recogniser.seconds > WORTH_RENEWING and not recogniser.small
        if long and heard and heard[-1].final:
            heard += self._renew(task.stream, recogniser)
        spent = time.perf_counter() - began
        self.send("fed", stream=task.stream, heard=[heard_to_json(h) for h in heard], spent=spent)

    def _renew(self, stream: str, recogniser: VoskRecogniser) -> list[Heard]:
        """Between two utterances, give a stream a small recogniser if memory grew too much."""
        if not self.pool.overgrown():
            return []
        owed = recogniser.flush()
        fresh = self.streams[stream] = self._lend(partials=True)
        fresh.resume(recogniser.position)
        return owed

    def _finish(self, stream: str, kind: str = "closed") -> None:
        """Say the words still owed, and keep the recogniser for whoever speaks next."""
        recogniser = self.streams.pop(stream, None)
        heard = recogniser.flush() if recogniser else []
        self.send(kind, stream=stream, heard=[heard_to_json(h) for h in heard])
        if recogniser:
            self.pool.take_back(recogniser)
        del recogniser
        self.pool.slim()
        self.teach()

    def _lend(
        self, *, partials: bool, phrases: Sequence[str] = (), room: bool = True
    ) -> VoskRecogniser:
        """Give a recogniser; the next is made ready if there is `room` for another stream."""
        menu = self.pool.for_menu(phrases)
        if menu is not None:
            return menu
        recogniser = self.pool.lend(partials=partials)
        if room and not self.pool.spare:
            self._add(Urgency.SPARE, Task({"kind": "spare", "stream": ""}))
        return recogniser

    def _read_on(self, task: Task) -> None:
        """Recognise the next piece of a recording, and take the next turn or close it."""
        recording = self.recordings.get(task.stream)
        if recording is None:
            recording = self._open(task)
        pcm = recording.piece()
        if pcm:
            heard = [heard_to_json(h) for h in recording.recogniser.feed(pcm)]
            self.send("fed", stream=task.stream, heard=heard)
            self._add(Urgency.FILE, task)
            return
        self.recordings.pop(task.stream).file.close()
        self.streams[task.stream] = recording.recogniser
        self._finish(task.stream)

    def _open(self, task: Task) -> Recording:
        recogniser = self._lend(partials=False)
        try:
            recording = Recording.opened(task.header["path"], task.header["channel"], recogniser)
        except Exception:
            self.pool.take_back(recogniser)
            raise
        recogniser.resume(0.0)
        self.recordings[task.stream] = recording
        return recording

    def _fail(self, task: Task, error: Exception) -> None:
        """Say what went wrong with one stream, and drop its recogniser, whose state is unknown."""
        self.streams.pop(task.stream, None)
        recording = self.recordings.pop(task.stream, None)
        if recording is not None:
            recording.file.close()
        self.send("failed", stream=task.stream, why=f"{type(error).__name__}: {error}")


def main() -> None:
    """Load the model, say so, and answer until the engine closes the socket."""
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.SIG_IGN)  # meant for the engine, which drains and closes us
    connection = socket.socket(fileno=int(sys.argv[1]))
    settings = WorkerSettings(**json.loads(sys.argv[2]))
    os.nice(settings.niceness)
    try:
        model = VoskModel(Path(settings.model), settings.language)
    except Unloadable as error:
        connection.sendall(pack({"kind": "unloadable", "resident": 0, "why": str(error)}))
        return
    speech = lessons(Path(settings.lessons)) if settings.lessons and model.takes_grammar else b""
    worker = Worker(Pool(model, settings.growth, speech), connection)
    for _ in range(settings.spares):
        worker.pool.prepare()
    worker.send("ready")
    worker.teach()
    for _ in range(settings.threads):
        threading.Thread(target=worker.work, daemon=True).start()
    unpacker = Unpacker()
    while received := connection.recv(1 << 18):
        for header, pcm in unpacker.feed(received):
            worker.receive(header, pcm)
    os._exit(0)  # at once, whatever Vosk is doing in the threads


if __name__ == "__main__":
    main()
