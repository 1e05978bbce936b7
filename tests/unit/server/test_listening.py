"""The engine's side of recognition, with a worker that does only what the test says."""

from pathlib import Path
from typing import Any, ClassVar

import pytest
from twisted.internet.task import Clock

from asr.frames import BrokenFrame, heard_to_json
from asr.turns import Urgency
from server.listening import TICK, Listening, Outcome, Settings
from tests.helpers.recognition import SECOND, Desk, FakeLink, ready, said

# --- one stream


def test_a_stream_has_one_piece_with_the_worker_at_a_time(model: Path) -> None:
    desk = ready(model)
    assert desk.listening.open("s", "zh", 5.0)
    for _ in range(3):
        desk.listening.hear("s", SECOND)
    assert [(f["kind"], f["at"], f["seconds"]) for f in desk.link.sent] == [("feed", 5.0, 1.0)]
    desk.link.fed("s")
    desk.link.fed("s")
    assert [f["at"] for f in desk.link.sent] == [5.0, 6.0, 7.0]


def test_the_last_words_come_before_the_end(model: Path) -> None:
    desk = ready(model)
    desk.listening.open("s", "zh", 0.0)
    desk.listening.hear("s", SECOND + SECOND)
    desk.listening.close("s")
    assert [f["kind"] for f in desk.link.sent] == ["feed", "hurry"]
    desk.link.fed("s", said("路灯"))
    assert desk.link.sent[2]["urgency"] == Urgency.CLOSING
    desk.link.fed("s")
    assert desk.link.sent[3]["kind"] == "finish"
    desk.link.answer("closed", stream="s", heard=[heard_to_json(said("坏了"))])
    assert desk.heard == [("s", "路灯"), ("s", "坏了")]
    assert desk.closed == {"s": Outcome(True, "", 0.0)}


def test_a_closed_stream_takes_no_more_sound(model: Path) -> None:
    desk = ready(model)
    desk.listening.open("s", "zh", 0.0)
    desk.listening.close("s")
    desk.listening.hear("s", SECOND)
    desk.listening.close("s")
    desk.listening.hear("nobody", SECOND)
    assert [f["kind"] for f in desk.link.sent] == ["finish"]


def test_a_name_in_use_is_not_given_twice(model: Path) -> None:
    desk = ready(model)
    desk.listening.open("s", "zh", 0.0)
    with pytest.raises(ValueError, match="open already"):
        desk.listening.open("s", "zh", 0.0)


def test_partial_results_keep_their_distance_and_final_ones_come_always(model: Path) -> None:
    desk = ready(model, Settings(partial_every=0.3))
    desk.listening.open("s", "zh", 0.0)
    desk.link.fed("s", said("一", final=False))
    desk.run(0.2)
    desk.link.fed("s", said("二", final=False), said("三"))
    desk.run(0.2)
    desk.link.fed("s", said("四", final=False))
    assert [text for _, text in desk.heard] == ["一", "三", "四"]


def test_what_cannot_wait_any_longer_is_dropped_and_said(model: Path) -> None:
    desk = Desk(model, Settings(backlog=2.0))
    desk.listening.open("s", "zh", 0.0)
    for _ in range(5):
        desk.listening.hear("s", SECOND)
    desk.listening.close("s")
    assert desk.listening.figures()["zh"].dropped == 3.0
    desk.link.answer("ready")
    assert desk.link.sent[0]["at"] == 3.0
    for _ in range(2):
        desk.link.fed("s")
    desk.link.answer("closed", stream="s", heard=[])
    assert desk.closed == {"s": Outcome(False, "3.0 s of sound dropped", 3.0)}


def test_one_stream_that_fails_leaves_the_others_alone(model: Path) -> None:
    desk = ready(model)
    for name in ("a", "b"):
        desk.listening.open(name, "zh", 0.0)
        desk.listening.hear(name, SECOND)
    desk.link.answer("failed", stream="a", why="Failed to process waveform")
    assert desk.closed == {"a": Outcome(False, "Failed to process waveform", 0.0)}
    assert desk.state == "ready"
    desk.link.fed("b", said("好"))
    assert desk.heard == [("b", "好")]


def test_a_fault_of_the_engine_does_not_cost_the_worker(model: Path) -> None:
    desk = ready(model)
    desk.listening.open("s", "zh", 0.0)
    desk.closed["s"] = Outcome(True, "", 0.0)  # so that `hear` fails its assertion
    desk.link.fed("s", said("路灯"))
    assert desk.state == "ready" and desk.link.killed is None


def test_an_answer_that_is_none_is_not_passed_over(model: Path) -> None:
    desk = ready(model)
    with pytest.raises(BrokenFrame):
        desk.link.answer("sing", stream="s")


# --- recordings


def test_recordings_are_given_to_the_worker_one_by_one(model: Path) -> None:
    desk = ready(model, Settings(threads=1))
    desk.listening.transcribe("j1", Path("/recordings/a.wav"), 0, "zh")
    desk.listening.transcribe("j2", Path("/recordings/a.wav"), 1, "zh")
    assert [(f["stream"], f["channel"]) for f in desk.link.sent] == [("j1", 0)]
    desk.link.fed("j1", said("停水"))
    desk.link.answer("closed", stream="j1", heard=[])
    assert desk.closed == {"j1": Outcome(True, "", 0.0)}
    assert [(f["stream"], f["channel"]) for f in desk.link.sent] == [("j1", 0), ("j2", 1)]
    desk.link.answer("failed", stream="j2", why="wave.Error: not a WAVE file")
    assert desk.closed["j2"].why == "wave.Error: not a WAVE file"


def test_more_recordings_than_may_wait_are_refused(model: Path) -> None:
    desk = Desk(model, Settings(jobs=2))
    for number in range(3):
        desk.listening.transcribe(f"j{number}", Path("/a.wav"), 0, "zh")
    desk.run(0.1)
    assert desk.closed == {"j2": Outcome(False, "too many recordings wait", 0.0)}


def test_recordings_that_had_not_begun_wait_for_the_next_worker(model: Path) -> None:
    desk = ready(model, Settings(threads=1))
    for name in ("j1", "j2"):
        desk.listening.transcribe(name, Path("/a.wav"), 0, "zh")
    desk.link.gone("killed by SIGSEGV")
    assert list(desk.closed) == ["j1"]
    desk.run(2.0)
    desk.link.answer("ready")
    assert [f["stream"] for f in desk.link.sent] == ["j2"]


# --- a worker that dies, hangs, or never comes


def test_a_dead_worker_closes_what_it_had_begun_and_is_replaced(model: Path) -> None:
    desk = ready(model)
    desk.listening.open("begun", "zh", 0.0)
    desk.listening.hear("begun", SECOND)
    desk.listening.open("fresh", "zh", 0.0)
    desk.link.gone("killed by SIGKILL")
    assert desk.state == "lost"
    assert desk.closed["begun"] == Outcome(False, "recognition worker killed by SIGKILL", 0.0)
    assert "fresh" not in desk.closed
    desk.listening.hear("fresh", SECOND)
    desk.run(2.0)
    assert desk.state == "loading" and len(desk.links) == 2
    desk.link.answer("ready")
    assert [(f["stream"], f["kind"]) for f in desk.link.sent] == [("fresh", "feed")]
    assert desk.listening.figures()["zh"].restarts == 1


def test_the_pause_before_a_restart_doubles_up_to_its_limit(model: Path) -> None:
    desk = Desk(model, Settings(back_off=(1.0, 4.0), loads=100))
    waits = []
    for count in range(5):
        desk.link.gone("exit 1")
        since = desk.clock.seconds()
        while len(desk.links) == count + 1:
            desk.run(0.1)
        waits.append(desk.clock.seconds() - since)
    assert waits == pytest.approx([1.0, 2.0, 4.0, 4.0, 4.0], abs=TICK + 0.1)


def test_a_worker_that_works_again_has_its_short_pause_back(model: Path) -> None:
    desk = Desk(model, Settings(back_off=(1.0, 60.0), loads=100))
    for _ in range(4):
        desk.link.gone("exit 1")
        desk.run(10.0)
    desk.link.answer("ready")
    desk.listening.open("s", "zh", 0.0)
    desk.listening.hear("s", SECOND)
    desk.link.fed("s")
    desk.link.gone("exit 1")
    before = len(desk.links)
    desk.run(1.6)
    assert len(desk.links) == before + 1


def test_a_piece_not_answered_long_after_those_of_others_means_a_hang(model: Path) -> None:
    desk = ready(model, Settings(hang_after=5.0))
    desk.listening.open("stuck", "zh", 0.0)
    desk.listening.open("lively", "zh", 0.0)
    desk.listening.hear("stuck", SECOND)
    for _ in range(19):
        desk.listening.hear("lively", SECOND)
        desk.run(1.0)
        desk.link.fed("lively")
    assert desk.link.killed is None
    desk.run(2.0)
    assert desk.links[0].killed == "hung"
    assert desk.closed["stuck"] == Outcome(False, "recognition worker hung", 0.0)


def test_a_recording_that_gives_way_to_live_streams_does_not_hang(model: Path) -> None:
    desk = ready(model, Settings(hang_after=5.0))
    desk.listening.transcribe("job", Path("/a.wav"), 0, "zh")
    desk.listening.open("live", "zh", 0.0)
    for _ in range(20):
        desk.listening.hear("live", SECOND)
        desk.run(1.0)
        desk.link.fed("live")
    assert desk.link.killed is None
    desk.run(6.0)
    assert desk.links[0].killed == "hung"
    assert "job" in desk.closed


def test_a_quiet_worker_with_nothing_to_do_does_not_hang(model: Path) -> None:
    desk = ready(model, Settings(hang_after=5.0))
    desk.listening.open("s", "zh", 0.0)
    desk.run(600.0)
    assert desk.link.killed is None and desk.state == "ready"


def test_a_model_that_takes_too_long_to_load_is_given_up_after_three_tries(model: Path) -> None:
    desk = Desk(model, Settings(load_limit=10.0, loads=3))
    desk.listening.open("s", "zh", 0.0)
    desk.listening.hear("s", SECOND)
    desk.run(60.0)
    assert desk.state == "corrupt" and len(desk.links) == 3
    assert desk.closed["s"].complete is False
    assert "loading failed 3 times: did not load its model in time" in desk.closed["s"].why
    assert not desk.listening.open("t", "zh", 0.0)


def test_a_model_that_was_given_up_is_tried_again_at_the_longest_pause(model: Path) -> None:
    desk = Desk(model, Settings(back_off=(1.0, 30.0), loads=2))
    for _ in range(2):
        desk.link.gone("killed by SIGKILL")
        if desk.state == "lost":
            desk.run(2.0)
    assert desk.state == "corrupt" and len(desk.links) == 2
    desk.run(29.0)
    assert desk.state == "corrupt" and len(desk.links) == 2
    desk.run(2.0)
    desk.link.answer("ready")
    assert desk.state == "ready" and desk.listening.words("zh")[0] == "语音识别可用"


def test_a_model_that_vosk_refuses_is_not_tried_again(model: Path) -> None:
    desk = Desk(model)
    desk.listening.transcribe("job", Path("/a.wav"), 0, "zh")
    desk.link.answer("unloadable", why="Failed to create a model")
    desk.link.gone("exit 0")
    desk.run(300.0)
    assert desk.state == "corrupt" and len(desk.links) == 1
    assert desk.closed == {"job": Outcome(False, "Failed to create a model", 0.0)}
    assert desk.listening.words("zh") == (
        "语音模型不能用，通话只录音：Failed to create a model",
        "the speech model is unusable; calls are only recorded: Failed to create a model",
    )


def test_a_system_without_a_process_to_give_is_asked_again(model: Path) -> None:
    refused = 0

    class Refused(FakeLink):
        made: ClassVar[list[FakeLink]] = []

        def __init__(self, *arguments: Any) -> None:
            nonlocal refused
            if refused < 2:
                refused += 1
                raise BlockingIOError("Resource temporarily unavailable")
            super().__init__(*arguments)

    clock, models = Clock(), {"zh": model}
    listening = Listening(clock, models, Settings(), print, print, link=Refused)  # type: ignore[arg-type]
    assert listening.state("zh") == "lost"
    assert "could not be started" in listening.words("zh")[1]
    for _ in range(20):
        clock.advance(TICK)
    assert refused == 2 and len(Refused.made) == 1
    Refused.made[0].answer("ready")
    assert listening.state("zh") == "ready"


def test_a_model_with_a_file_missing_starts_no_worker(model: Path) -> None:
    (model / "am/final.mdl").unlink()
    desk = Desk(model)
    assert desk.links == [] and desk.state == "corrupt"
    zh, en = desk.listening.words("zh")
    assert "缺少 am/final.mdl" in zh and "am/final.mdl is missing" in en
    desk.listening.transcribe("job", Path("/a.wav"), 0, "zh")
    desk.run(0.1)
    assert desk.closed["job"].complete is False


def test_without_a_model_streams_are_refused_and_recordings_come_back(model: Path) -> None:
    desk = ready(model)
    assert desk.listening.state("ja") == "missing"
    assert not desk.listening.open("s", "ja", 0.0)
    desk.listening.hear("s", SECOND)
    desk.listening.close("s")
    desk.listening.transcribe("job", Path("/a.wav"), 0, "ja")
    assert desk.closed == {}, "nothing comes back from within a call"
    desk.run(0.1)
    assert list(desk.closed) == ["job"] and not desk.closed["job"].complete


def test_closing_while_the_worker_is_lost_does_not_wait(model: Path) -> None:
    desk = ready(model)
    desk.listening.open("mute", "zh", 0.0)
    desk.listening.open("spoke", "zh", 0.0)
    desk.link.gone("exit 1")
    desk.listening.hear("spoke", SECOND)
    desk.listening.close("mute")
    desk.listening.close("spoke")
    desk.run(0.1)
    assert desk.closed["mute"].complete, "a stream that never had a sound has lost none"
    assert not desk.closed["spoke"].complete


def test_a_stream_closed_while_the_model_loads_gets_its_words_then(model: Path) -> None:
    desk = Desk(model)
    desk.listening.open("s", "zh", 0.0)
    desk.listening.hear("s", SECOND)
    desk.listening.close("s")
    desk.run(5.0)
    assert desk.closed == {}
    desk.link.answer("ready")
    desk.link.fed("s", said("停电"))
    desk.link.answer("closed", stream="s", heard=[])
    assert desk.heard == [("s", "停电")] and desk.closed["s"].complete


# --- size, and the end


def test_a_worker_that_grew_too_large_is_replaced_once_it_is_idle(model: Path) -> None:
    desk = ready(model, Settings(growth=500))
    desk.listening.open("s", "zh", 0.0)
    desk.listening.hear("s", SECOND)
    desk.link.answer("fed", resident=5000, stream="s", heard=[])
    desk.run(2.0)
    assert desk.link.killed is None, "not while anybody speaks"
    desk.listening.close("s")
    desk.link.answer("closed", resident=5000, stream="s", heard=[])
    desk.run(2.0)
    assert desk.links[0].killed == "replaced"
    assert len(desk.links) == 2 and desk.state == "loading"
    desk.link.answer("ready", resident=1000)
    desk.run(10.0)
    assert len(desk.links) == 2 and desk.state == "ready"
    assert desk.listening.figures()["zh"].restarts == 0


def test_answers_of_a_worker_that_was_replaced_are_not_heard(model: Path) -> None:
    desk = ready(model)
    old = desk.link
    old.gone("exit 1")
    desk.run(2.0)
    old.answer("ready")
    old.gone("exit 1")
    assert desk.state == "loading" and len(desk.links) == 2


def test_stopping_ends_the_worker_and_closes_what_is_open(model: Path) -> None:
    desk = ready(model)
    desk.listening.open("s", "zh", 0.0)
    desk.listening.hear("s", SECOND)
    desk.listening.transcribe("job", Path("/a.wav"), 0, "zh")
    desk.listening.stop()
    assert desk.link.killed == "stopped"
    assert {name: o.why for name, o in desk.closed.items()} == {"s": "stopped", "job": "stopped"}
    desk.run(60.0)
    assert len(desk.links) == 1
    desk.listening.stop()


def test_the_worker_is_told_how_to_run(model: Path) -> None:
    desk = Desk(model, Settings(threads=1, niceness=7, growth=9, spares=3, lessons=Path("/p")))
    assert desk.link.settings == {
        "language": "zh",
        "model": str(model),
        "threads": 1,
        "niceness": 7,
        "growth": 9,
        "spares": 3,
        "lessons": "/p/zh",
    }


def test_figures_tell_what_waits(model: Path) -> None:
    desk = Desk(model)
    desk.listening.open("s", "zh", 0.0)
    desk.listening.hear("s", SECOND)
    desk.listening.transcribe("job", Path("/a.wav"), 0, "zh")
    figures = desk.listening.figures()["zh"]
    assert (figures.state, figures.streams, figures.waiting, figures.jobs) == ("loading", 1, 1.0, 1)
    assert figures.pid == 1000


def test_a_worker_has_no_more_threads_than_there_are_cores(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {0, 1, 2})
    assert Desk(model, Settings(threads=8)).link.settings["threads"] == 3
