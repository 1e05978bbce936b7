"""Whose sound is recognised next."""

from asr.turns import Turns, Urgency


def test_a_closing_stream_goes_before_live_ones_and_recordings_come_last() -> None:
    turns: Turns[str] = Turns()
    turns.add(Urgency.FILE, "recording")
    turns.add(Urgency.SPARE, "spare")
    turns.add(Urgency.LIVE, "live")
    turns.add(Urgency.CLOSING, "closing")
    order = [turns.take() for _ in range(5)]
    assert order == ["closing", "live", "spare", "recording", None]


def test_the_equally_urgent_go_in_order_of_arrival() -> None:
    turns: Turns[str] = Turns()
    for name in "abc":
        turns.add(Urgency.LIVE, name)
    assert [turns.take() for _ in range(3)] == ["a", "b", "c"]
    assert len(turns) == 0


def test_a_recording_that_takes_its_turn_again_lets_live_sound_pass() -> None:
    turns: Turns[str] = Turns()
    turns.add(Urgency.FILE, "recording")
    done = []
    for piece in range(4):
        if piece == 1:
            turns.add(Urgency.LIVE, "live")
        work = turns.take()
        assert work is not None
        done.append(work)
        if work == "recording":
            turns.add(Urgency.FILE, work)
    assert done == ["recording", "live", "recording", "recording"]


def test_work_that_cannot_be_compared_is_fine() -> None:
    turns: Turns[dict[str, int]] = Turns()
    turns.add(Urgency.LIVE, {"a": 1})
    turns.add(Urgency.LIVE, {"b": 2})
    assert turns.take() == {"a": 1}


def test_of_the_equally_urgent_the_lowest_order_goes_first() -> None:
    turns: Turns[str] = Turns()
    for name, order in (("first caller", -1), ("second caller", -2), ("third caller", -3)):
        turns.add(Urgency.LIVE, name, order)
    turns.add(Urgency.MENU, "an answer to a menu")
    order = [turns.take() for _ in range(4)]
    assert order == ["an answer to a menu", "third caller", "second caller", "first caller"]


def test_work_that_is_withdrawn_is_not_done_and_the_rest_keeps_its_turn() -> None:
    turns: Turns[str] = Turns()
    for name in ("c", "a", "b"):
        turns.add(Urgency.LIVE, name, ord(name))
    assert turns.withdraw(lambda work: work == "a") == ["a"]
    assert turns.withdraw(lambda work: work == "a") == []
    assert [turns.take(), turns.take(), turns.take()] == ["b", "c", None]


def test_work_that_is_held_is_not_taken_until_it_is_released_and_then_in_its_turn() -> None:
    turns: Turns[str] = Turns()
    turns.hold(Urgency.LIVE, "held", -5)
    turns.add(Urgency.LIVE, "later", -4)
    turns.add(Urgency.MESSAGE, "message")
    assert turns.take() == "later"
    assert turns.release() and not turns.release()
    assert [turns.take() for _ in range(3)] == ["held", "message", None]


def test_work_that_is_held_is_withdrawn_like_any_other() -> None:
    turns: Turns[str] = Turns()
    turns.hold(Urgency.LIVE, "a")
    turns.add(Urgency.LIVE, "b")
    assert turns.withdraw(lambda work: work == "a") == ["a"]
    assert not turns.release()
    assert turns.take() == "b"
