"""Event plans at the desk: supervisors see which are on, and switch them, at once or for a time."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from config.values import moment
from desk.house import House
from desk.noting import note_if_possible
from desk.plan_ports import NotSwitched, PlanWish
from desk.web import Answer, Asked, Refusal, as_json, see_other

WHY_MOST = 200
"""Characters of a reason."""


async def listed(house: House, asked: Asked) -> Answer:
    """Show the plans."""
    plans = await house.ports.plans.listed()
    said = asked.query.get("said")
    return house.pages.fill("plans.html", asked.session, plans=plans, said=said)


async def given(house: House, asked: Asked) -> Answer:
    """Give the plans to a program."""
    return as_json({"plans": [asdict(plan) for plan in await house.ports.plans.listed()]})


async def switch(house: House, asked: Asked) -> Answer:
    """Switch a plan from the form."""
    form = asked.form()
    await _switched(house, asked, {**form, "on": form.get("do") == "on"})
    return see_other("/plans?said=switched")


async def switch_by_program(house: House, asked: Asked) -> Answer:
    """Switch a plan from a program's JSON: on, why, and if wanted at and until."""
    await _switched(house, asked, asked.json())
    return await given(house, asked)


async def _switched(house: House, asked: Asked, wanted: Mapping[str, Any]) -> None:
    wish = _wish(asked, wanted)
    try:
        await house.ports.plans.switch(wish)
    except NotSwitched as refused:
        zh, _, en = str(refused).partition(" / ")
        raise Refusal(409, zh, en, "not_now") from None
    action = "switched_plan_on" if wish.on else "switched_plan_off"
    await note_if_possible(house, asked, wish.who, action, text=f"{wish.plan}: {wish.why}")


def _wish(asked: Asked, wanted: Mapping[str, Any]) -> PlanWish:
    on, why = wanted.get("on"), wanted.get("why")
    why = why.strip() if isinstance(why, str) else ""
    if not isinstance(on, bool) or not why or len(why) > WHY_MOST:
        zh = f"请写明启用还是停用、为什么（最多 {WHY_MOST} 个字）"
        raise Refusal(400, zh, f"say whether on or off, and why, in at most {WHY_MOST} characters")
    begins, ends = _instant(wanted.get("at")), _instant(wanted.get("until"))
    if ends is not None and ends <= max(begins or asked.now, asked.now):
        raise Refusal(400, "结束应晚于开始和现在", "it must end later than it begins, and than now")
    plan, who = asked.names["plan"], asked.signed_in.agent
    return PlanWish(plan, on, who, why, begins, ends)


def _instant(written: Any) -> float | None:
    if written in (None, ""):
        return None
    try:
        return moment(str(written)).timestamp()
    except ValueError:
        zh, en = "时间应写成 2026-07-20 18:00", "a time is written 2026-07-20 18:00"
        raise Refusal(400, zh, en) from None
