"""Recognition with real worker processes, on a reactor that the test turns by hand."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from twisted.internet.epollreactor import EPollReactor

from asr.recogniser import RATE, SAMPLE, Heard
from calls.ids import LANGUAGES, Language
from server.listening import Listening, Outcome, Settings
from server.recognition_link import RecognitionLink
from server.recognition_values import Link

BLOCK = RATE * SAMPLE // 10
"""What a tap gives at once: 100 ms."""
PATIENCE = 60.0
"""Seconds that a busy machine may need for what takes one."""


class Room:
    """Listening on a reactor of its own, and a notebook of what it said."""

    def __init__(
        self,
        models: Mapping[Language, Path],
        settings: Settings | None = None,
        link: Callable[..., Link] = RecognitionLink,
    ) -> None:
        self.reactor = EPollReactor()
        self.heard: dict[str, list[Heard]] = {}
        self.closed: dict[str, Outcome] = {}
        self.order: list[str] = []
        self.listening = Listening(
            self.reactor, models, settings or Settings(), self.hear, self.close, link=link
        )
        self.reactor.startRunning(installSignalHandlers=False)

    def hear(self, stream: str, heard: Heard) -> None:
        self.heard.setdefault(stream, []).append(heard)

    def close(self, stream: str, outcome: Outcome) -> None:
        assert stream not in self.closed, f"{stream} closed twice"
        self.closed[stream] = outcome
        self.order.append(stream)

    def until(self, true: Callable[[], bool], what: str) -> None:
        """Run the reactor until something is so."""
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, f"waited in vain for {what}: {self.figures()}"
            self.reactor.iterate(0.02)

    def figures(self) -> str:
        """Return how it stands, for a test that failed."""
        states = {language: self.listening.words(language) for language in LANGUAGES}
        return f"{self.closed} {states} {self.listening.figures()}"

    def until_state(self, state: str, language: Language = "zh") -> None:
        self.until(lambda: self.listening.state(language) == state, f"{language} {state}")

    def until_closed(self, *streams: str) -> None:
        self.until(lambda: set(streams) <= set(self.closed), f"the end of {streams}")

    def say(self, stream: str, pcm: bytes, offset: float = 0.0, language: Language = "zh") -> None:
        """Open a stream, speak, and close it."""
        assert self.listening.open(stream, language, offset)
        for begin in range(0, len(pcm), BLOCK):
            self.listening.hear(stream, pcm[begin : begin + BLOCK])
        self.listening.close(stream)

    def words(self, stream: str) -> list[tuple[str, float]]:
        finals = [h for h in self.heard.get(stream, []) if h.final]
        return [(w.text, w.start) for h in finals for w in h.words]

    def pid(self, language: Language = "zh") -> int:
        pid = self.listening.figures()[language].pid
        assert pid is not None
        return pid

    def stop(self) -> None:
        """End it all; no worker outlives the test."""
        pids = [f.pid for f in self.listening.figures().values() if f.pid is not None]
        self.listening.stop()
        self.until(lambda: not any(alive(pid) for pid in pids), "the workers' end")
        self.reactor.fireSystemEvent("shutdown")
        for _ in range(3):
            self.reactor.iterate(0)
        self.reactor.disconnectAll()


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
