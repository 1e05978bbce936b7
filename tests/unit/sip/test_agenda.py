"""Deadlines of many, of which the next one matters."""

from sip.agenda import Agenda


def test_the_earliest_comes_first_and_ties_in_the_order_they_were_set() -> None:
    agenda: Agenda[str] = Agenda()
    for key, due in (("c", 3.0), ("a", 1.0), ("b", 1.0)):
        agenda.set(key, due)
    assert agenda.next_deadline() == 1.0
    assert [agenda.take_due(1.0), agenda.take_due(1.0), agenda.take_due(1.0)] == ["a", "b", None]
    assert agenda.next_deadline() == 3.0


def test_the_last_word_counts() -> None:
    agenda: Agenda[str] = Agenda()
    agenda.set("a", 1.0)
    agenda.set("a", 5.0)
    agenda.set("b", 2.0)
    agenda.set("b", None)
    assert agenda.take_due(4.0) is None
    assert agenda.next_deadline() == 5.0


def test_changing_ones_mind_for_ever_takes_no_more_room() -> None:
    agenda: Agenda[str] = Agenda()
    for second in range(10_000):
        agenda.set("a", float(second))
    assert len(agenda) == 1
    assert len(agenda._heap) < 100
