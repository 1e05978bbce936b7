"""Skills, and how good somebody is at them."""

from collections.abc import Iterable

from agents.agent import Agent
from calls.ids import Skill


def qualified(agent: Agent, needs: Iterable[Skill]) -> bool:
    """Tell whether the agent has every skill needed, at whatever level."""
    return all(skill in agent.skills for skill in needs)


def level(agent: Agent, needs: Iterable[Skill]) -> int:
    """Add up the agent's levels in the skills needed."""
    return sum(agent.skills.get(skill, 0) for skill in needs)
