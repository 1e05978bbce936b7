"""Teams brought up to date change by change are those made of everybody at once."""

from random import Random

import pytest

from agents.agent import Agent, Doing
from agents.skills import AtLeast, Needs
from calls.ids import AgentId, Skill
from calls.replacing import replaced
from queueing.teams import Teams
from queueing.ticket import Pick

SKILLS = [Skill(name) for name in ("general", "medical", "english")]
NEEDS: list[Needs] = [
    frozenset({SKILLS[0]}),
    frozenset({AtLeast(SKILLS[1], 3)}),
    frozenset({SKILLS[0], SKILLS[2]}),
    frozenset(),
]


def changed(agent: Agent, chance: Random, now: float) -> Agent:
    if chance.random() < 0.2:
        skills = {skill: chance.randint(1, 5) for skill in SKILLS if chance.random() < 0.5}
        return replaced(agent, skills=skills)
    return replaced(agent, doing=chance.choice(list(Doing)), idle_since=now)


@pytest.mark.parametrize("seed", range(10))
def test_who_is_ready_and_at_work_is_the_same_after_any_changes(seed: int) -> None:
    chance = Random(seed)
    staff = [Agent(AgentId(f"a{n}"), f"a{n}", {SKILLS[n % 3]: 1 + n % 5}) for n in range(12)]
    teams = Teams(staff)
    for now in range(200):
        if now % 3:  # a need may be asked for only after some changes
            at = chance.randrange(len(staff))
            staff[at] = changed(staff[at], chance, float(now))
            teams.take(tuple(staff))
        fresh = Teams(staff)
        for needs in NEEDS if now > 100 else NEEDS[: 1 + now // 40]:
            mine, theirs = teams.of(needs), fresh.of(needs)
            assert (mine.at_work, mine.ready) == (theirs.at_work, theirs.ready)
            for pick in Pick:
                assert list(mine.in_order(pick)) == list(theirs.in_order(pick))
            for other in NEEDS[:2]:
                assert teams.shared(needs, other) == fresh.shared(needs, other)
