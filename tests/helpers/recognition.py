"""Recognition with a worker that does only what the test says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, cast

from twisted.internet.task import Clock

from asr.frames import heard_to_json
from asr.recogniser import RATE, SAMPLE, Heard, utterance
from calls.events import Word
from calls.ids import Language
from server.listening import TICK, Listening, Outcome, Settings
from server.recognition_patience import Work

SECOND = bytes(RATE * SAMPLE)


class FakeLink:
    """A worker's line: keeps what was sent, says what the test wants said."""

    made: ClassVar[list["FakeLink"]]

    def __init__(
        self,
        reactor: Any,
        settings: dict[str, object],
        on_frame: Callable[[dict[str, Any]], None],
        on_gone: Callable[[str], None],
    ) -> None:
        self.settings = settings
        self.answer_with = on_frame
        self.gone = on_gone
        self.reactor = reactor
        self.sent: list[dict[str, Any]] = []
        self.killed: str | None = None
        self.pid = 1000 + len(self.made)
        self.done: Work | None = None
        self.outdated = False
        self.threads = cast(int, settings["threads"])
        self.where = "local"
        self.made.append(self)

    def work(self) -> Work | None:
        return self.done

    def send(self, header: dict[str, Any], body: bytes = b"") -> None:
        self.sent.append({**header, "seconds": len(body) / len(SECOND)})

    def kill(self, why: str) -> None:
        if self.killed is None:
            self.killed = why
            self.reactor.callLater(0.02, self.gone, why)

    def answer(self, kind: str, resident: int = 1000, **values: object) -> None:
        self.answer_with({"kind": kind, "resident": resident, **values})

    def fed(self, stream: str, *heard: Heard) -> None:
        self.answer("fed", stream=stream, heard=[heard_to_json(h) for h in heard])


class Desk:
    """Listening with one language, a clock, and a notebook."""

    def __init__(self, model: Path, settings: Settings | None = None) -> None:
        self.clock = Clock()
        self.links: list[FakeLink] = []
        self.heard: list[tuple[str, str]] = []
        self.closed: dict[str, Outcome] = {}
        link = type("Link", (FakeLink,), {"made": self.links})
        models: dict[Language, Path] = {"zh": model}
        self.listening = Listening(
            self.clock, models, settings or Settings(), self.hear, self.close, link=link
        )

    def hear(self, stream: str, heard: Heard) -> None:
        assert stream not in self.closed, "words after the end"
        self.heard.append((stream, heard.text))

    def close(self, stream: str, outcome: Outcome) -> None:
        assert stream not in self.closed, "closed twice"
        self.closed[stream] = outcome

    @property
    def link(self) -> FakeLink:
        return self.links[-1]

    def run(self, seconds: float) -> None:
        """Let time pass, tick by tick."""
        end = self.clock.seconds() + seconds
        while self.clock.seconds() < end - 1e-9:
            self.clock.advance(min(TICK / 5, end - self.clock.seconds()))

    @property
    def state(self) -> str:
        return self.listening.state("zh")


def ready(model: Path, settings: Settings | None = None) -> Desk:
    desk = Desk(model, settings)
    desk.link.answer("ready")
    return desk


def said(text: str, *, final: bool = True) -> Heard:
    if final:
        return utterance((Word(text, 0.0, 1.0, 1.0),), "zh")
    return Heard(text, 0.0, 1.0, 0.0, (), final=False)
