"""More speech than recognition can take: who is heard, who is late, and that it is said."""

from pathlib import Path

import pytest

from asr.turns import Urgency
from server.listening import Outcome, Settings
from tests.helpers.recognition import SECOND, Desk, ready, said


def crowded(model: Path) -> tuple[Desk, list[str]]:
    """Return a desk whose stream `s` was given sound that the worker does not come to."""
    desk = ready(model, Settings(threads=1, late_after=5.0, late_keeps=2.0))
    told: list[str] = []
    desk.listening.on_late = told.append
    desk.listening.open("s", "zh", 0.0)
    for _ in range(6):
        desk.listening.hear("s", SECOND)
        desk.run(1.0)
    return desk, told


def test_the_newest_caller_goes_first_and_each_kind_of_speech_in_its_place(model: Path) -> None:
    desk = ready(model)
    for name, urgency in (("old", Urgency.LIVE), ("new", Urgency.LIVE), ("menu", Urgency.MENU)):
        desk.listening.open(name, "zh", 0.0, urgency)
        desk.listening.hear(name, SECOND)
    turns = {f["stream"]: (f["urgency"], f["order"]) for f in desk.link.sent}
    assert sorted(turns, key=lambda name: turns[name]) == ["menu", "new", "old"]


def test_a_stream_whose_turn_does_not_come_is_put_aside_and_it_is_said_once(model: Path) -> None:
    desk, told = crowded(model)
    assert desk.link.sent[-1] == {"kind": "rest", "stream": "s", "seconds": 0.0}
    desk.link.answer("rested", stream="s", heard=[])
    for _ in range(6):
        desk.listening.hear("s", SECOND)
        desk.run(1.0)
    assert told == ["s"]
    assert [f["kind"] for f in desk.link.sent] == ["feed", "rest", "feed", "rest"]


def test_a_late_stream_keeps_its_newest_sound_and_goes_on_from_there(model: Path) -> None:
    desk, _ = crowded(model)
    desk.link.answer("rested", stream="s", heard=[])
    assert desk.link.sent[-1]["at"] == 4.0, "of six seconds two were kept"
    desk.link.fed("s", said("停水"))
    desk.link.fed("s")
    assert desk.listening.figures()["zh"].late == 0
    desk.listening.close("s")
    desk.link.answer("closed", stream="s", heard=[])
    assert desk.closed == {"s": Outcome(False, "4.0 s of sound dropped", 4.0)}
    assert desk.heard == [("s", "停水")]


def test_a_late_stream_that_closes_does_not_keep_others_waiting_with_what_it_still_had(
    model: Path,
) -> None:
    desk, _ = crowded(model)
    desk.listening.hear("s", SECOND)
    sent = len(desk.link.sent)
    desk.listening.close("s")
    assert len(desk.link.sent) == sent, "not forward: its recording will be done"
    desk.link.answer("rested", stream="s", heard=[])
    assert desk.link.sent[-1] == {"kind": "finish", "stream": "s", "seconds": 0.0}
    desk.link.answer("closed", stream="s", heard=[])
    assert desk.closed == {"s": Outcome(False, "7.0 s of sound dropped", 7.0)}


def test_the_words_of_the_state_say_how_many_are_late(model: Path) -> None:
    desk, _ = crowded(model)
    assert "1" in desk.listening.words("zh")[1]
    assert desk.listening.words("zh")[1].startswith("recognition is ready; too much to hear")
    desk.link.answer("rested", stream="s", heard=[])
    desk.link.fed("s")
    desk.link.fed("s")
    assert desk.listening.words("zh")[1] == "recognition is ready"


def test_a_late_stream_that_ends_is_not_left_waiting_behind_the_others(model: Path) -> None:
    desk, _ = crowded(model)
    desk.link.answer("rested", stream="s", heard=[])
    for _ in range(2):
        desk.listening.hear("s", SECOND)
    desk.listening.close("s")
    assert [frame["kind"] for frame in desk.link.sent[-2:]] == ["feed", "rest"]


def test_the_factor_is_measured_and_no_recording_is_begun_under_load(model: Path) -> None:
    desk = ready(model, Settings(threads=1))
    desk.listening.open("s", "zh", 0.0)
    for _ in range(400):
        desk.listening.hear("s", SECOND)
        desk.link.answer("fed", stream="s", heard=[], spent=0.9)
    figures = desk.listening.figures()["zh"]
    assert figures.factor == pytest.approx(0.9, abs=0.01)
    assert figures.load == pytest.approx(0.9, abs=0.01)
    desk.listening.transcribe("job", Path("/a.wav"), 0, "zh")
    desk.run(2.0)
    assert "file" not in [f["kind"] for f in desk.link.sent]
    desk.listening.close("s")
    desk.link.answer("closed", stream="s", heard=[])
    desk.run(1.0)
    assert desk.link.sent[-1]["kind"] == "file"
