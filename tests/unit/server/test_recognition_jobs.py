"""Which recordings are begun, and when."""

from pathlib import Path

import pytest

from server.recognition_jobs import Job, Recordings


def waiting(count: int) -> Recordings:
    recordings = Recordings()
    for number in range(count):
        assert recordings.add(Job(f"j{number}", Path("/a.wav"), 0), most=10)
    return recordings


@pytest.mark.parametrize(
    ("load", "threads", "begun"),
    [(0.0, 2, 2), (0.0, 8, 3), (0.0, 1, 1), (0.1, 2, 1), (0.8, 8, 1), (0.81, 8, 0), (2.0, 2, 0)],
)
def test_all_threads_are_given_recordings_only_while_nobody_speaks(
    load: float, threads: int, begun: int
) -> None:
    assert len(waiting(3).begin(load, threads)) == begun


def test_the_next_is_begun_when_one_has_ended() -> None:
    recordings = waiting(3)
    assert [job.name for job in recordings.begin(0.0, 2)] == ["j0", "j1"]
    assert recordings.begin(0.0, 2) == []
    recordings.ended("j0")
    assert [job.name for job in recordings.begin(0.0, 2)] == ["j2"]
    assert len(recordings) == 2


def test_those_begun_while_nobody_spoke_go_on_and_no_other_is_begun_beside_them() -> None:
    recordings = waiting(3)
    recordings.begin(0.0, 2)
    recordings.ended("j0")
    assert recordings.begin(0.2, 2) == []
    recordings.ended("j1")
    assert [job.name for job in recordings.begin(0.2, 2)] == ["j2"]


def test_what_was_begun_is_dropped_without_what_waits_or_all_of_it() -> None:
    recordings = waiting(3)
    recordings.begin(0.0, 1)
    assert recordings.drop(all_of_them=False) == ["j0"]
    assert recordings.drop(all_of_them=True) == ["j1", "j2"]
    assert len(recordings) == 0


def test_after_a_worker_died_of_one_of_several_they_are_begun_one_by_one() -> None:
    recordings = waiting(4)
    recordings.begin(0.0, 2)
    assert recordings.drop(all_of_them=False) == ["j0", "j1"]
    assert [job.name for job in recordings.begin(0.0, 2)] == ["j2"]


def test_more_than_may_wait_are_refused() -> None:
    recordings = waiting(2)
    assert not recordings.add(Job("j2", Path("/a.wav"), 0), most=2)
