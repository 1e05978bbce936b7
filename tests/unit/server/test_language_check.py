"""The check of the language from the engine's side, with a worker that does what the test says."""

from typing import Any

import pytest
from twisted.internet.task import Clock

from asr.frames import BrokenFrame
from asr.language_fit import LOOKS, Judged
from asr.turns import Urgency
from calls.ids import Language
from server.language_check import TICK, CheckSettings, LanguageCheck
from server.recognition_patience import Work
from tests.helpers.recognition import FakeLink
from tests.unit.asr.test_language_fit import sound

ENGLISH = {"en": 0.95, "zh": 0.02}
UNSURE = {"en": 0.5, "zh": 0.5}


class Recognisers:
    """What recognises beside the check: keeps count."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.able = True

    def open(
        self,
        stream: str,
        language: Language,
        offset: float,
        urgency: Urgency,
        phrases: tuple[str, ...],
    ) -> bool:
        self.did.append(f"open {stream} {language}")
        return self.able

    def hears(self, language: Language) -> bool:
        return self.able

    def hear(self, stream: str, pcm: bytes) -> None:
        self.did.append(f"hear {stream} {len(pcm)}")

    def close(self, stream: str) -> None:
        self.did.append(f"close {stream}")


class Desk:
    """The check, a clock, and a notebook."""

    def __init__(self, tmp_path: Any, **settings: Any) -> None:
        self.clock, self.ears = Clock(), Recognisers()
        self.links: list[FakeLink] = []
        self.told: list[tuple[str, Judged, float]] = []
        link = type("Link", (FakeLink,), {"made": self.links})
        self.check = LanguageCheck(
            self.clock,
            self.ears,
            CheckSettings(tmp_path, "zh", **settings),
            lambda *told: self.told.append(told),
            link,
        )
        self.check.start()

    @property
    def link(self) -> FakeLink:
        return self.links[-1]

    def open(self, stream: str, language: Language = "zh", phrases: tuple[str, ...] = ()) -> bool:
        return self.check.open(stream, language, 0.0, Urgency.LIVE, phrases)

    def says(self, stream: str, seconds: float = LOOKS[0] + 0.2) -> None:
        self.open(stream)
        for _ in range(round(seconds * 10)):
            self.check.hear(stream, sound(0.1))

    def answers(self, stream: str, likely: dict[str, float] = ENGLISH) -> None:
        self.link.answer("told", stream=stream, likely=likely, spent=0.07)

    def looks(self) -> list[str]:
        return [frame["stream"] for link in self.links for frame in link.sent]

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK)):
            self.clock.advance(TICK)


@pytest.fixture
def desk(tmp_path: Any) -> Desk:
    desk = Desk(tmp_path)
    desk.link.answer("ready")
    return desk


def test_speech_is_looked_at_once_there_is_enough_and_the_engine_is_told(desk: Desk) -> None:
    desk.says("c-1/citizen/1")
    assert [frame["kind"] for frame in desk.link.sent] == ["look"]
    assert desk.link.sent[0]["seconds"] == pytest.approx(LOOKS[0], abs=0.11)
    desk.answers("c-1/citizen/1")
    ((stream, judged, seconds),) = desk.told
    assert (stream, judged.language) == ("c-1/citizen/1", "en")
    assert seconds == pytest.approx(LOOKS[0], abs=0.11)


def test_one_who_is_sure_is_not_looked_at_again_and_one_who_is_not_once_more(desk: Desk) -> None:
    for stream, likely in (("c-1/citizen/1", ENGLISH), ("c-2/citizen/1", UNSURE)):
        desk.says(stream)
        desk.answers(stream, likely)
        for _ in range(100):
            desk.check.hear(stream, sound(0.1))
    assert desk.looks() == ["c-1/citizen/1", "c-2/citizen/1", "c-2/citizen/1"]
    assert [judged.language for _, judged, _ in desk.told] == ["en", None]


@pytest.mark.parametrize(
    ("stream", "language", "phrases"),
    [
        ("c-1/agent/1", "zh", ()),  # agents speak what they speak
        ("c-1/citizen/1", "en", ()),  # chose that lane
        ("c-1/citizen/1", "zh", ("是", "不是")),  # a menu's words are too short
    ],
)
def test_others_are_not_looked_at(
    desk: Desk, stream: str, language: Language, phrases: tuple[str, ...]
) -> None:
    desk.open(stream, language, phrases)
    for _ in range(100):
        desk.check.hear(stream, sound(0.1))
    assert desk.looks() == []
    assert len(desk.ears.did) == 101


def test_all_that_is_heard_goes_on_to_the_recognisers(desk: Desk) -> None:
    assert desk.open("c-1/citizen/1") and desk.check.hears("zh")
    desk.check.hear("c-1/citizen/1", b"\0" * 1600)
    desk.check.close("c-1/citizen/1")
    assert desk.ears.did == [
        "open c-1/citizen/1 zh",
        "hear c-1/citizen/1 1600",
        "close c-1/citizen/1",
    ]


def test_whom_nobody_recognises_nobody_looks_at(desk: Desk) -> None:
    desk.ears.able = False
    assert not desk.open("c-1/citizen/1") and not desk.check.hears("zh")
    for _ in range(100):
        desk.check.hear("c-1/citizen/1", sound(0.1))
    assert desk.looks() == []


def test_the_worker_has_one_look_at_a_time_and_of_too_many_the_oldest_go(tmp_path: Any) -> None:
    desk = Desk(tmp_path, waiting=2)
    desk.link.answer("ready")
    for number in range(5):
        desk.says(f"c-{number}/citizen/1")
    assert desk.looks() == ["c-0/citizen/1"]
    for stream in ("c-0/citizen/1", "c-3/citizen/1", "c-4/citizen/1"):
        desk.answers(stream)
    assert desk.looks() == ["c-0/citizen/1", "c-3/citizen/1", "c-4/citizen/1"]
    assert (desk.check.looks, desk.check.lost) == (3, 2)


def test_looks_wait_until_the_model_is_loaded(tmp_path: Any) -> None:
    desk = Desk(tmp_path)
    desk.says("c-1/citizen/1")
    assert desk.looks() == [] and desk.check.health()["state"] == "loading"
    desk.link.answer("ready")
    assert desk.looks() == ["c-1/citizen/1"]


def test_a_worker_that_dies_costs_its_looks_and_another_comes_later_each_time(desk: Desk) -> None:
    desk.says("c-1/citizen/1")
    desk.link.gone("killed by SIGSEGV")
    health = desk.check.health()
    assert (health["state"], health["lost"], health["restarts"]) == ("lost", 1, 1)
    assert "SIGSEGV" in str(health["en"])
    desk.run(1.0)
    assert len(desk.links) == 2
    desk.link.gone("killed by SIGSEGV")
    desk.run(1.5)
    assert len(desk.links) == 2
    desk.run(0.5)
    assert len(desk.links) == 3
    desk.link.answer("ready")
    desk.says("c-2/citizen/1")
    desk.answers("c-2/citizen/1")
    assert [stream for stream, _, _ in desk.told] == ["c-2/citizen/1"]
    assert desk.check.health()["state"] == "ready"


def test_a_worker_that_hangs_is_killed_and_one_that_is_starved_is_waited_for(desk: Desk) -> None:
    desk.says("c-1/citizen/1")
    desk.link.done = Work(1.0, wants=True)
    desk.run(60.0)
    assert desk.link.killed is None
    desk.link.done = Work(1.0, wants=False)
    desk.run(12.0)
    assert desk.links[0].killed == "hung"
    desk.run(2.0)
    assert len(desk.links) == 2 and desk.check.lost == 1


def test_a_worker_that_never_is_ready_is_replaced(tmp_path: Any) -> None:
    desk = Desk(tmp_path, load_within=5.0)
    desk.run(5.5)
    assert desk.link.killed == "hung"


def test_without_a_usable_model_nobody_is_looked_at_and_it_is_said(tmp_path: Any) -> None:
    desk = Desk(tmp_path)
    desk.says("c-0/citizen/1")
    desk.link.answer("unloadable", why="models/whisper lacks model.bin")
    desk.link.gone("exit 0")
    desk.says("c-1/citizen/1")
    desk.run(600.0)
    health = desk.check.health()
    assert (len(desk.links), desk.looks(), desk.told) == (1, [], [])
    assert (health["state"], health["lost"]) == ("unusable", 2)
    assert "lacks model.bin" in str(health["en"]) and "lacks model.bin" in str(health["zh"])


def test_a_machine_that_gives_no_process_is_asked_again(tmp_path: Any) -> None:
    def refuses(*_: object) -> FakeLink:
        raise OSError("no more processes")

    desk = Desk(tmp_path)
    desk.check.link, wanted = refuses, desk.check.link
    desk.link.gone("killed")
    desk.run(1.0)
    assert desk.check.health()["state"] == "lost"
    desk.check.link = wanted
    desk.run(2.0)
    desk.link.answer("ready")
    assert desk.check.health()["state"] == "ready"


def test_a_fault_of_the_engines_costs_one_look(desk: Desk) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("broken")

    desk.check.told, told = fails, desk.check.told
    desk.says("c-1/citizen/1")
    desk.answers("c-1/citizen/1")
    desk.check.told = told
    desk.says("c-2/citizen/1")
    desk.answers("c-2/citizen/1")
    assert len(desk.told) == 1


@pytest.mark.parametrize(("kind", "stream"), [("told", "c-9/citizen/1"), ("sung", "c-1/citizen/1")])
def test_nonsense_of_a_worker_is_refused(desk: Desk, kind: str, stream: str) -> None:
    desk.says("c-1/citizen/1")
    with pytest.raises(BrokenFrame):
        desk.link.answer(kind, stream=stream, likely=ENGLISH, spent=0.1)


def test_a_stopped_check_has_no_worker_and_starts_none(desk: Desk) -> None:
    desk.says("c-1/citizen/1")
    desk.check.stop()
    assert desk.link.killed == "stopped"
    desk.run(60.0)
    assert len(desk.links) == 1 and desk.clock.getDelayedCalls() == []
