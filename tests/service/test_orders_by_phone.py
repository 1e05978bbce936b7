"""An order's number told to a citizen by a real engine, then keyed in by a real telephone."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from calls.events import Collected, Decided, Entered, Fact, KeyPressed
from calls.order_number import is_order_number
from demo.phone import dial
from tests.helpers import sites
from tests.helpers.calling import with_phones
from tests.helpers.media_phones import tone
from tests.helpers.serving import Serving, facts_of, until

FLOW = """
begin: newest
nodes:
  newest: {type: look_up, what: newest_order, found: told, none: ask, late: ask}
  told: {type: say, prompts: ["{order:order}"], then: bye}
  ask:
    type: collect
    prompts: [beep]
    wrong_prompts: [no_match]
    name: order
    check: order
    timeout: 4s
    then: status
    on_silence: person
  status: {type: look_up, what: order_status, by: order, found: found, none: person, late: person}
  found: {type: say, prompts: [recorded], then: bye}
  person: {type: enqueue, lane: general, on_full: matter, on_nobody: matter, on_late: matter}
  matter:
    type: listen
    prompts: [beep]
    then: tell
    on_nothing: bye
    on_key: {"0": person}
  tell: {type: play_order, prompts: ["{order:order}"], then: bye, on_late: bye}
  bye: {type: hang_up}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return the shipped city without recognition."""
    site = sites.copy(tmp_path / "site")
    path = site / "site.yaml"
    text = path.read_text("utf-8").replace("languages: [zh, en, ko, ja]", "languages: []")
    path.write_text(text, "utf-8")
    return site


@pytest.fixture
def engine(tmp_path: Path, site: Path) -> Iterator[Serving]:
    sites.only_flow(site, FLOW)
    with Serving(tmp_path / "data", config=site) as serving:
        yield serving


@pytest.fixture
def city(tmp_path: Path, site: Path) -> Iterator[Serving]:
    with Serving(tmp_path / "data", config=site) as serving:
        yield serving


def orders(engine: Serving) -> list[tuple[str, str]]:
    with sqlite3.connect(engine.data / "hotline.sqlite3") as books:
        return books.execute(
            "select number, drafts.call from order_numbers join drafts using (call)"
        ).fetchall()


async def heard_of(
    engine: Serving, number: int, kind: type[Fact], node: str = "", count: int = 1
) -> None:
    """Wait, while phones go on, until so many facts of a kind are known of the `number`th call."""

    def known() -> bool:
        facts = [fact for call in engine.calls()[number:][:1] for fact in facts_of(call, kind)]
        return sum(not node or fact.node == node for fact in facts) >= count

    await asyncio.to_thread(until, known, 30.0, f"{kind.__name__} {node}")


@pytest.mark.slow
def test_a_number_that_was_told_is_found_when_it_is_keyed_and_by_the_caller(
    engine: Serving,
) -> None:
    async def play(phones) -> None:  # type: ignore[no-untyped-def]  # baresip has no types
        first = await dial(phones, "13900001111", "12345", engine.engine)
        await heard_of(engine, 0, Entered, "matter")  # asked for a number, gave none
        await first.say(tone(600.0, 2.0))
        assert await first.wait_ended(120.0)
        until(lambda: orders(engine), 20.0, "the order is in the books")
        ((number, _),) = orders(engine)
        assert is_order_number(number)
        other = await dial(phones, "13900002222", "12345", engine.engine)
        await heard_of(engine, 1, Entered, "ask")
        await other.press(number[:-1] + ("0" if number[-1] != "0" else "1"))
        await heard_of(engine, 1, KeyPressed, count=len(number))  # one wrong figure: asked anew
        await other.press(number)
        assert await other.wait_ended(120.0)
        again = await dial(phones, "13900001111", "12345", engine.engine)
        assert await again.wait_ended(120.0)

    with_phones(play)
    first, other, again = engine.ended(3)
    ((number, call),) = orders(engine)
    assert first.call.record.call == call
    assert first.draft is not None and first.draft.number == number
    assert [fact.node for fact in facts_of(first, Entered)][-2:] == ["tell/say", "bye"]
    assert [fact.value for fact in facts_of(other, Collected)] == [number]
    assert [fact.node for fact in facts_of(other, Entered)][-2:] == ["found", "bye"]
    assert [fact.node for fact in facts_of(again, Entered)] == ["newest", "told", "bye"]
    assert [fact.rule for fact in facts_of(again, Decided)] == ["newest_order"]


@pytest.mark.slow
def test_in_the_shipped_city_whoever_leaves_a_message_may_ask_for_it_by_its_number(
    city: Serving,
) -> None:
    async def play(phones) -> None:  # type: ignore[no-untyped-def]  # baresip has no types
        first = await dial(phones, "13900001111", "12345", city.engine)
        await first.press("1")
        await first.until_quiet()
        await first.say(tone(600.0, 2.0))
        assert await first.wait_ended(120.0)
        until(lambda: orders(city), 20.0, "the order is in the books")
        ((number, _),) = orders(city)
        other = await dial(phones, "13900002222", "12345", city.engine)
        await other.press(f"1*{number}")
        await other.until_quiet(quiet=1.5, limit=40.0)  # the number, the day and the state are read
        await other.press("2")
        assert await other.wait_ended(120.0)

    with_phones(play)
    first, other = city.ended(2)
    ((number, call),) = orders(city)
    assert first.call.record.call == call
    assert [fact.value for fact in facts_of(other, Collected)] == [number]
    assert [fact.rule for fact in facts_of(other, Decided)] == ["order_status", "order_state: -"]
    ways = [fact.node for fact in facts_of(other, Entered)]
    assert ways[-4:] == ["order/by_state", "order/recorded", "order/done", "goodbye"]
