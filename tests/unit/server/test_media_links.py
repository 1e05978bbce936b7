"""Which of several media workers a command is for, and whom a death concerns."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from twisted.internet.task import Clock

from calls.ids import LegId
from media import commands as c
from media.worker_settings import WorkerSettings
from server import media_links
from server.media_links import Kept, MediaLinks, shared_out

L = LegId
HOME = "192.0.2.1"


class Played:
    """A link whose worker is played."""

    def __init__(self, reactor: object, settings: WorkerSettings, hear: Any, lost: Any, _: object):
        self.up, self.hear, self.lost = False, hear, lost
        self.told: list[c.Command] = []
        self.flushed = 0

    def start(self) -> None:
        assert not self.up
        self.up = True

    def send(self, command: c.Command) -> None:
        self.told.append(command)

    def flush(self) -> None:
        self.flushed += 1

    def die(self) -> None:
        self.up = False
        self.lost("signal 9")


class Hall:
    """Three workers and what they have said."""

    def __init__(self) -> None:
        self.reactor: Any = Clock()
        self.events: list[c.Event] = []
        self.losses: list[tuple[str, Kept]] = []
        settings = shared_out(WorkerSettings(30000, 30299, 0.0), 3)
        self.links = MediaLinks(
            self.reactor, settings, self.events.append, lambda *lost: self.losses.append(lost)
        )
        self.workers: list[Any] = self.links.links
        self.links.start()

    def open(self, leg: str, beside: str | None = None) -> int:
        """Open a leg; return at which worker."""
        self.links.send(c.OpenLeg(L(leg), HOME, beside=None if beside is None else L(beside)))
        return self.who(c.OpenLeg)

    def who(self, kind: type) -> int:
        """Return which worker was told of the latest of a kind; only one may have been."""
        told = [n for n, worker in enumerate(self.workers) if isinstance(_last(worker), kind)]
        assert len(told) == 1
        for worker in self.workers:
            worker.told.clear()
        return told[0]

    def nobody(self) -> bool:
        return not any(worker.told for worker in self.workers)


def _last(worker: Any) -> c.Command | None:
    return worker.told[-1] if worker.told else None


@pytest.fixture
def hall(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hall]:
    monkeypatch.setattr(media_links, "MediaLink", Played)
    return Hall()


def test_each_worker_has_ports_of_its_own_in_whole_pairs_and_none_is_lost() -> None:
    for workers in (1, 2, 3, 7):
        parts = shared_out(WorkerSettings(30000, 31999, 5.0), workers)
        assert parts[0].first_port == 30000 and parts[-1].last_port == 31999
        for one, after in pairwise(parts):
            assert after.first_port == one.last_port + 1 and after.first_port % 2 == 0
        assert {part.clock_offset for part in parts} == {5.0}


def test_a_call_goes_where_there_are_fewest_legs_and_all_its_legs_with_it(hall: Hall) -> None:
    first = hall.open("a")
    assert hall.open("a.1", beside="a") == first
    assert hall.open("a.2", beside="a") == first
    second, third = hall.open("b"), hall.open("c")
    assert {first, second, third} == {0, 1, 2}
    assert hall.open("d") in (second, third), "the first has three"


def test_a_leg_that_is_gone_makes_room(hall: Hall) -> None:
    places = [hall.open(name) for name in "abc"]
    hall.workers[places[1]].hear(c.LegClosed(L("b"), 1, 1, 0, 0.0, 0.0, 0.0))
    assert hall.open("d") == places[1]
    hall.workers[places[2]].hear(c.LegFailed(L("c"), "no port is free"))
    assert hall.open("e") == places[2]
    assert len(hall.events) == 2


def test_commands_go_where_their_leg_recording_or_conference_is(hall: Hall) -> None:
    hall.open("a")
    at = hall.open("b")
    hall.open("b.1", beside="b")
    commands: list[c.Command] = [
        c.Play(L("b"), 1, ("x.wav",), False),
        c.Bridge(L("b"), L("b.1")),
        c.Unbridge(L("b.1")),
        c.StartRecording("call", "/x.wav", L("b")),
        c.AddToRecording("call", L("b.1")),
        c.Confer("call", ((L("b"), (L("b.1"),)), (L("b.1"), ()))),
        c.LeaveRecording("call", L("b.1")),
        c.PauseRecording("call", True),
        c.StopRecording("call"),
        c.CloseLeg(L("b")),
    ]
    for command in commands:
        hall.links.send(command)
        assert hall.who(type(command)) == at, command
    hall.workers[at].hear(c.RecordingClosed("call", "/x.wav", 1.0, None))
    hall.links.send(c.StopRecording("call"))
    assert hall.nobody(), "there is none any more"


def test_the_end_of_a_conference_is_said_to_all_so_that_none_need_be_remembered(hall: Hall) -> None:
    hall.links.send(c.Confer("call", ()))
    assert [worker.told for worker in hall.workers] == [[c.Confer("call", ())]] * 3


def test_a_death_takes_only_its_own_calls_and_another_comes_after_a_second(hall: Hall) -> None:
    places = {name: hall.open(name) for name in "abc"}
    hall.links.send(c.StartRecording("b", "/b.wav", L("b")))
    hall.workers[places["b"]].told.clear()
    hall.workers[places["b"]].die()
    assert hall.losses == [("signal 9", frozenset({L("a"), L("c")}))]
    assert not hall.links.up
    for command in (c.CloseLeg(L("b")), c.StopRecording("b")):
        hall.links.send(command)
    assert hall.nobody()
    assert hall.open("d") != places["b"] and hall.open("e") != places["b"]
    hall.reactor.advance(1.0)
    assert hall.links.up and hall.open("f") == places["b"]


def test_with_no_worker_there_a_leg_is_opened_by_nobody(hall: Hall) -> None:
    for worker in hall.workers:
        worker.die()
    hall.links.send(c.OpenLeg(L("a"), HOME))
    hall.links.send(c.CloseLeg(L("a")))
    assert hall.nobody()


def test_figures_are_of_all_and_of_the_latest_the_worst(hall: Hall) -> None:
    hall.workers[0].hear(c.WorkerFigures(3, 10, 1.0, 9.0, 1, 4.0))
    hall.workers[1].hear(c.WorkerFigures(5, 20, 2.0, 5.0, 2, 6.0))
    assert hall.events[-1] == c.WorkerFigures(8, 20, 2.0, 9.0, 2, 10.0)
    hall.workers[0].die()
    hall.workers[1].hear(c.WorkerFigures(5, 30, 1.5, 3.0, 0, 7.0))
    assert hall.events[-1] == c.WorkerFigures(5, 30, 1.5, 3.0, 0, 7.0)


def test_all_that_waits_goes_at_once(hall: Hall) -> None:
    hall.links.flush()
    assert [worker.flushed for worker in hall.workers] == [1, 1, 1]
