"""Listening along for another language: a worker process is asked what is spoken, at most twice.

Nothing waits for it. A worker that dies, hangs or has too much to do costs looks, and whoever is
not looked at is led as if there were no check.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from twisted.logger import Logger

from asr.frames import BrokenFrame, Header
from asr.language_fit import Judged, SpeechSoFar, judge
from asr.turns import Urgency
from calls.ids import LANGUAGES, Language
from server.engine import Ears
from server.recognition_link import RecognitionLink
from server.recognition_patience import Patience
from server.recognition_values import Link, Words
from server.repeating import Repeating

log = Logger()
WORKER = partial(RecognitionLink, module="server.language_worker")
"""Makes a worker process."""
TICK = 0.5
"""Seconds between two looks at the deadlines."""
State = Literal["loading", "ready", "lost", "unusable"]
STATES: dict[State, Words] = {
    "loading": ("正在加载语种模型", "the model that tells languages is being loaded"),
    "ready": ("语种判断可用", "what language is spoken is told"),
    "lost": ("语种判断进程已退出，即将重启", "the language worker died and will be restarted"),
    "unusable": ("语种模型不能用，不判断语种", "no language is told: the model is unusable"),
}
OFF: dict[str, object] = {
    "state": "off",
    "zh": "没有打开语种判断（recognition.language_model）",
    "en": "languages are not told apart: recognition.language_model is empty",
}
"""What the health page says where no model is named."""


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """How the check is run. Times are seconds."""

    model: Path
    usual: Language
    """Who is listened for in it is looked at; a lane of another was its caller's choice."""
    niceness: int = 10
    """A look may be late by a second; recognition at 5, and voice, may not."""
    waiting: int = 8
    """Looks that may wait for the worker; of more the oldest is let go."""
    answer_within: float = 10.0
    load_within: float = 120.0
    back_off: tuple[float, float] = (1.0, 60.0)
    """Before the first restart, doubled each time up to the second."""


class Look(NamedTuple):
    """Speech of a stream that is to be looked at."""

    stream: str
    seconds: float
    pcm: bytes


Told = Callable[[str, Judged, float], None]
"""Told a stream, what was made of it, and of how many seconds of speech."""


@dataclass(slots=True)
class LanguageCheck:
    """Has the first seconds of citizens' speech looked at; passes all on to the recognisers.

    `told` is called by the reactor, never from within a call of ours; not for looks that
    were lost.
    """

    reactor: Any
    ears: Ears
    settings: CheckSettings
    told: Told
    link: Callable[..., Link] = WORKER
    state: State = "loading"
    why: str = ""
    """Why it is not ready, as far as the state does not say it."""
    looks: int = 0
    """Looks that were answered."""
    lost: int = 0
    restarts: int = 0
    resident: int = 0
    spent: float = 0.0
    """Seconds of processor that all looks took together."""
    _speech: dict[str, SpeechSoFar] = field(default_factory=dict)
    _line: deque[Look] = field(default_factory=deque)
    _asked: Look | None = None
    _since: float = 0.0
    """When the worker was last asked, or started, by the fair clock."""
    _link: Link | None = None
    _generation: int = 0
    _start_at: float | None = None
    _delay: float = 0.0
    _patience: Patience = field(default_factory=Patience)
    _ticking: Repeating = field(init=False)

    def __post_init__(self) -> None:
        self._ticking = Repeating(self.tick, TICK)

    def start(self) -> None:
        """Start the worker; until it is ready looks wait."""
        self._ticking.start(self.reactor)
        self._begin()

    def stop(self) -> None:
        """End the worker; what was not looked at is not."""
        self._ticking.stop()
        self._start_at, link, self._link = None, self._link, None
        if link is not None:
            link.kill("stopped")

    @property
    def worker(self) -> int | None:
        """The worker's process id; None while there is none."""
        return None if self._link is None else self._link.pid

    # --- what the engine hears ---------------------------------------------------------

    def open(
        self,
        stream: str,
        language: Language,
        offset: float,
        urgency: Urgency,
        phrases: tuple[str, ...],
    ) -> bool:
        """Begin a stream; a citizen's free speech in the usual language is looked at."""
        begun = self.ears.open(stream, language, offset, urgency, phrases)
        citizen = "/citizen/" in stream
        if begun and citizen and not phrases and language == self.settings.usual:
            self._speech[stream] = SpeechSoFar()
        return begun

    def hears(self, language: Language) -> bool:
        """Tell whether a stream in a language would be recognised."""
        return self.ears.hears(language)

    def hear(self, stream: str, pcm: bytes) -> None:
        """Take the next sound of a stream; returns at once."""
        self.ears.hear(stream, pcm)
        speech = self._speech.get(stream)
        if speech is None:
            return
        due = speech.hear(pcm)
        if due is not None:
            self._want(Look(stream, speech.seconds, due))
        if speech.over:
            del self._speech[stream]

    def close(self, stream: str) -> None:
        """The stream has had its last sound; a look that waits is still wanted."""
        self.ears.close(stream)
        self._speech.pop(stream, None)

    # --- looks -------------------------------------------------------------------------

    def _want(self, look: Look) -> None:
        if self.state == "unusable":
            self.lost += 1
            return
        self._line.append(look)
        if len(self._line) > self.settings.waiting:
            self._line.popleft()
            self.lost += 1
        self._ask()

    def _ask(self) -> None:
        """Send the next look, if the worker has none."""
        if self.state == "ready" and self._link and self._asked is None and self._line:
            self._asked = look = self._line.popleft()
            self._since = self._fair()
            self._link.send({"kind": "look", "stream": look.stream}, look.pcm)

    def _answered(self, generation: int, header: Header) -> None:
        if generation != self._generation:
            return
        match header["kind"]:
            case "ready":
                self.state, self.why, self.resident = "ready", "", header["resident"]
            case "unloadable":
                self._give_up(header["why"])
            case "told":
                self._take(header)
            case unknown:
                raise BrokenFrame(f"no such answer: {unknown}")
        self._ask()

    def _take(self, header: Header) -> None:
        look, self._asked = self._asked, None
        if look is None or look.stream != header["stream"]:
            raise BrokenFrame(f"told of {header['stream']}, which was not asked for")
        self.looks, self._delay = self.looks + 1, 0.0
        self.resident, self.spent = header["resident"], self.spent + header["spent"]
        judged = judge(header["likely"], LANGUAGES)
        if judged.language is not None:
            self._speech.pop(look.stream, None)
        try:
            self.told(look.stream, judged, look.seconds)
        except Exception:  # a fault of the engine's must not cost the worker
            log.failure("the engine failed on a language that was told")

    # --- the worker --------------------------------------------------------------------

    def _begin(self) -> None:
        self._generation += 1
        self._patience.forget()
        self.state, self._start_at, self._since = "loading", None, self._fair()
        model, nice = str(self.settings.model.absolute()), self.settings.niceness
        try:
            self._link = self.link(
                self.reactor,
                {"model": model, "niceness": nice, "threads": 1},
                partial(self._answered, self._generation),
                partial(self._gone, self._generation),
            )
        except OSError as error:
            self._again(f"could not be started: {error}")

    def tick(self) -> None:
        """Look at the deadlines: a restart, loading, a look that takes too long."""
        now = float(self.reactor.seconds())
        if self._link is not None:
            self._patience.look(self._link.work(), now)
        if self._start_at is not None and now >= self._start_at:
            self._begin()
        elif self._link is not None and self._overdue():
            self._link.kill("hung")

    def _overdue(self) -> bool:
        waited = self._fair() - self._since
        if self.state == "loading":
            return waited > self.settings.load_within
        return self._asked is not None and waited > self.settings.answer_within

    def _fair(self) -> float:
        return self._patience.fair(float(self.reactor.seconds()))

    def _gone(self, generation: int, why: str) -> None:
        if generation == self._generation and self._link is not None:
            self._again(why)

    def _again(self, why: str) -> None:
        """Let go what it had and what waits, which is of the past by then; start another later."""
        log.error("language worker {why}", why=why)
        self._drop()
        self.state, self.why, self.restarts = "lost", why, self.restarts + 1
        first, most = self.settings.back_off
        self._delay = min(most, self._delay * 2) if self._delay else first
        self._start_at = float(self.reactor.seconds()) + self._delay

    def _give_up(self, why: str) -> None:
        """Tell no languages until the engine is started anew."""
        log.error("languages are not told: {why}", why=why)
        self._drop()
        self.state, self.why, self._start_at = "unusable", why, None

    def _drop(self) -> None:
        self.lost += len(self._line) + (self._asked is not None)
        self._line.clear()
        self._asked = self._link = None

    def health(self) -> dict[str, object]:
        """Say how it goes, for people and programs; seconds, bytes."""
        zh, en = STATES[self.state]
        said = {"zh": f"{zh}：{self.why}", "en": f"{en}: {self.why}"}
        names = ("looks", "lost", "restarts", "resident", "spent")
        figures = {name: getattr(self, name) for name in names}
        return {"state": self.state, **(said if self.why else {"zh": zh, "en": en}), **figures}
