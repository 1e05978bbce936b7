"""What spare recognisers hear before callers come, with recognisers that only keep count."""

import socket
import threading
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from asr.recogniser import RATE, SAMPLE, Heard
from asr.vosk import VoskModel
from server.recognition_lessons import ENOUGH, PIECE, lesson_at, lessons
from server.recognition_pool import Pool
from server.recognition_worker import Worker

SPEECH = bytes(range(256)) * 625  # ten seconds
GROWTH = 1 << 40


class Pupil:
    """Stands for a recogniser: counts what it hears, and whether it was left mid-sentence."""

    def __init__(self) -> None:
        self.heard = b""
        self.flushed = True
        self.partials = True
        self.small = False
        self.position = 0.0

    @property
    def seconds(self) -> float:
        return len(self.heard) / (RATE * SAMPLE)

    def feed(self, pcm: bytes) -> list[Heard]:
        self.heard += pcm
        self.flushed = False
        return []

    def flush(self) -> list[Heard]:
        self.flushed = True
        return []

    def resume(self, at: float) -> list[Heard]:
        self.position = at
        return []


class School:
    """A worker whose model makes pupils."""

    def __init__(self, spares: int, speech: bytes = SPEECH) -> None:
        self.pupils: list[Pupil] = []
        self.ours, self.theirs = socket.socketpair()
        self.pool = Pool(cast(VoskModel, self), GROWTH, speech)
        self.worker = Worker(self.pool, self.theirs)
        for _ in range(spares):
            self.pool.prepare()

    def recogniser(self) -> Pupil:
        self.pupils.append(Pupil())
        return self.pupils[-1]

    def lessons(self) -> int:
        """Give lessons until none is wanted; return how many there were."""
        count = 0
        while self.pool.teach():
            count += 1
        return count

    def frame(self, kind: str, **values: Any) -> None:
        turn = {"urgency": 2, "order": 0, "room": True}
        header = {"kind": kind, "stream": "s", "at": 0.0, "phrases": (), **turn}
        self.worker.receive({**header, **values}, bytes(1600))


@pytest.fixture
def school() -> Iterator[School]:
    made = School(2)
    yield made
    made.ours.close()
    made.theirs.close()


def record(path: Path, seconds: float, rate: int = RATE, channels: int = 1) -> bytes:
    pcm = bytes([len(path.stem) % 256]) * (int(seconds * rate) * SAMPLE * channels)
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, SAMPLE, rate, 0, "NONE", ""))
        file.writeframes(pcm)
    return pcm


# --- what is heard


def test_recordings_are_joined_until_there_is_enough(tmp_path: Path) -> None:
    first, second = record(tmp_path / "a.wav", 2.0), record(tmp_path / "bb.wav", 2.0)
    record(tmp_path / "ccc.wav", 2.0)
    assert lessons(tmp_path, 3.0) == first + second[: len(second) // 2]


def test_what_recognisers_are_not_fed_is_passed_over(tmp_path: Path) -> None:
    record(tmp_path / "a.wav", 2.0, rate=16000)
    record(tmp_path / "b.wav", 2.0, channels=2)
    (tmp_path / "c.wav").write_bytes(b"RIFF and no more")
    (tmp_path / "d.wav").mkdir()
    assert lessons(tmp_path) == b""
    assert lessons(tmp_path / "nowhere") == b""
    good = record(tmp_path / "eeeee.wav", 1.0)
    assert lessons(tmp_path) == good


def test_less_than_a_piece_is_no_lesson(tmp_path: Path) -> None:
    record(tmp_path / "a.wav", PIECE - 0.01)
    assert lessons(tmp_path) == b""


def test_a_lesson_goes_on_where_the_last_one_ended_and_begins_anew_at_the_end() -> None:
    assert lesson_at(SPEECH, 1.0) == SPEECH[16000 : 16000 + int(PIECE * 16000)]
    assert lesson_at(SPEECH, 11.0) == lesson_at(SPEECH, 1.0)
    assert lesson_at(SPEECH, 9.75) == SPEECH[-4000:]


# --- who hears it


def test_every_spare_hears_enough_and_none_much_more(school: School) -> None:
    each = (ENOUGH - 1.0) / PIECE  # a second of noise came before
    assert school.lessons() == 2 * each
    assert [pupil.seconds for pupil in school.pupils] == [ENOUGH, ENOUGH]
    assert all(pupil.flushed for pupil in school.pupils), "nothing is left for the next speaker"


def test_one_that_callers_used_needs_no_lesson(school: School) -> None:
    school.pupils[0].heard += SPEECH
    school.lessons()
    assert school.pupils[0].seconds == 11.0
    assert school.pupils[1].seconds == ENOUGH


def test_the_last_spare_is_left_for_whoever_speaks_next() -> None:
    school = School(1)
    assert school.lessons() == 0


def test_without_speech_there_are_no_lessons() -> None:
    school = School(2, speech=b"")
    assert school.lessons() == 0


def test_a_lesson_is_given_to_one_at_a_time(school: School) -> None:
    again: list[bool] = []
    feed = school.pupils[0].feed

    def while_another_thread_asks(pcm: bytes) -> list[Heard]:
        again.append(school.pool.teach())
        return feed(pcm)

    school.pupils[0].feed = while_another_thread_asks  # type: ignore[method-assign]
    assert school.pool.teach()
    assert again == [False]


def test_a_speaker_for_whom_no_other_is_left_gets_the_one_at_its_lesson(school: School) -> None:
    lent: list[Any] = []
    feed = school.pupils[0].feed

    def asked() -> None:
        lent.append(school.pool.lend(partials=True))

    def while_two_come(pcm: bytes) -> list[Heard]:
        asked()
        second.start()
        return feed(pcm)

    second = threading.Thread(target=asked)
    school.pupils[0].feed = while_two_come  # type: ignore[method-assign]
    assert school.pool.teach()
    second.join()
    assert lent == [school.pupils[1], school.pupils[0]]
    assert len(school.pupils) == 2, "none was made anew"


# --- when


def test_lessons_follow_each_other_while_nobody_speaks(school: School) -> None:
    school.worker.teach()
    for _ in range(3):
        school.worker.turn()
    assert sum(pupil.seconds for pupil in school.pupils) == 2.0 + 3 * PIECE


def test_a_caller_goes_before_a_lesson_and_lessons_end_while_they_speak(school: School) -> None:
    school.worker.teach()
    school.frame("feed")
    school.worker.turn()
    assert list(school.worker.streams) == ["s"]
    before = [pupil.seconds for pupil in school.pupils]
    school.worker.turn()  # the lesson that was in line
    school.worker.teach()
    assert [pupil.seconds for pupil in school.pupils] == before
    school.frame("finish")
    school.worker.turn()
    school.worker.turn()
    assert sum(pupil.seconds for pupil in school.pupils) == sum(before) + PIECE, "they go on"


def test_a_recogniser_that_fails_at_a_lesson_is_not_used_again(school: School) -> None:
    def broken(pcm: bytes) -> list[Heard]:
        raise RuntimeError("Failed to process waveform")

    school.pupils[0].feed = broken  # type: ignore[method-assign]
    school.worker.teach()
    school.worker.turn()
    lent = school.pool.lend(partials=True)
    assert cast(Pupil, lent) is school.pupils[1]
    assert not school.pool.spare
