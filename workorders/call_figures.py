"""The figures of calls, as data; `docs/simulator.md` and `./hotline figures --json` print them."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import groupby

from workorders.call_story import CallStory
from workorders.kpi import Condition, Figure, Kpi, Measure, computed, worst

LIMIT = 15.0
"""Seconds in which a call is to be answered (GB/T 33358)."""
DAY = 86_400.0
BANDS = (5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0)
"""Upper ends of the waiting bands in seconds."""
On = Condition[CallStory]
Add = Measure[CallStory]

OFFERED = On("来电", "calls that arrived", lambda s: True)
PICKED_UP = On("接通的来电", "calls that were picked up", lambda s: s.picked_up is not None)
ANSWERED = On("人工接听的来电", "calls answered by a person", lambda s: s.answered is not None)
QUEUED = On("进入队列的来电", "calls that joined a lane", lambda s: bool(s.stays))
ABANDONED = On("排队时挂断的", "callers who hung up waiting", lambda s: s.abandoned)
OPEN = On("不含下班时间的来电", "calls but those outside hours", lambda s: not s.closed)
OURS = On("系统故障、线路占满", "faults of ours, all lines taken", lambda s: s.our_fault)


def _within(wait: float | None) -> bool:
    return wait is not None and wait <= LIMIT


IN_TIME = On(
    "15 秒内人工接听的（不含菜单）",
    "answered within 15 s of joining the lane",
    lambda s: s.answered is not None and _within(s.wait),
)
IN_TIME_FROM_RING = On(
    "振铃起 15 秒内人工接听的（含菜单）",
    "answered by a person within 15 s of the first ring",
    lambda s: _within(s.to_a_person),
)
IN_TIME_OR_GONE = On(
    "15 秒内人工接听或挂断的",
    "answered, or hung up, within 15 s",
    lambda s: (s.answered is not None or s.abandoned) and _within(s.wait),
)
ENDED_WAITING = On(
    "人工接听的和排队时挂断的",
    "answered, or hung up waiting",
    lambda s: s.answered is not None or s.abandoned,
)
ENDED_WAITING_LATE = On(
    "人工接听的和 15 秒后挂断的",
    "answered, or hung up after more than 15 s",
    lambda s: s.answered is not None or (s.abandoned and not _within(s.wait)),
)
CALLS: tuple[Kpi[CallStory], ...] = (
    Kpi("connected", "呼叫接通率", "connected", PICKED_UP, OFFERED, "GB/T 33358-2016", None, 0.95),
    Kpi(
        "answered", "人工接通率", "answered by a person", ANSWERED, QUEUED,
        "市民热线工作标准", OURS, 0.95,
    ),
    Kpi(
        "in_15_of_answered", "15 秒应答率（服务水平二）", "answered in 15 s, of the answered (2)",
        IN_TIME, ANSWERED, "市民热线工作标准; 51callcenter (2); Asterisk SL; Wazo QoS", None, 0.8,
    ),
    Kpi(
        "in_15_or_gone", "15 秒服务水平一", "service level (1)", IN_TIME_OR_GONE, ENDED_WAITING,
        "51callcenter (1); Asterisk SL2",
    ),
    Kpi(
        "in_15_of_all", "15 秒服务水平三", "service level (3)", IN_TIME, ENDED_WAITING,
        "51callcenter (3)",
    ),
    Kpi(
        "in_15_patient", "15 秒服务水平四", "service level (4)", IN_TIME, ENDED_WAITING_LATE,
        "51callcenter (4)",
    ),
    Kpi(
        "in_15_from_ring", "振铃起 15 秒人工应答率", "human voice within 15 s of the ring",
        IN_TIME_FROM_RING, ANSWERED, "ours: with the menu",
    ),
    Kpi("answered_open", "工作时间接听率", "answered, of those in hours", ANSWERED, OPEN, "Wazo"),
    Kpi(
        "abandoned", "放弃率", "abandoned", ABANDONED, QUEUED, "Amazon Connect",
    ),
    Kpi(
        "wait", "平均等待（不含菜单）", "mean wait of the answered",
        Add("排队秒数", "seconds in lanes", lambda s: s.wait), ANSWERED, "Changzhou 2021; ASA",
    ),
    Kpi(
        "to_a_person", "平均听到人工（含菜单）", "mean time from ring to human voice",
        Add("振铃到人工的秒数", "seconds from ring to person", lambda s: s.to_a_person), ANSWERED,
        "Changzhou 2021",
    ),
    Kpi(
        "wait_of_abandoned", "放弃前平均等待", "mean wait of those who hung up",
        Add("排队秒数", "seconds in lanes", lambda s: s.wait), ABANDONED, "usual",
    ),
    Kpi(
        "talk", "平均通话时长", "mean talk time",
        Add("通话秒数", "seconds of talk", lambda s: s.talk), ANSWERED, "usual (ATT)",
    ),
    Kpi(
        "moved", "换队列率", "moved to another lane",
        On("进过两个以上队列的", "joined more than one lane", lambda s: len(s.stays) > 1), QUEUED,
        "ours",
    ),
    Kpi(
        "missed_offer", "有过漏接的来电", "an offer failed",
        On("有坐席没接的", "an agent did not take it", lambda s: s.failed_offers > 0), QUEUED,
        "ours",
    ),
)  # fmt: skip

Key = Callable[[CallStory], Hashable]


def figures(stories: Sequence[CallStory]) -> dict[str, Figure]:
    """Compute every figure of calls."""
    return {kpi.id: computed(kpi, stories) for kpi in CALLS}


def worst_day(stories: Sequence[CallStory]) -> float | None:
    """Return 呼叫接通率 in the worst 24 hours of a stretch of time."""
    return worst(CALLS[0], stories, DAY)


def bands(stories: Sequence[CallStory]) -> dict[str, int]:
    """Count the answered by how long they had waited; the last band has no upper end."""
    names = [f"<={round(band)}" for band in BANDS] + [f">{round(BANDS[-1])}"]
    found = Counter(
        bisect_left(BANDS, story.wait or 0.0) for story in stories if story.answered is not None
    )
    return {name: found[at] for at, name in enumerate(names)}


def outcomes(stories: Sequence[CallStory]) -> dict[str, int]:
    """Count how calls ended; `up` are those that have not."""
    found = Counter("up" if s.reason is None else s.reason.value for s in stories)
    return dict(sorted(found.items()))


def left(stories: Sequence[CallStory]) -> dict[str, int]:
    """Count why lanes were left without a person: abandonment by its cause."""
    found = Counter(stay.how for s in stories for stay in s.stays if stay.how != "answered")
    return dict(sorted(found.items()))


def quarter(zone: tzinfo) -> Key:
    """Group by the quarter hour that a call arrived in, by the clock of a zone."""

    return lambda story: quarter_name(story.arrived, zone)


def quarter_name(at: float, zone: tzinfo) -> str:
    """Return what the quarter hour of a moment, UTC seconds, is called."""
    moment = datetime.fromtimestamp(at, zone)
    begin = moment - timedelta(minutes=moment.minute % 15)
    return begin.strftime("%Y-%m-%dT%H:%M%z")


def grouped(stories: Sequence[CallStory], key: Key) -> dict[str, list[CallStory]]:
    """Return stories by a key, in its order; those that have none are under an empty name."""
    named = sorted(((str(key(s) or ""), s) for s in stories), key=lambda pair: pair[0])
    return {name: [s for _, s in part] for name, part in groupby(named, lambda pair: pair[0])}


def keys(zone: tzinfo) -> dict[str, Key]:
    """Return by what figures can be told apart."""
    return {
        "lane": lambda s: s.lane,
        "agent": lambda s: s.agent,
        "language": lambda s: s.language,
        "quarter": quarter(zone),
    }
