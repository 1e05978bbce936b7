"""Many people speaking at once, in real time, through the recognition that calls use.

Each stream says the clips of a folder one after another, beginning at another place in them,
and gives 100 ms every 100 ms. The latency of a partial result is the age of the newest sound
in it when it comes. Streams that were late are done from their recordings afterwards, as the
engine does. With `used` seconds, recognisers have heard so much of the same clips from callers
before, as on any day after its first minutes; else they were only warmed with noise.
"""

import os
import tempfile
import time
import wave
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from twisted.internet.epollreactor import EPollReactor

from asr.recogniser import RATE, SAMPLE, Heard
from calls.ids import Language
from server.listening import Figures, Listening, Outcome, Settings

BLOCK = RATE * SAMPLE // 10
BETWEEN = bytes(RATE * SAMPLE)
"""A second of silence after each clip."""
GROWTH = 2000 << 20
"""As the shipped site has it: `recycle_above`."""
PATIENCE = 600.0
WARM = 12
"""Recognisers that are ready when the first begins to speak, at most."""
IN_TIME = 2.0
"""Seconds that the newest sound of a partial may be old."""


@dataclass(slots=True)
class Speaker:
    """One stream, and what came of it."""

    name: str
    sound: bytes
    begins: float
    fed: int = 0
    partials: list[tuple[float, float]] = field(default_factory=list)
    """When each came, in seconds since the stream began, and how old its newest sound was."""
    finals: int = 0
    late: bool = False
    outcome: Outcome | None = None
    closed: float = 0.0

    def due(self, now: float) -> bytes:
        """Return what was said until now and not given yet."""
        upto = min(int((now - self.begins) * 10) * BLOCK, len(self.sound))
        piece = self.sound[self.fed : max(upto, self.fed)]
        self.fed += len(piece)
        return piece


@dataclass(frozen=True, slots=True)
class Crowd:
    """What came of all streams. Milliseconds, seconds, bytes."""

    language: Language
    streams: int
    seconds: float
    used: float
    """Seconds that each recogniser had heard before."""
    threads: int
    factor: float
    """Seconds of a worker's thread for a second of sound."""
    cpu_factor: float
    """Seconds of CPU that the worker used for a second of sound that it recognised."""
    room: float
    """Streams that the worker can take at this factor."""
    partials: int
    partial_p50: float
    partial_p99: float
    newest_streams: int
    newest_p50: float
    newest_p99: float
    newest_worst: float
    """The oldest sound of any partial of theirs, in seconds; the whole stream's if none came."""
    in_time: int
    """Streams, counted from the newest, up to the first with a partial older than 2 s, or none."""
    without_partials: int
    late: int
    dropped: float
    """Seconds not recognised live."""
    last_words: float
    """Seconds from a stream's end until its last words; the slowest."""
    from_recordings: int
    lost: int
    """Streams whose words did not come, neither live nor from the recording."""
    catching_up: float
    resident: int
    restarts: int
    why: tuple[str, ...]
    """Why streams were not complete, other than for being late."""


class Hall:
    """Turns a reactor by hand: no reactor of the house is named here."""

    def __init__(self, model: Path, language: Language, settings: Settings) -> None:
        self.reactor: Any = EPollReactor()
        self.speakers: dict[str, Speaker] = {}
        self.after: dict[str, Outcome] = {}
        self.language = language
        self.cpu = 0.0
        self.pid = 0
        self.dropped_before = 0.0
        self.listening = Listening(
            self.reactor, {language: model}, settings, self._heard, self._closed
        )
        self.listening.on_late = self._late
        self.reactor.startRunning(installSignalHandlers=False)
        while self.listening.state(language) == "loading":
            self.reactor.iterate(0.05)

    def rehearse(self, sounds: Sequence[bytes]) -> None:
        """Have a recogniser for each sound hear it, and then all be free for others."""
        names = [f"before{number}" for number in range(len(sounds))]
        for name, sound in zip(names, sounds, strict=True):
            self.listening.open(name, self.language, 0.0)
            for begin in range(0, len(sound), len(BETWEEN)):
                self.listening.hear(name, sound[begin : begin + len(BETWEEN)])
                self._until(lambda: not self._figures().waiting)
        for name in names:
            self.listening.close(name)
        self._until(lambda: len(self.after) == len(names))
        self.after.clear()
        self.dropped_before = self._figures().dropped

    def _figures(self) -> Figures:
        return self.listening.figures()[self.language]

    def speak(self, speakers: Sequence[Speaker]) -> None:
        """Let all speak to their ends, in real time."""
        self.speakers = {speaker.name: speaker for speaker in speakers}
        waiting, cpu = list(speakers), self._cpu()
        speaking: list[Speaker] = []
        while waiting or speaking:
            now = time.monotonic()
            while waiting and waiting[0].begins <= now:
                speaking.append(waiting.pop(0))
                self.listening.open(speaking[-1].name, self.language, 0.0)
            for speaker in speaking:
                if piece := speaker.due(now):
                    self.listening.hear(speaker.name, piece)
                if speaker.fed >= len(speaker.sound):
                    speaker.closed = now
                    self.listening.close(speaker.name)
            speaking = [s for s in speaking if not s.closed]
            self.reactor.iterate(0.02)
        self._until(lambda: all(s.outcome for s in speakers))
        self.cpu = self._cpu() - cpu

    def _cpu(self) -> float:
        """Return the seconds of CPU that the worker has used (proc(5), stat)."""
        self.pid = self._figures().pid or self.pid
        try:
            numbers = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            return self.cpu  # it died, or was replaced for its size: `restarts` says
        return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")

    def catch_up(self, folder: Path) -> float:
        """Transcribe the recordings of those whose words are missing; return the seconds."""
        began = time.monotonic()
        owed = [s for s in self.speakers.values() if s.outcome and not s.outcome.complete]
        for speaker in owed:
            wav = _written(folder / f"{speaker.name}.wav", speaker.sound)
            self.listening.transcribe(f"{speaker.name}/late", wav, 0, self.language)
        self._until(lambda: len(self.after) == len(owed))
        return time.monotonic() - began

    def _until(self, true: Any) -> None:
        end = time.monotonic() + PATIENCE
        while not true() and time.monotonic() < end:
            self.reactor.iterate(0.02)

    def _heard(self, stream: str, heard: Heard) -> None:
        speaker = self.speakers.get(stream)
        if speaker is None:
            return
        now = time.monotonic() - speaker.begins
        if heard.final:
            speaker.finals += 1
        else:
            speaker.partials.append((now, now - heard.end))

    def _closed(self, stream: str, outcome: Outcome) -> None:
        speaker = self.speakers.get(stream)
        if speaker is None:
            self.after[stream] = outcome
            return
        speaker.outcome = outcome
        speaker.closed = time.monotonic() - speaker.closed

    def _late(self, stream: str) -> None:
        if stream in self.speakers:
            self.speakers[stream].late = True


@dataclass(frozen=True, slots=True)
class Programme:
    """How many speak, and for how long. Seconds."""

    streams: int
    seconds: float
    used: float = 0.0
    """That each of the recognisers heard before."""


def crowd(model: Path, language: Language, clips: Sequence[bytes], programme: Programme) -> Crowd:
    """Have all speak in real time, one more every fifth of a second."""
    streams, seconds = programme.streams, programme.seconds
    settings = Settings(spares=min(streams, WARM), growth=GROWTH, hang_after=30.0)
    hall = Hall(model, language, settings)
    if programme.used:
        warm = range(min(streams, WARM))
        hall.rehearse([_speech(clips, number + 1, programme.used) for number in warm])
    began = time.monotonic() + 0.5
    speakers = [
        Speaker(f"s{number}", _speech(clips, number, seconds), began + number * 0.2)
        for number in range(streams)
    ]
    hall.speak(speakers)
    figures = hall.listening.figures()[language]
    dropped = figures.dropped - hall.dropped_before
    with tempfile.TemporaryDirectory() as folder:
        catching_up = hall.catch_up(Path(folder))
    hall.listening.stop()
    again = sum(outcome.complete for outcome in hall.after.values())
    return Crowd(
        language=language,
        streams=streams,
        seconds=seconds,
        used=programme.used,
        threads=_threads(settings),
        factor=figures.factor,
        cpu_factor=hall.cpu / max(0.1, streams * seconds - dropped),
        room=_threads(settings) / figures.factor if figures.factor else 0.0,
        late=sum(s.late for s in speakers),
        dropped=dropped,
        last_words=max(s.closed for s in speakers),
        from_recordings=again,
        lost=sum(not (s.outcome and s.outcome.complete) for s in speakers) - again,
        catching_up=catching_up,
        resident=figures.resident,
        restarts=figures.restarts,
        why=_reasons(speakers),
        **_partials(speakers),
    )


def _partials(speakers: Sequence[Speaker]) -> dict[str, Any]:
    """Return the figures of partials; speakers are given oldest first."""
    newest = speakers[-WARM:]
    everything = [age for s in speakers for _, age in s.partials]
    of_newest = [age for s in newest for _, age in s.partials]
    good = (s.partials and _worst(s) <= IN_TIME for s in reversed(speakers))
    return {
        "partials": len(everything),
        "partial_p50": 1000 * _part(everything, 0.5),
        "partial_p99": 1000 * _part(everything, 0.99),
        "newest_streams": len(newest),
        "newest_p50": 1000 * _part(of_newest, 0.5),
        "newest_p99": 1000 * _part(of_newest, 0.99),
        "newest_worst": max(_worst(s) for s in newest),
        "in_time": len(list(takewhile(bool, good))),
        "without_partials": sum(not s.partials for s in speakers),
    }


def table(found: Crowd) -> str:
    """Return the figures for people."""
    return "\n".join(f"  {name:<18} {value}" for name, value in _rounded(found).items())


def _rounded(found: Crowd) -> dict[str, object]:
    values = asdict(found).items()
    return {name: round(v, 3) if isinstance(v, float) else v for name, v in values}


def _threads(settings: Settings) -> int:
    return min(settings.threads, len(os.sched_getaffinity(0)))


def _speech(clips: Sequence[bytes], first: int, seconds: float) -> bytes:
    size, sound = int(seconds * 10) * BLOCK, b""
    while len(sound) < size:
        sound += clips[first % len(clips)] + BETWEEN
        first += 1
    return sound[:size]


def _reasons(speakers: Sequence[Speaker]) -> tuple[str, ...]:
    said = {s.outcome.why for s in speakers if s.outcome}
    return tuple(sorted(why for why in said if why and "dropped" not in why))


def _part(values: Sequence[float], part: float) -> float:
    """Return a quantile; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


def _worst(speaker: Speaker) -> float:
    return max((age for _, age in speaker.partials), default=speaker.fed / (RATE * SAMPLE))


def _written(path: Path, sound: bytes) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(SAMPLE)
        file.setframerate(RATE)
        file.writeframes(sound)
    return path
