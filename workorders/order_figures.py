"""The figures of orders, as data: computed from the lives of orders, wherever those are kept.

The life of an order begins when this engine's draft is confirmed, and goes on where the
city handles its orders; whoever has those lives can compute these.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from workorders.kpi import Condition, Figure, Kpi, Measure, computed

REPORTS = "city hotline reports"
RESPONSE, SIGNED = 30 * 60.0, 2 * 3600.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class OrderStory:
    """One order's life. Times are UTC seconds; None: it has not happened."""

    call_ended: float | None = None
    dispatched: float | None = None
    signed: float | None = None
    responded: float | None = None
    closed: float | None = None
    due: float | None = None
    urgent: bool = False
    in_the_call: bool = False
    """Answered and closed while the citizen was on the line."""
    returned: int = 0
    """How often a unit sent it back or on."""
    redone: int = 0
    supervised: bool = False
    """督办."""
    to_be_called: bool = False
    """回访 is due."""
    reached: bool = False
    confirmed: bool | None = None
    """What the citizen said when called back of whether it is true."""
    solved: bool | None = None
    rating: int | None = None
    """1 (very dissatisfied) to 5 (very satisfied)."""
    reasonable: bool = True


On = Condition[OrderStory]
ACCEPTED = On("受理的工单", "orders accepted", lambda o: True)
DISPATCHED = On("派出的工单", "orders dispatched", lambda o: o.dispatched is not None)
CLOSED = On("办结的工单", "orders closed", lambda o: o.closed is not None)
DUE = On("有期限的工单", "orders with a limit", lambda o: o.due is not None)
URGENT = On(
    "派出的紧急工单", "urgent orders dispatched", lambda o: o.urgent and DISPATCHED.holds(o)
)
REACHED = On("回访到的", "citizens reached", lambda o: o.reached)
RATED = On("有效评价", "valid ratings", lambda o: o.rating is not None)
SATISFIED = On("非常满意、满意、基本满意", "the upper three grades", lambda o: (o.rating or 0) >= 3)
SOLVED = On("市民说已解决的", "solved, says the citizen", lambda o: o.solved is True)
UNREASONABLE = On("不合理诉求", "unreasonable demands", lambda o: not o.reasonable)
RETURNED = On("被退回或改派的", "sent back or on", lambda o: o.returned > 0)


def _soon(start: float | None, end: float | None, limit: float) -> bool:
    return start is not None and end is not None and end - start <= limit


def _late(order: OrderStory) -> bool:
    return order.due is not None and order.closed is not None and order.closed > order.due


ORDERS: tuple[Kpi[OrderStory], ...] = (
    Kpi(
        "dispatch_time", "派单时长", "from the end of the call to dispatch",
        Measure[OrderStory](
            "派出与挂机相隔的秒数", "seconds from the end of the call",
            lambda o: None if o.dispatched is None or o.call_ended is None
            else o.dispatched - o.call_ended,
        ),
        DISPATCHED, REPORTS, None, 60.0,
    ),
    Kpi(
        "right_first", "一次派发准确率", "right unit at once",
        On("从未退回或改派的", "never sent back or on", lambda o: not RETURNED.holds(o)),
        DISPATCHED, f"{REPORTS}; ours", None, 0.9,
    ),
    Kpi(
        "response_30", "30 分钟响应率", "first response in 30 min",
        On("30 分钟内响应的", "responded to in 30 min",
           lambda o: _soon(o.dispatched, o.responded, RESPONSE)),
        URGENT, f"{REPORTS}; ours",
    ),
    Kpi(
        "signed_2h", "及时签收率", "signed in 2 h",
        On("2 小时内签收的", "signed in 2 h", lambda o: _soon(o.dispatched, o.signed, SIGNED)),
        DISPATCHED, "Qinglong",
    ),
    Kpi("returned", "回退率", "sent back", RETURNED, DISPATCHED, "Yulin"),
    Kpi(
        "redone", "重办率", "redone",
        On("重办的", "done again", lambda o: o.redone > 0), CLOSED, "Yulin",
    ),
    Kpi("closed", "办结率", "closed", CLOSED, ACCEPTED, REPORTS),
    Kpi(
        "closed_in_time", "按时办结率", "closed in time",
        On("限期内办结的", "closed within the limit",
           lambda o: o.closed is not None and not _late(o)),
        DUE, "Wenzhou, Qinglong",
    ),
    Kpi("overdue", "逾期率", "overdue", On("逾期的", "overdue", _late), DUE, REPORTS),
    Kpi(
        "in_the_call", "即时办结率", "closed in the call",
        On("通话中办结的", "closed while on the line", lambda o: o.in_the_call), ACCEPTED,
        f"{REPORTS}; Hangzhou",
    ),
    Kpi(
        "closed_once", "一次办结率", "closed once",
        On("没有重办的", "not done again", lambda o: not o.redone), CLOSED, REPORTS,
    ),
    Kpi(
        "supervised_solved", "督办解决率", "supervised and solved", SOLVED,
        On("督办的工单", "supervised orders", lambda o: o.supervised), REPORTS,
    ),
    Kpi(
        "called_back", "回访率", "called back", REACHED,
        On("应回访的", "to be called back", lambda o: o.to_be_called), "Qinglong, Binzhou",
    ),
    Kpi(
        "confirmed", "回访核实率", "confirmed by call-back",
        On("回访核实属实的", "confirmed true", lambda o: o.confirmed is True), REACHED, "Wenzhou",
    ),
    Kpi("satisfied", "满意率", "satisfied", SATISFIED, RATED, "five grades (好差评)"),
    Kpi(
        "reasonable_satisfied", "合理诉求满意率", "satisfied, reasonable demands", SATISFIED, RATED,
        REPORTS, UNREASONABLE,
    ),
    Kpi(
        "contacted", "响应率", "contacted",
        On("已联系市民的", "citizen contacted", lambda o: o.responded is not None), DISPATCHED,
        "Beijing (names)",
    ),
    Kpi("solved", "解决率", "solved", SOLVED, REACHED, "Beijing (names)"),
    Kpi("really_solved", "实际解决率", "solved, reasonable demands", SOLVED, REACHED, REPORTS,
        UNREASONABLE),
)  # fmt: skip


def figures(stories: Sequence[OrderStory]) -> dict[str, Figure]:
    """Compute every figure of orders."""
    return {kpi.id: computed(kpi, stories) for kpi in ORDERS}


def three_rates(stories: Sequence[OrderStory], weights: tuple[float, float, float]) -> float | None:
    """Return 三率: 响应, 解决 and 满意 by local weights; None while one of them has no base."""
    found = figures(stories)
    rates = [found[name].value for name in ("contacted", "solved", "satisfied")]
    if any(rate is None for rate in rates):
        return None
    pairs = zip(weights, rates, strict=True)
    return sum(weight * (rate or 0.0) for weight, rate in pairs) / sum(weights)


def per_ten_thousand(orders: int, population: int) -> float:
    """Return 万人诉求比."""
    return orders / population * 10_000
