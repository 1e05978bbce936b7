"""A crowd in virtual time: the worker's own code, and recognisers that cost what was measured.

Two threads that need 0.14 s for a second of sound carry 14 speakers.
"""

from itertools import takewhile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.turns import Urgency
from server.models import GRAPHS, NEEDED
from tests.helpers.recognition_hall import Caller, Costs, VirtualHall

IN_TIME = 2.0
LIVE = (Urgency.LIVE, Urgency.AGENT, Urgency.MESSAGE)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    for name in (*NEEDED, *GRAPHS[0]):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def crowd(count: int, seconds: float, every: float = 0.2) -> list[Caller]:
    """Return callers one after another, the oldest first."""
    return [Caller(f"s{n}", every * n, seconds) for n in range(count)]


def in_time(caller: Caller) -> bool:
    return bool(caller.ages) and max(caller.ages) <= IN_TIME


def test_twelve_are_all_heard_in_time_and_to_the_end(model: Path) -> None:
    callers = crowd(12, 15.0)
    VirtualHall(model, callers, Costs()).run(25.0)
    assert all(in_time(c) and not c.late for c in callers)
    assert all(c.outcome and c.outcome.complete for c in callers)


def test_of_forty_the_newest_are_heard_in_time_and_none_is_lost(model: Path) -> None:
    callers = crowd(40, 15.0)
    hall = VirtualHall(model, callers, Costs())
    hall.run(40.0)
    newest = list(takewhile(lambda c: in_time(c) and len(c.ages) > 100, reversed(callers)))
    assert len(newest) >= 8
    for caller in callers:
        assert caller.outcome is not None
        assert caller.outcome.complete == (caller.outcome.dropped_seconds == 0)
        assert caller.late or caller.outcome.complete
    assert len(hall.worker.made) < 20, "the newest use the recognisers of the oldest"


def test_who_was_put_aside_is_heard_again_when_others_have_finished(model: Path) -> None:
    callers = [Caller("first", 0.0, 40.0), *crowd(20, 10.0)]
    hall = VirtualHall(model, callers, Costs())
    hall.run(14.0)
    before = len(callers[0].ages)
    hall.run(30.0)
    assert callers[0].late
    assert len(callers[0].ages) > before + 200
    assert callers[0].ages[-1] < 0.5, "what is being said now, not what was missed"
    assert callers[0].outcome and not callers[0].outcome.complete


def test_a_slow_machine_hears_fewer_and_these_in_time(model: Path) -> None:
    callers = crowd(12, 10.0)
    VirtualHall(model, callers, Costs(factor=0.5, first=3.0, flush=0.3)).run(40.0)
    assert len(list(takewhile(in_time, reversed(callers)))) >= 2
    assert all(c.outcome for c in callers)


def test_agents_are_put_aside_before_citizens(model: Path) -> None:
    citizens = crowd(10, 12.0)
    agents = [Caller(f"agent{n}", 4.0 + 0.1 * n, 8.0, Urgency.AGENT) for n in range(10)]
    VirtualHall(model, [*citizens, *agents], Costs()).run(30.0)
    assert not any(c.late for c in citizens)
    assert any(a.late for a in agents)


CALLERS = st.lists(
    st.tuples(st.floats(0.0, 6.0), st.floats(0.3, 6.0), st.sampled_from(LIVE)),
    min_size=1,
    max_size=40,
)
COSTS = st.builds(
    Costs, factor=st.floats(0.01, 1.5), first=st.floats(0.1, 3.0), flush=st.floats(0.0, 0.5)
)


@settings(max_examples=30, deadline=None)
@given(CALLERS, COSTS, st.integers(1, 4))
def test_whoever_comes_and_whatever_it_costs_every_stream_ends_once_and_says_what_it_lost(
    model: Path, given_callers: list[tuple[float, float, Urgency]], costs: Costs, threads: int
) -> None:
    callers = [Caller(f"s{n}", *each) for n, each in enumerate(sorted(given_callers))]
    hall = VirtualHall(model, callers, costs, threads)
    hall.run(30.0)
    for _ in range(10):
        if all(caller.outcome for caller in callers):
            break
        hall.run(30.0)
    for caller in callers:
        assert caller.outcome is not None, caller
        assert caller.outcome.complete == (caller.outcome.dropped_seconds == 0)
        assert caller.said == pytest.approx(
            hall.worker.heard_of(caller.name) + caller.outcome.dropped_seconds, abs=0.02
        ), "what was not dropped was heard"
    assert not hall.worker.streams, "every recogniser was given back"
