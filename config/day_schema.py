"""A day of calls as it stands in days/*.yaml: who calls when, how patient, and who is at work."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field

from calls.ids import Language
from config.values import (
    NAME,
    Day,
    Key,
    Names,
    Number,
    Reading,
    Settings,
    SkillName,
    Some,
    Span,
    Text,
    between,
    fault,
    in_json,
    shown,
)

CLOCK = re.compile("([01][0-9]|2[0-3]):([0-5][0-9])")


def _clock(value: Any) -> int:
    match = CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise fault(
            f"应写时刻，例如 08:30，现在是 {shown(value)}",
            f"need a time of day such as 08:30, got {shown(value)}",
        )
    return int(match[1]) * 3600 + int(match[2]) * 60


Clock = Annotated[int, Reading(_clock, in_json(CLOCK.pattern))]
"""Seconds since midnight."""
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Profile = Annotated[dict[Clock, Annotated[float, Field(ge=0.0, le=1e6)]], Field(min_length=1)]
"""How many calls, in proportion, from a time of day on, until the next one that is named."""


class Length(Settings):
    """How long something takes, from one to the next."""

    mean: Annotated[float, between("0s", "4h")]
    shape: Literal["exponential", "lognormal", "fixed"] = "lognormal"
    spread: Annotated[float, Field(ge=0.01, le=3.0)] = 0.5
    """Of a lognormal one: standard deviation divided by mean."""


class Callers(Settings):
    """People who call for the same thing."""

    calls: Annotated[int, Field(ge=0, le=200_000)]
    """In the whole day."""
    arrivals: Profile | None = None
    """When; empty: as all callers do."""
    keys: Annotated[tuple[Key, ...], Field(max_length=8)] = ()
    """What they press in the menu, one after another; none: they wait for a person."""
    language: Language = "zh"
    """That they speak."""
    patience: Length = Length.model_construct(mean=240.0, shape="exponential")
    """How long they wait in a lane before they hang up."""
    leave_message: Share = 0.0
    """Part of those who lose patience that press 1, to leave a message, rather than hang up."""
    talk: Length = Length.model_construct(mean=180.0)


class Shift(Settings):
    """So many agents from one time to another; past midnight if it ends before it begins."""

    hours: Span
    agents: Annotated[int, Field(ge=0, le=5000)]


class Team(Settings):
    """Agents with the same skills."""

    skills: dict[SkillName, Annotated[int, Field(ge=1, le=5)]]
    shifts: Annotated[tuple[Shift, ...], Some]


class Habits(Settings):
    """What agents do when a call is offered to them, and after it."""

    answer: Length = Length.model_construct(mean=3.0)
    """From the first ring to the answer."""
    no_answer: Share = 0.0
    """Part of the offers that ring in vain."""
    reject: Share = 0.0
    hang_up_first: Share = 0.3
    """Part of the talks that the agent ends."""
    wrap_up: Length | None = None
    """Work after a call; empty: as long as the lane says."""


class DayFile(Settings):
    """One day."""

    name: Names
    day: Day
    """Opening hours and holidays are of this day."""
    number: Number | None = None
    """That everybody dials; empty: the first of the site."""
    lines: Annotated[int, Field(ge=1, le=5000)] | None = None
    """Calls at the same time; empty: as the site allows."""
    seed: Annotated[int, Field(ge=0, le=10**9)] = 1
    said: Annotated[str, NAME] = "city"
    """What callers say: a file of said/."""
    arrivals: Profile
    callers: Annotated[dict[Annotated[str, NAME], Callers], Field(min_length=1)]
    teams: Annotated[dict[Annotated[str, NAME], Team], Field(min_length=1)]
    agents: Habits = Habits()


class Words(Settings):
    """Sentences of one language; {place}, {number} and {clock} stand for others each time."""

    callers: Annotated[tuple[Text, ...], Some]
    agents: Annotated[tuple[Text, ...], Some]


class SaidFile(Settings):
    """said/*.yaml: sentences by language; a language that is not named is spoken as Chinese."""

    zh: Words
    en: Words | None = None
    ko: Words | None = None
    ja: Words | None = None

    def of(self, language: Language) -> Words:
        """Return what is said in a language."""
        words: Words | None = getattr(self, language)
        return words or self.zh
