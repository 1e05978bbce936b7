"""Lanes and the agents who serve them: what stands under a name in lanes.yaml, agents.yaml."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from calls.ids import Language, Skill
from config.trunk_schema import Srtp
from config.values import (
    AgentName,
    Days,
    Distinct,
    HoursName,
    LaneName,
    Names,
    PromptName,
    Settings,
    SipUri,
    SkillName,
    Some,
    Text,
    between,
    fault,
)

SkillLevel = Annotated[int, Field(ge=1, le=5)]


class RelaxStep(Settings):
    """What a lane still needs of an agent when a caller has waited for `after`."""

    after: Annotated[float, between("1s", "1h")]
    needs: Annotated[tuple[SkillName, ...], Some, Distinct] | None = None
    """Skills, all of them. Empty: as the lane."""
    levels: dict[SkillName, SkillLevel] = Field(default_factory=dict)
    """The least level, where there is one. A skill that is not named here: any level."""


class Lane(Settings):
    """A queue with its rules."""

    id: LaneName
    name: Names
    language: Language = "zh"
    needs: Annotated[tuple[SkillName, ...], Some, Distinct]
    """Skills that an agent must have, all of them."""
    levels: dict[SkillName, SkillLevel] = Field(default_factory=dict)
    """The least level of these skills, where there is one."""
    relax: tuple[RelaxStep, ...] = ()
    """What is needed less with waiting; the caller keeps the place. In rising order of `after`."""
    priority: Annotated[int, Field(ge=0, le=100)] = 0
    """Higher goes first, whatever the lane."""
    pick: Literal["best_skill", "longest_idle"] = "best_skill"
    max_waiting: Annotated[int, Field(ge=0, le=5000)] | None = None
    """Callers waiting at once; one more is turned away. Empty: no limit."""
    max_wait: Annotated[float, between("1s", "4h")] | None = None
    """Longest wait. Empty: no limit."""
    max_expected: Annotated[float, between("10s", "4h")] | None = None
    """One who would wait longer than this is turned away at once. Empty: no limit."""
    keep_place: Annotated[float, between("0s", "1h")] = 300.0
    """For how long one whose line dropped while waiting, and who calls again, has the old place."""
    known_agent: Annotated[float, between("0s", "10min")] = 0.0
    """How long one with an open order is kept for the agent who took it. 0s: not at all."""
    never_drop: bool = False
    """Never full and never too long: for callers in distress."""
    ring_time: Annotated[float, between("3s", "2min")] = 20.0
    """That an agent's phone rings before the call goes to another."""
    wrap_up: Annotated[float, between("0s", "10min")] = 30.0
    """After a call, in which the agent gets no other."""
    nobody_after: Annotated[float, between("0s", "10min")] = 30.0
    """Without staff, until those who wait are told."""
    handling: Annotated[float, between("10s", "2h")] = 240.0
    """Talk plus wrap-up that is expected until calls have been measured."""
    hours: HoursName | None = None
    """In hours.yaml. Empty: always open."""
    music: PromptName | None = None
    """While waiting. Empty: silence."""
    announce_every: Annotated[float, between("10s", "10min")] | None = None
    """Between two announcements of the expected wait. Empty: never."""
    recording: Literal["normal", "always", "never"] = "normal"
    """Agents may pause it; nobody may; or nothing is recorded while agents talk."""
    briefing: tuple[PromptName, ...] = ()
    """Chinese prompts that the agent hears before the caller. Empty: none."""
    keep_recordings: Days | None = None
    """For how many days, where a lane differs from `retention.recordings`."""

    @model_validator(mode="after")
    def _relaxes(self) -> "Lane":
        """Refuse steps that are out of order, or that ask for more than the one before."""
        before: Mapping[Skill, int] = {skill: self.levels.get(skill, 1) for skill in self.needs}
        after = 0.0
        for index, step in enumerate(self.relax):
            wanted = step.needs or self.needs
            now = {skill: step.levels.get(skill, 1) for skill in wanted}
            if step.after <= after or any(level > before.get(s, 0) for s, level in now.items()):
                raise fault(
                    f"relax 第 {index + 1} 步应比前一步晚，并且要求更低",
                    f"step {index + 1} of relax must come later and ask for less than before",
                    "relax",
                )
            before, after = now, step.after
        return self


class Agent(Settings):
    """A person at a desk."""

    id: AgentName
    name: Text
    skills: dict[SkillName, Annotated[int, Field(ge=1, le=5)]]
    """With levels: 1 is learning, 5 is expert."""
    contact: SipUri | None = None
    """Of a phone that does not register. Empty: the phone registers as the agent's id."""
    srtp: Srtp = "off"
    """Voice in secret (RFC 4568), as of a trunk; with `required` calls are offered so."""
    auto_answer: bool = False
    """Ask the phone to answer by itself, by Call-Info and Alert-Info: for headsets."""
    hours: HoursName | None = None
    """When this person is on duty, for `check` to find lanes without staff. Empty: at any time."""

    @model_validator(mode="after")
    def _skilled(self) -> "Agent":
        if not self.skills:
            raise fault(
                "至少要写一项技能，例如 general: 3",
                "at least one skill is needed, such as general: 3",
                "skills",
            )
        return self
