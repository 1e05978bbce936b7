"""Where the textbook holds, simulated days come to what the textbook says.

A day of 6,000 callers is a sample: its mean wait strays by 5 to 11 parts in a hundred from
that of all such days, so one day proves nothing. Each case is shown in two steps, with no
seed chosen: on one day every single wait is that of the plain recursion of a queue on the
same callers; and over many days that recursion comes to the formula.
"""

from collections.abc import Callable, Iterator
from functools import partial
from random import Random

import pytest

from queueing.erlang import Queue, erlang_a, erlang_c
from simulation.callers import Crowd
from simulation.run import Simulation
from tests.helpers.small_day import by_recursion, recursion, stories_of, textbook_day, textbook_site
from workorders.call_story import CallStory

CALLS, SECONDS = 6000, 86_400
MANY = 150 * CALLS
"""Callers over whom the mean wait strays by less than one part in a hundred."""
NEAR = 0.03


def simulated(agents: int, talk: float, patience: str, seed: int) -> list[CallStory]:
    """Live through a day of the textbook, and hold each wait against the recursion."""
    day = textbook_day(CALLS, agents, f"{talk}s", patience)
    simulation = Simulation(textbook_site(), day, seed, drafts=False)
    simulation.world.crowd = Crowd(day, seed)
    stories = stories_of(simulation)
    assert simulation.watch.broken.total() == 0
    assert len(stories) == CALLS == simulation.watch.outcomes.total()
    plain = by_recursion(Crowd(day, seed), agents)
    assert [story.abandoned for story in stories] == [gone for _, gone in plain]
    assert [story.wait for story in stories] == pytest.approx([w for w, _ in plain], abs=1e-5)
    return stories


def test_erlang_c_of_the_books() -> None:
    """Two erlangs and three agents: 4/9 wait; the M/M/1 queue waits by its load."""
    assert erlang_c(2.0, 3, 180.0).waits == pytest.approx(4 / 9)
    assert erlang_c(0.5, 1, 60.0) == Queue(pytest.approx(0.5), pytest.approx(60.0))
    with pytest.raises(ValueError, match="too much"):
        erlang_c(3.0, 3, 60.0)


def test_erlang_a_of_the_books() -> None:
    """With patience as long as handling the number of callers is Poisson; without end, Erlang C."""
    found = erlang_a(4.0, 4, 60.0, 60.0)
    assert found.waits == pytest.approx(0.5665, abs=1e-4)  # 1 - P(Poisson(4) <= 3)
    endless = erlang_a(2.0, 3, 180.0, 1e9)
    assert endless.waits == pytest.approx(erlang_c(2.0, 3, 180.0).waits, rel=1e-4)
    assert endless.wait == pytest.approx(erlang_c(2.0, 3, 180.0).wait, rel=1e-4)


CASES = [(1, 0.5, None), (3, 1.5, None), (5, 6.0, 2.0)]
"""Agents, load in erlangs, and patience in talk times: M/M/1, M/M/3 and M/M/5+M."""


@pytest.mark.slow
@pytest.mark.parametrize(("agents", "load", "patience"), CASES)
def test_each_wait_of_a_day_is_that_of_a_plain_queue(
    agents: int, load: float, patience: float | None
) -> None:
    talk = load * SECONDS / CALLS
    lasts = "4h" if patience is None else f"{patience * talk:.3f}s"
    stories = simulated(agents, talk, lasts, seed=1)
    assert patience is None or any(story.abandoned for story in stories)


@pytest.mark.parametrize(("agents", "load", "patience"), CASES)
def test_a_plain_queue_comes_to_what_erlang_says(
    agents: int, load: float, patience: float | None
) -> None:
    talk = load * SECONDS / CALLS
    found = list(recursion(_callers(Random(1), talk, patience), agents))
    expected = (
        erlang_c(load, agents, talk)
        if patience is None
        else erlang_a(load, agents, talk, patience * talk)
    )
    waits, gone = [wait for wait, _ in found], sum(left for _, left in found)
    assert sum(wait > 0 for wait in waits) / MANY == pytest.approx(expected.waits, rel=NEAR)
    assert sum(waits) / MANY == pytest.approx(expected.wait, rel=NEAR)
    assert gone / MANY == pytest.approx(expected.abandons, rel=NEAR)


def _callers(
    chance: Random, talk: float, patience: float | None
) -> Iterator[tuple[float, float, Callable[[], float]]]:
    """Let callers without memory come for many days on end."""
    at, endless = 0.0, float("inf")
    lasts = partial(chance.expovariate, 1 / talk)
    for _ in range(MANY):
        at += chance.expovariate(CALLS / SECONDS)
        yield at, endless if patience is None else chance.expovariate(1 / patience / talk), lasts
