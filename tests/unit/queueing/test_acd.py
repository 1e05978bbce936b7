from agents.agent import Agent, Doing
from calls.ids import AgentId, CallId, LaneId, Skill
from queueing.acd import next_pair, pairs
from queueing.ticket import Pick, Ticket

ZH, EN = Skill("zh"), Skill("en")


def ticket(call: str, since: float = 0.0, needs: Skill = ZH, priority: int = 0) -> Ticket:
    return Ticket(CallId(call), LaneId(needs), frozenset({needs}), since, priority)


def agent(number: str, idle_since: float = 0.0, doing: Doing = Doing.READY, **skills: int) -> Agent:
    levels = {Skill(name): level for name, level in (skills or {"zh": 1}).items()}
    return Agent(AgentId(number), f"坐席{number}", levels, doing, idle_since=idle_since)


def matched(tickets: list[Ticket], staff: list[Agent], now: float = 100.0) -> dict[str, str]:
    return {pair.ticket.call: pair.agent for pair in pairs(tickets, staff, now)}


def test_the_oldest_caller_goes_first_across_lanes() -> None:
    staff = [agent("1", zh=1, en=1)]
    assert matched([ticket("a", 10.0), ticket("b", 5.0, EN)], staff) == {"b": "1"}


def test_priority_goes_before_age() -> None:
    assert matched([ticket("old", 1.0), ticket("urgent", 9.0, priority=1)], [agent("1")]) == {
        "urgent": "1"
    }


def test_the_agent_idle_longest_gets_the_call() -> None:
    pair = next_pair([ticket("a", 40.0)], [agent("1", 30.0), agent("2", 20.0)], 100.0)
    assert pair is not None
    assert pair.agent == "2"
    assert "空闲最久，80秒" in pair.why
    assert "idle longest, 80 s" in pair.why_en
    assert "已等60秒" in pair.why


def test_the_better_skill_goes_before_the_longer_idle() -> None:
    pair = next_pair([ticket("a")], [agent("1", 0.0, zh=1), agent("2", 50.0, zh=3)], 100.0)
    assert pair is not None
    assert pair.agent == "2"
    assert "技能等级最高（3，其次1）" in pair.why


def test_a_lane_may_prefer_the_longest_idle_over_the_better_skill() -> None:
    lane = Ticket(CallId("a"), LaneId("zh"), frozenset({ZH}), 0.0, 0, Pick.LONGEST_IDLE)
    pair = next_pair([lane], [agent("1", 0.0, zh=1), agent("2", 50.0, zh=3)], 100.0)
    assert pair is not None
    assert pair.agent == "1"


def test_equal_idle_times_are_settled_by_level_then_by_id() -> None:
    lane = Ticket(CallId("a"), LaneId("zh"), frozenset({ZH}), 0.0, 0, Pick.LONGEST_IDLE)
    by_level = next_pair([lane], [agent("1", zh=1), agent("2", zh=3)], 100.0)
    by_id = next_pair([lane], [agent("2"), agent("1")], 100.0)
    assert by_level is not None and by_id is not None
    assert (by_level.agent, by_id.agent) == ("2", "1")
    assert "技能等级更高" in by_level.why
    assert "按工号" in by_id.why


def test_an_agent_without_the_skill_is_not_asked() -> None:
    assert matched([ticket("a", needs=EN)], [agent("1", zh=5)]) == {}


def test_only_ready_agents_are_asked() -> None:
    for doing in Doing:
        asked = {"a": "1"} if doing is Doing.READY else {}
        assert matched([ticket("a")], [agent("1", doing=doing)]) == asked, doing
    staff = [agent(str(n), doing=doing) for n, doing in enumerate(Doing)]
    assert len(matched([ticket("a"), ticket("b")], staff)) == 1


def test_a_caller_whom_nobody_can_take_stands_in_nobodys_way() -> None:
    tickets = [ticket("en", 1.0, EN), ticket("zh", 2.0)]
    found = pairs(tickets, [agent("1")], 100.0)
    assert [pair.ticket.call for pair in found] == ["zh"]
    assert "前面1位暂无合适坐席" in found[0].why


def test_the_agent_who_failed_this_caller_is_passed_over_until_the_time_is_up() -> None:
    barred = ticket("a").bar(AgentId("1"), 120.0)
    assert matched([barred], [agent("1")], 119.0) == {}
    assert matched([barred], [agent("1"), agent("2")], 119.0) == {"a": "2"}
    assert matched([barred], [agent("1")], 120.0) == {"a": "1"}


def test_an_agent_barred_for_one_caller_serves_another() -> None:
    barred = ticket("a", 0.0).bar(AgentId("1"), 120.0)
    assert matched([barred, ticket("b", 5.0)], [agent("1")]) == {"b": "1"}


def test_barring_anew_replaces_the_old_bar() -> None:
    assert ticket("a").bar(AgentId("1"), 5.0).bar(AgentId("1"), 9.0).barred == (("1", 9.0),)


def test_the_reason_for_the_caller_is_told() -> None:
    alone = next_pair([ticket("a")], [agent("1")], 10.0)
    oldest = next_pair([ticket("a"), ticket("b", 3.0)], [agent("1")], 10.0)
    first = next_pair([ticket("a"), ticket("b", 3.0, priority=2)], [agent("1")], 10.0)
    assert alone is not None and oldest is not None and first is not None
    assert alone.why == "来电已等10秒，仅此一位；坐席坐席1是唯一空闲且符合技能的"
    assert "等得最久" in oldest.why
    assert "优先级2最高" in first.why


def test_the_same_morning_replayed_gives_the_same_calls_to_the_same_people() -> None:
    tickets = [ticket(f"c{n}", float(n % 3)) for n in range(6)]
    staff = [agent(str(n), float(n % 2)) for n in range(4)]
    assert matched(tickets, staff) == matched(tickets[::-1], staff[::-1])


def test_nobody_waiting_or_nobody_ready_is_no_pair() -> None:
    assert next_pair([], [agent("1")], 0.0) is None
    assert next_pair([ticket("a")], [], 0.0) is None
