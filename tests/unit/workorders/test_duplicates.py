"""Orders that are open for the same matter: found by their place, and none missed."""

from random import Random

import pytest

from calls.ids import CallId
from workorders import duplicates
from workorders.draft import DraftWorkOrder, Evidence, Field, Where
from workorders.duplicates import OpenOrder, OpenOrders, likeness

PLACES = ["浏江区", "浏江区枫林路", "浏江区枫林路12号", "枫林路", "枫林路12号", "湖滨公园", None]
WORDS = ["夜里施工噪声太大", "施工噪声影响休息", "路灯坏了", "枫林路的路灯不亮"]
HEARD = (Evidence("citizen", 0.0, 1.0, "话"),)


def order(chance: Random, number: int) -> DraftWorkOrder:
    place = chance.choice(PLACES)
    return DraftWorkOrder(
        CallId(f"c{chance.randrange(200)}"),
        "zh",
        None,
        1000.0 + number,
        "done",
        category=Field(chance.choice(["噪声", "照明"]), 1.0, "rule", HEARD),
        content=Field(chance.choice(WORDS), 1.0, "rule", HEARD),
        place=Field(Where(place), 1.0, "rule", HEARD) if place else None,
    )


def test_those_found_by_place_are_those_found_by_comparing_with_every_open_order() -> None:
    chance, orders, every = Random(1), OpenOrders(), dict[CallId, OpenOrder]()
    met = 0
    for number in range(600):
        draft = order(chance, number)
        mine = OpenOrder.of(draft)
        others = [(likeness(mine, one), one.call) for one in every.values()]
        likely = [(round(how, 3), call) for how, call in others if call != mine.call and how >= 0.6]
        plain = sorted(likely, key=lambda pair: (-pair[0], pair[1]))
        found = [(one.likeness, one.order) for one in orders.like(draft)]
        assert found == plain[: duplicates.MOST]
        met += bool(plain)
        orders.remember(draft)
        every[mine.call] = mine
        if number % 7 == 0:
            closed = CallId(f"c{chance.randrange(200)}")
            orders.close(closed)
            every.pop(closed, None)
        assert len(orders) == len(every)
    assert 100 < met < 600


def test_the_oldest_go_first_and_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "KEPT", 3)
    chance, orders = Random(2), OpenOrders()
    drafts = [order(chance, number) for number in range(50)]
    for draft in drafts:
        orders.remember(draft)
    assert len(orders) == 3
    for draft in drafts:
        orders.close(draft.call)
    assert not orders._at and not orders._within


def test_no_two_orders_are_liker_than_their_masks_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    chance, letters = Random(3), "夜里施工噪声太大路灯坏了没人管"
    for bits in (8, 64, duplicates.BITS):
        monkeypatch.setattr(duplicates, "BITS", bits)
        duplicates._words.cache_clear()
        for _ in range(300):
            one, other = (
                OpenOrder(
                    CallId(name),
                    0.0,
                    None,
                    name,
                    "枫林路",
                    *duplicates._words("".join(chance.choices(letters, k=chance.randrange(30)))),
                )
                for name in "ab"
            )
            assert likeness(one, other) <= duplicates._at_most(one, other) <= 0.7
    duplicates._words.cache_clear()
