"""Sessions, links and guesses are bounded and forgotten in time."""

from calls.ids import AgentId
from desk import guessing, sessions
from desk.guessing import Guessing
from desk.sessions import Sessions

LI = AgentId("1001")


def test_no_token_is_kept_as_it_is() -> None:
    kept = Sessions(idle_limit=10.0, session_limit=100.0)
    token, link = kept.sign_in(LI, 0.0).token, kept.link(LI, 0.0)
    assert not {token, link} & {*kept._sessions, *kept._links}


def test_the_oldest_sessions_and_links_go_when_there_are_too_many() -> None:
    kept = Sessions(idle_limit=10.0, session_limit=100.0)
    first, link = kept.sign_in(LI, 0.0), kept.link(LI, 0.0)
    for _ in range(sessions.MOST):
        last = kept.sign_in(LI, 0.0)
        kept.link(LI, 0.0)
    assert kept.of(first.token, 1.0) is None
    assert kept.redeem(link, 1.0) is None
    assert kept.of(last.token, 1.0) is last


def test_a_wait_ends_when_the_oldest_of_the_failures_is_a_window_ago() -> None:
    slowed = Guessing(most=3, window=100.0)
    for at in (0.0, 10.0, 20.0):
        assert slowed.wait(["a"], at) == 0.0
        slowed.failed(["a"], at)
    assert slowed.wait(["a", "b"], 30.0) == 70.0
    assert slowed.wait(["b"], 30.0) == 0.0
    assert slowed.wait(["a"], 100.5) == 0.0
    slowed.failed(["a"], 101.0)
    assert slowed.wait(["a"], 102.0) == 8.0
    slowed.succeeded(["a"])
    assert slowed.wait(["a"], 102.0) == 0.0


def test_guesses_under_ever_new_names_take_no_ever_more_memory() -> None:
    slowed = Guessing()
    for n in range(guessing.REMEMBERED + 50):
        slowed.failed([str(n)], 0.0)
    assert len(slowed._failures) == guessing.REMEMBERED
