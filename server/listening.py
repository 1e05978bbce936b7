"""Recognition, as the engine sees it: streams in, words out, nothing on the reactor's time."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from asr.recogniser import Heard
from asr.turns import Urgency
from calls.ids import Language
from server.recognition_ear import Ear
from server.recognition_jobs import Job
from server.recognition_link import RecognitionLink
from server.recognition_values import Figures, House, Link, Outcome, Settings, State, Words
from server.repeating import Repeating

__all__ = ["STATE_WORDS", "Figures", "Listening", "Outcome", "Settings", "State", "load_words"]

STATE_WORDS: dict[State, Words] = {
    "ready": ("语音识别可用", "recognition is ready"),
    "loading": ("正在加载语音模型", "the speech model is being loaded"),
    "missing": ("没有语音模型，通话只录音", "there is no speech model; calls are only recorded"),
    "corrupt": (
        "语音模型不能用，通话只录音",
        "the speech model is unusable; calls are only recorded",
    ),
    "lost": ("识别进程已退出，即将重启", "the recognition worker died and will be restarted"),
}
BEHIND = (
    "；来不及全部实时转写，{late} 路改为事后按录音补转",
    "; too much to hear: {late} streams will be done from their recordings",
)
TICK = 0.5
"""Seconds between two looks at the deadlines."""


def load_words(figures: Figures) -> dict[str, object]:
    """Return what the health page shows of one language's work; seconds, bytes."""
    named = ("streams", "waiting", "late", "factor", "load", "dropped", "jobs", "resident", "where")
    return {name: getattr(figures, name) for name in named}


class Listening:
    """The engine's recognition: a worker process a language, started when there is a model.

    Every stream that was opened, and every job, comes back exactly once through
    `on_closed`, after all its words came through `on_heard`. Both run on the reactor's
    thread, and but for `stop` never from within a call of ours. Sound for a stream that is
    closed or unknown is let fall.
    """

    def __init__(
        self,
        reactor: Any,
        models: Mapping[Language, Path],
        settings: Settings,
        on_heard: Callable[[str, Heard], None],
        on_closed: Callable[[str, Outcome], None],
        *,
        link: Callable[..., Link] = RecognitionLink,
    ) -> None:
        self._on_closed = on_closed
        self._of: dict[str, Ear] = {}
        """The ear of each stream and job that has not come back."""
        self._reactor = reactor
        self._house = House(reactor, settings, on_heard, self._closed, self._late, link)
        self.on_late: Callable[[str], None] = lambda _: None
        """Told once of each stream whose words will not all come while it lasts."""
        self._ears: dict[Language, Ear] = {}
        self._ticking = Repeating(self._tick, TICK)
        for language, path in models.items():
            self.add(language, path)

    def add(self, language: Language, model: Path | None) -> None:
        """Begin to recognise a language, now that there is a model of it, or a farm for it."""
        assert language not in self._ears, f"{language} is recognised already"
        if not self._ears:
            self._ticking.start(self._reactor)
        self._ears[language] = ear = Ear(self._house, language, model)
        ear.begin()

    def give_model(self, language: Language, model: Path) -> None:
        """Take note of a model for a language that only a farm recognised: it may stand in."""
        ear = self._ears[language]
        ear.model = ear.model or model

    def state(self, language: Language) -> State:
        """Return how a language's recognition is."""
        ear = self._ears.get(language)
        return ear.state if ear else "missing"

    def hears(self, language: Language) -> bool:
        """Tell whether a stream in a language would be heard, at once or a little later."""
        return self.state(language) not in ("missing", "corrupt")

    def words(self, language: Language) -> Words:
        """Return the state for people, in Chinese and in English, with what is known of why."""
        zh, en = STATE_WORDS[self.state(language)]
        ear = self._ears.get(language)
        if ear is None:
            return zh, en
        if late := ear.figures().late:
            return zh + BEHIND[0].format(late=late), en + BEHIND[1].format(late=late)
        if not ear.detail[1]:
            return zh, en
        return f"{zh}：{ear.detail[0]}", f"{en}: {ear.detail[1]}"

    def figures(self) -> dict[Language, Figures]:
        """Return each language's figures, for the health page."""
        return {language: ear.figures() for language, ear in self._ears.items()}

    def open(
        self,
        stream: str,
        language: Language,
        offset: float,
        urgency: Urgency = Urgency.LIVE,
        phrases: tuple[str, ...] = (),
    ) -> bool:
        """Begin a stream whose first sound is at `offset` seconds of the recording.

        With `phrases` only these are listened for, as far as the model has their words.

        False when there is no usable model: then nothing more will be heard of the stream.
        While the worker loads or restarts, sound waits for it.
        """
        if not self.hears(language):
            return False
        ear = self._ears[language]
        self._claim(stream, ear)
        ear.open(stream, offset, urgency, phrases)
        return True

    def hear(self, stream: str, pcm: bytes) -> None:
        """Take the next sound of a stream; returns at once."""
        if (ear := self._of.get(stream)) is not None:
            ear.hear(stream, pcm)

    def close(self, stream: str) -> None:
        """The stream has had its last sound: its last words come, and then `on_closed`."""
        if (ear := self._of.get(stream)) is not None:
            ear.close(stream)

    def transcribe(self, job: str, wav: Path, channel: int, language: Language) -> None:
        """Recognise one channel of a recording, whenever no live stream needs the worker."""
        ear = self._ears.get(language)
        if ear is None:
            missing = Outcome(False, STATE_WORDS["missing"][1], 0.0)
            self._reactor.callLater(0, self._on_closed, job, missing)
            return
        self._claim(job, ear)
        ear.transcribe(Job(job, wav, channel))

    def stop(self) -> None:
        """End the workers; what is unfinished closes now, as not complete."""
        self._ticking.stop()
        for ear in self._ears.values():
            ear.stop()

    def _claim(self, name: str, ear: Ear) -> None:
        if name in self._of:
            raise ValueError(f"{name} is open already")
        self._of[name] = ear

    def _closed(self, name: str, outcome: Outcome) -> None:
        del self._of[name]
        self._on_closed(name, outcome)

    def _late(self, name: str) -> None:
        self.on_late(name)

    def _tick(self) -> None:
        for ear in self._ears.values():
            ear.tick()
