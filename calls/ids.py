"""Names of the things that the departments talk about.

Each is text at run time; the type checker keeps them apart.
"""

from typing import Literal, NewType

CallId = NewType("CallId", str)
"""One citizen's call, from arrival to end: `c-` and 16 hex digits."""
LegId = NewType("LegId", str)
"""One party's signalling and media within a call."""
LaneId = NewType("LaneId", str)
"""A queue with its rules, as named in the configuration."""
AgentId = NewType("AgentId", str)
"""An agent, by the user part of the agent's SIP address."""
UnitId = NewType("UnitId", str)
"""A department or district that works on orders."""
Skill = NewType("Skill", str)
"""What a lane needs and an agent has."""
PromptId = NewType("PromptId", str)
"""A recorded text, without its language."""
NodeId = NewType("NodeId", str)
"""One step of a flow."""

Language = Literal["zh", "en", "ko", "ja"]
LANGUAGES: tuple[Language, ...] = ("zh", "en", "ko", "ja")

Party = Literal["citizen", "agent"]
"""Whose voice: the citizen's channel is left, the agent's right."""
