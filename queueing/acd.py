"""Which call goes to which agent, and why: pure, and the same for the same morning replayed."""

from bisect import insort
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from agents.agent import Agent
from agents.skills import Needs, level
from calls.ids import AgentId
from queueing.line import Line, Rank
from queueing.teams import Team, Teams
from queueing.ticket import Pick, Ticket


@dataclass(frozen=True, slots=True)
class Pair:
    """A caller and the agent to ring, with the reason for both in plain words."""

    ticket: Ticket
    agent: AgentId
    why: str
    """In Chinese."""
    why_en: str


@dataclass(frozen=True, slots=True)
class _Reason:
    zh: str
    en: str


def next_pair(tickets: Iterable[Ticket], staff: Iterable[Agent], now: float) -> Pair | None:
    """Pick the first caller whom some ready agent can take, and that agent; None if none can."""
    found = pairs(tickets, staff, now, most=1)
    return found[0] if found else None


def pairs(
    tickets: Iterable[Ticket], staff: Iterable[Agent], now: float, *, most: int | None = None
) -> list[Pair]:
    """Match callers to agents until no caller and ready, qualified agent are left together.

    Callers go by priority, then age, across lanes. A caller whom nobody can
    take stands in nobody's way.
    """
    return matched(Line(tickets), Teams(staff), now, most=most)


def matched(line: Line, teams: Teams, now: float, *, most: int | None = None) -> list[Pair]:
    """Match as `pairs` does, from what is kept in order already; nothing in it is changed.

    The heads of all needs compete; a need that nobody is free for any more is looked at
    no further, however many wait.
    """
    found: list[Pair] = []
    taken: set[AgentId] = set()
    waiting = dict(line.by_needs())
    heads = [(ticket.rank, needs, ticket) for needs in waiting for ticket in _next(waiting, needs)]
    heads.sort(key=_rank)
    while heads and len(found) != most:
        _, needs, ticket = heads.pop(0)
        team = teams.of(needs)
        if all(agent in taken for agent in team.ready):
            continue
        able = _able(ticket, team, taken, now)
        if able:
            found.append(_pair(ticket, able, line, now))
            taken.add(able[0].id)
        for after in _next(waiting, needs):
            insort(heads, (after.rank, needs, after), key=_rank)
    return found


def _next(waiting: dict[Needs, Iterator[Ticket]], needs: Needs) -> list[Ticket]:
    return list(islice(waiting[needs], 1))


def _rank(head: tuple[Rank, Needs, Ticket]) -> Rank:
    return head[0]


def _for_whom(ticket: Ticket, team: Team, now: float) -> Iterator[Agent]:
    """Keep a caller for the agent who knows the matter, as long as that one can be waited for."""
    known = ticket.known
    if known is None or not waits_for_known(ticket, team.at_work, now):
        return team.in_order(ticket.pick)
    return iter([team.ready[known.agent]] if known.agent in team.ready else [])


def waits_for_known(ticket: Ticket, at_work: Container[AgentId], now: float) -> bool:
    """Tell whether a caller is offered to nobody but the agent who knows the matter."""
    known = ticket.known
    if known is None or now >= known.until or known.agent not in at_work:
        return False
    return ticket.may_go_to(known.agent, now)


def _able(ticket: Ticket, team: Team, taken: Container[AgentId], now: float) -> list[Agent]:
    """Return the best two of the ready; those taken, or who just failed the caller, apart."""
    free = (
        agent
        for agent in _for_whom(ticket, team, now)
        if agent.id not in taken and ticket.may_go_to(agent.id, now)
    )
    return list(islice(free, 2))


def _pair(ticket: Ticket, able: list[Agent], line: Line, now: float) -> Pair:
    caller, agent = _why_caller(ticket, line, now), _why_agent(ticket, able, now)
    return Pair(ticket, able[0].id, f"{caller.zh}；{agent.zh}", f"{caller.en}; {agent.en}")


def _why_caller(ticket: Ticket, line: Line, now: float) -> _Reason:
    waited = max(0, round(now - ticket.since))
    passed = line.ahead(ticket.rank)
    if len(line) == 1:
        return _Reason(f"来电已等{waited}秒，仅此一位", f"caller waited {waited} s, the only one")
    if passed:
        return _Reason(
            f"来电已等{waited}秒，前面{passed}位暂无合适坐席",
            f"caller waited {waited} s; no agent free for the {passed} ahead",
        )
    if ticket.priority > line.lowest_priority:
        return _Reason(
            f"来电优先级{ticket.priority}最高，已等{waited}秒",
            f"caller has the highest priority ({ticket.priority}), waited {waited} s",
        )
    return _Reason(f"来电等得最久，已等{waited}秒", f"caller waited longest, {waited} s")


def _why_agent(ticket: Ticket, able: list[Agent], now: float) -> _Reason:
    best = able[0]
    idle = max(0, round(now - best.idle_since))
    if ticket.known is not None and ticket.known.agent == best.id:
        return _Reason(
            f"坐席{best.name}办过来电者未办结的事", f"{best.name} knows the caller's open matter"
        )
    if len(able) == 1:
        return _Reason(
            f"坐席{best.name}是唯一空闲且符合技能的", f"{best.name} is the only one free and able"
        )
    mine, next_best = level(best, ticket.needs), level(able[1], ticket.needs)
    if ticket.pick is Pick.BEST_SKILL and mine > next_best:
        return _Reason(
            f"坐席{best.name}技能等级最高（{mine}，其次{next_best}）",
            f"{best.name} has the highest skill level ({mine}, next {next_best})",
        )
    if best.idle_since < able[1].idle_since:
        return _Reason(f"坐席{best.name}空闲最久，{idle}秒", f"{best.name} idle longest, {idle} s")
    if mine > next_best:
        return _Reason(
            f"坐席{best.name}空闲同样久，技能等级更高（{mine}）",
            f"{best.name} idle as long as others, with the higher level ({mine})",
        )
    return _Reason(
        f"坐席{best.name}空闲同样久、等级相同，按工号",
        f"{best.name} equal in idle time and level, first by id",
    )
