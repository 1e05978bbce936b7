"""A worker that is starved is not taken to hang; one that sleeps or spins is."""

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from server.listening import Settings
from server.recognition_patience import Patience, Work, work_of
from tests.helpers.recognition import SECOND, Desk, ready

HANG = Settings(hang_after=5.0, load_limit=10.0)


def asked(model: Path) -> Desk:
    """Return a desk whose worker has had a second of sound and owes the answer."""
    desk = ready(model, HANG)
    desk.listening.open("s", "zh", 0.0)
    desk.listening.hear("s", SECOND)
    return desk


def test_a_worker_that_wants_to_run_and_may_not_is_not_killed(model: Path) -> None:
    desk = asked(model)
    desk.link.done = Work(1.0, wants=True)
    desk.run(60.0)
    assert desk.link.killed is None and desk.state == "ready"


def test_a_worker_that_sleeps_over_its_task_is_killed(model: Path) -> None:
    desk = asked(model)
    desk.link.done = Work(1.0, wants=False)
    desk.run(6.0)
    assert desk.links[0].killed == "hung"


def test_a_worker_that_burns_its_processor_without_an_answer_is_killed(model: Path) -> None:
    desk = asked(model)
    for second in range(12):
        desk.link.done = Work(second / 2, wants=True)
        desk.run(0.5)
    assert desk.links[0].killed == "hung"


def test_a_worker_that_gets_a_tenth_of_a_processor_has_ten_times_as_long(model: Path) -> None:
    desk = asked(model)
    killed_after = None
    for half_second in range(200):
        desk.links[0].done = Work(half_second / 20, wants=True)
        desk.run(0.5)
        if desk.links[0].killed is not None:
            killed_after = half_second / 2
            break
    assert killed_after is not None and 40.0 <= killed_after <= 60.0


def test_loading_a_model_on_a_machine_without_time_for_it_is_not_given_up(model: Path) -> None:
    desk = Desk(model, HANG)
    desk.link.done = Work(0.5, wants=True)
    desk.run(100.0)
    assert len(desk.links) == 1 and desk.state == "loading"


def test_a_new_worker_does_not_begin_with_what_the_old_one_used() -> None:
    patience = Patience()
    patience.look(Work(100.0, wants=True), 0.0)
    patience.forget()
    patience.look(Work(0.0, wants=True), 50.0)
    assert patience.withheld == 0.0
    patience.look(Work(0.0, wants=True), 51.0)
    assert patience.fair(51.0) == 50.0


def test_what_the_system_does_not_say_excuses_nothing() -> None:
    patience = Patience()
    for now, work in ((0.0, Work(0.0, wants=True)), (1.0, None), (9.0, Work(0.0, wants=True))):
        patience.look(work, now)
    assert patience.withheld == 0.0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_that_sleeps_one_that_spins_and_one_stopped_are_told_apart() -> None:
    spinner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        end = time.monotonic() + 60
        while not (
            (spinning := work_of(spinner.pid))
            and spinning.used > 0.2
            and (sleeping := work_of(sleeper.pid))
            and not sleeping.wants
        ):
            assert time.monotonic() < end
            select.select([], [], [], 0.05)
        assert spinning.wants
        os.kill(spinner.pid, signal.SIGSTOP)
        while (stopped := work_of(spinner.pid)) is None or stopped.wants:
            assert time.monotonic() < end
            select.select([], [], [], 0.05)
    finally:
        for process in (spinner, sleeper):
            process.kill()
            process.wait()
    assert work_of(spinner.pid) is None
