"""Event plans (台风、高考): what changes while one is on, and a site with it on.

plans.yaml is a file that a site may have; a plan that is on is applied to the published
version, which itself stays as it is.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

from pydantic import Field, model_validator

from calls.ids import LaneId, Language, PromptId
from config.settings import Site
from config.values import (
    FlowName,
    HoursName,
    LaneName,
    Names,
    Number,
    PromptName,
    Settings,
    between,
    fault,
)


class LanePlan(Settings):
    """What is different of a lane; what is not written stays."""

    priority: Annotated[int, Field(ge=0, le=100)] | None = None
    max_waiting: Annotated[int, Field(ge=0, le=5000)] | None = None
    max_wait: Annotated[float, between("1s", "4h")] | None = None
    hours: HoursName | None = None


class Plan(Settings):
    """What changes while the plan is on, and goes back when it is off."""

    id: str
    name: Names
    numbers: dict[Number, FlowName] = Field(default_factory=dict)
    """Called number → flow."""
    prompts: dict[PromptName, PromptName] = Field(default_factory=dict)
    """A prompt → the one that is said in its place, in every language that has it."""
    lanes: dict[LaneName, LanePlan] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _something(self) -> "Plan":
        if not (self.numbers or self.prompts or self.lanes):
            raise fault(
                "预案里至少要改一样：numbers、prompts 或 lanes",
                "a plan changes at least one of numbers, prompts, lanes",
            )
        return self


def with_plans(site: Site, names: Iterable[str]) -> Site:
    """Return the site with these plans on, later ones over earlier; unknown ones change nothing."""
    for name in names:
        plan = site.plans.get(name)
        if plan is not None:
            site = _with(site, plan)
    return site


def _with(site: Site, plan: Plan) -> Site:
    lanes = dict(site.lanes)
    for lane, changes in plan.lanes.items():
        lanes[LaneId(lane)] = lanes[LaneId(lane)].model_copy(
            update=changes.model_dump(exclude_none=True)
        )
    said = {
        (language, PromptId(old)): (language, PromptId(new))
        for old, new in plan.prompts.items()
        for language in _languages(site, PromptId(new))
    }
    return replace(
        site,
        numbers={**site.numbers, **plan.numbers},
        lanes=lanes,
        prompts={**site.prompts, **{old: site.prompts[new] for old, new in said.items()}},
        prompt_seconds={
            **site.prompt_seconds,
            **{old: site.prompt_seconds[new] for old, new in said.items()},
        },
        prompt_texts={
            **site.prompt_texts,
            **{
                old: site.prompt_texts[new] for old, new in said.items() if new in site.prompt_texts
            },
        },
    )


def _languages(site: Site, prompt: PromptId) -> list[Language]:
    return [language for language, one in site.prompts if one == prompt]
