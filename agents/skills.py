"""Skills, and how good somebody is at them."""

from collections.abc import Iterable
from dataclasses import dataclass

from agents.agent import Agent
from calls.ids import Skill


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A skill that is needed at this level or a better one."""

    skill: Skill
    level: int


Need = Skill | AtLeast
"""A bare skill is needed at whatever level."""
Needs = frozenset[Need]


def qualified(agent: Agent, needs: Iterable[Need]) -> bool:
    """Tell whether the agent has every skill needed, at the level needed."""
    return all([_has(agent, need) for need in needs])


def level(agent: Agent, needs: Iterable[Need]) -> int:
    """Add up the agent's levels in the skills needed."""
    return sum([agent.skills.get(_skill(need), 0) for need in needs])


def _has(agent: Agent, need: Need) -> bool:
    if isinstance(need, AtLeast):
        return agent.skills.get(need.skill, 0) >= need.level
    return need in agent.skills


def _skill(need: Need) -> Skill:
    return need.skill if isinstance(need, AtLeast) else need
