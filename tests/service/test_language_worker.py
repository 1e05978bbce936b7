"""The check of the language with real worker processes: played models, wrecks, and a real one.

The real model is no part of the project: HOTLINE_LANGUAGE_MODEL names its folder (Whisper in
CTranslate2's form), and the extra `language` brings the library.
"""

import importlib.util
import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random

import pytest
from twisted.internet.epollreactor import EPollReactor

from asr.language_fit import LOOKS, Judged, judge
from asr.recogniser import RATE, SAMPLE
from asr.turns import Urgency
from asr.whisper import FILES, LanguageModel, Unusable
from calls.ids import LANGUAGES, Language
from server.language_check import WORKER, CheckSettings, LanguageCheck
from server.recognition_link import RecognitionLink
from tests.helpers.recognition_room import PATIENCE, alive
from tests.helpers.speech import sound

PLAYED = partial(RecognitionLink, module="tests.helpers.telling_worker")
MODEL = Path(os.environ.get("HOTLINE_LANGUAGE_MODEL", "/nonexistent"))
needs_model = pytest.mark.skipif(
    importlib.util.find_spec("ctranslate2") is None or not MODEL.is_dir(),
    reason="needs the extra `language` and HOTLINE_LANGUAGE_MODEL",
)


class Nobody:
    """Recognisers that take all and say nothing."""

    def open(
        self,
        stream: str,
        language: Language,
        offset: float,
        urgency: Urgency,
        phrases: tuple[str, ...],
    ) -> bool:
        return True

    def hears(self, language: Language) -> bool:
        return True

    def hear(self, stream: str, pcm: bytes) -> None:
        pass

    def close(self, stream: str) -> None:
        pass


class Room:
    """The check on a reactor of its own, turned by hand."""

    def __init__(self, model: Path, link: Callable[..., RecognitionLink] = PLAYED) -> None:
        self.reactor = EPollReactor()
        self.told: dict[str, Judged] = {}
        settings = CheckSettings(model, "zh", answer_within=3.0, back_off=(0.1, 0.1))
        self.check = LanguageCheck(self.reactor, Nobody(), settings, self.tell, link)
        self.reactor.startRunning(installSignalHandlers=False)
        self.pids: set[int] = set()
        self.check.start()

    def tell(self, stream: str, judged: Judged, seconds: float) -> None:
        self.told[stream] = judged

    def until(self, true: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, f"waited in vain for {what}: {self.check.health()}"
            self.reactor.iterate(0.02)

    def until_state(self, state: str) -> None:
        self.until(lambda: self.check.state == state, state)

    def say(self, stream: str, pcm: bytes) -> None:
        assert self.check.open(stream, "zh", 0.0, Urgency.LIVE, ())
        for at in range(0, len(pcm), RATE * SAMPLE // 10):
            self.check.hear(stream, pcm[at : at + RATE * SAMPLE // 10])
        self.check.close(stream)

    def pid(self) -> int:
        assert self.check.worker is not None
        return self.check.worker

    def stop(self) -> None:
        pid = self.check.worker
        self.check.stop()
        self.until(lambda: pid is None or not alive(pid), "the worker's end")
        self.reactor.fireSystemEvent("shutdown")
        for _ in range(3):
            self.reactor.iterate(0)
        self.reactor.disconnectAll()


Rooms = Callable[..., Room]


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    opened: list[Room] = []

    def room(*arguments: object) -> Room:
        opened.append(Room(*arguments))  # type: ignore[arg-type]  # passed on as they are
        return opened[-1]

    yield room
    for each in opened:
        each.stop()


def voice(peak: int, seconds: float = LOOKS[0] + 0.2) -> bytes:
    wave = peak.to_bytes(2, "little", signed=True) + (-peak).to_bytes(2, "little", signed=True)
    return wave * round(seconds * RATE / 2)


def test_what_is_spoken_is_told_by_a_process_of_its_own(rooms: Rooms, tmp_path: Path) -> None:
    room = rooms(tmp_path)
    room.say("c-1/citizen/1", voice(5000))
    room.say("c-2/citizen/1", voice(15000))
    room.until(lambda: len(room.told) == 2, "both")
    assert [room.told[f"c-{n}/citizen/1"].language for n in (1, 2)] == ["en", "ko"]
    assert room.check.health()["resident"] and room.pid() != os.getpid()


@pytest.mark.parametrize(("peak", "how"), [(32767, "SIGABRT"), (12345, "hung")])
def test_a_model_that_aborts_or_hangs_costs_its_look_and_no_other(
    rooms: Rooms, tmp_path: Path, peak: int, how: str
) -> None:
    room = rooms(tmp_path)
    room.until_state("ready")
    room.say("c-1/citizen/1", voice(peak))
    room.until_state("lost")
    assert how in room.check.why
    room.until_state("ready")
    room.say("c-2/citizen/1", voice(5000))
    room.until(lambda: "c-2/citizen/1" in room.told, "the next one")
    assert "c-1/citizen/1" not in room.told
    assert (room.check.lost, room.check.restarts) == (1, 1)


def test_without_a_model_the_real_worker_says_so_and_ends(rooms: Rooms, tmp_path: Path) -> None:
    room = rooms(tmp_path / "none", WORKER)
    room.until_state("unusable")
    assert "model.bin" in room.check.why


def test_a_folder_that_is_no_model_is_refused_with_the_reason(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_text("{}")
    with pytest.raises(Unusable):
        LanguageModel(tmp_path)


def test_an_empty_file_is_a_missing_one(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(Unusable, match=r"lacks model\.bin, config\.json"):
        LanguageModel(tmp_path)


@needs_model
@pytest.mark.parametrize("language", ["zh", "en", "ja"])
def test_the_shipped_prompts_are_told_by_their_language(rooms: Rooms, language: Language) -> None:
    room = rooms(MODEL, WORKER)
    room.say("c-1/citizen/1", sound(f"{language}/say_matter"))
    room.until(lambda: "c-1/citizen/1" in room.told, "the language")
    assert room.told["c-1/citizen/1"].language == language


@needs_model
@pytest.mark.parametrize("kind", ["noise", "music", "tone"])
def test_what_is_no_speech_is_not_taken_for_another_language(kind: str) -> None:
    noise = Random(3)
    samples = (noise.randint(-3000, 3000) for _ in range(4 * RATE))
    made = {
        "noise": b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples),
        "music": sound("tones/music")[: 4 * RATE * SAMPLE],
        "tone": voice(6000, 4.0),
    }
    assert judge(LanguageModel(MODEL).tell(made[kind]), LANGUAGES).language in (None, "zh")
