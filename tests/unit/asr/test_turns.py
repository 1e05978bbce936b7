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
