"""Where the textbook holds, a simulated day comes to what the textbook says.

A day of 6,000 callers is a sample: its waits stray by several parts in a hundred from the
mean of all such days. So each case shows two things. Every single wait is that of the plain
recursion of a queue on the same callers; and on a day that is a typical sample, the figures
are those of the formula.
"""

import pytest

from queueing.erlang import Queue, erlang_a, erlang_c
from simulation.callers import Crowd
from simulation.run import Simulation
from tests.helpers.small_day import by_recursion, stories_of, textbook_day, textbook_site
from workorders.call_story import CallStory

CALLS, SECONDS = 6000, 86_400
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


@pytest.mark.slow
@pytest.mark.parametrize(("agents", "load", "seed"), [(1, 0.5, 4), (3, 1.5, 4)])
def test_patient_callers_wait_as_erlang_c_says(agents: int, load: float, seed: int) -> None:
    talk = load * SECONDS / CALLS
    stories = simulated(agents, talk, "4h", seed)
    expected = erlang_c(load, agents, talk)
    assert _part_waiting(stories) == pytest.approx(expected.waits, rel=NEAR)
    assert _mean_wait(stories) == pytest.approx(expected.wait, rel=NEAR)


@pytest.mark.slow
def test_impatient_callers_hang_up_as_erlang_a_says() -> None:
    agents, load = 5, 6.0
    talk = load * SECONDS / CALLS
    stories = simulated(agents, talk, f"{2 * talk:.3f}s", 7)
    expected = erlang_a(load, agents, talk, 2 * talk)
    gone = sum(story.abandoned for story in stories) / CALLS
    assert gone == pytest.approx(expected.abandons, rel=NEAR)
    assert _part_waiting(stories) == pytest.approx(expected.waits, rel=NEAR)
    assert _mean_wait(stories) == pytest.approx(expected.wait, rel=NEAR)


def _part_waiting(stories: list[CallStory]) -> float:
    return sum((story.wait or 0.0) > 1e-5 for story in stories) / CALLS


def _mean_wait(stories: list[CallStory]) -> float:
    return sum(story.wait or 0.0 for story in stories) / CALLS
