"""Many deadlines behind one timer."""

from calls.deadlines import Deadlines


def test_the_earliest_is_next_and_due_names_come_in_order() -> None:
    deadlines: Deadlines[str] = Deadlines()
    deadlines.set("late", 9.0)
    deadlines.set("early", 1.0)
    deadlines.set("middle", 5.0)
    assert deadlines.next() == 1.0
    assert deadlines.due(5.0) == ["early", "middle"]
    assert deadlines.next() == 9.0


def test_setting_a_name_again_replaces_its_instant() -> None:
    deadlines: Deadlines[str] = Deadlines()
    deadlines.set("ring", 1.0)
    deadlines.set("ring", 3.0)
    assert deadlines.due(2.0) == []
    assert deadlines.due(3.0) == ["ring"]
    assert deadlines.next() is None


def test_none_takes_a_name_away() -> None:
    deadlines: Deadlines[str] = Deadlines()
    deadlines.set("ring", 1.0)
    deadlines.set("ring", None)
    assert deadlines.next() is None
    assert len(deadlines) == 0


def test_a_name_set_back_to_an_earlier_instant_fires_once() -> None:
    deadlines: Deadlines[str] = Deadlines()
    for when in (1.0, 2.0, 1.0):
        deadlines.set("ring", when)
    assert deadlines.due(9.0) == ["ring"]
    assert deadlines.due(9.0) == []


def test_instants_hours_ahead_that_were_taken_away_take_no_room() -> None:
    deadlines: Deadlines[str] = Deadlines()
    for number in range(10_000):
        deadlines.set(f"call {number}", 3600.0 + number)
        if number >= 100:
            deadlines.set(f"call {number - 100}", None)
    assert len(deadlines) == 100
    assert len(deadlines._heap) < 1000
    assert deadlines.due(20_000.0) == [f"call {number}" for number in range(9_900, 10_000)]
