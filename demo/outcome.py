"""One call of the demonstration: what the engine's books say, and what the phones heard."""

from dataclasses import dataclass, field
from typing import Any

from demo.callers import Caller, CallerStory


@dataclass(slots=True)
class Outcome:
    """A call, and what was found wrong with it."""

    caller: Caller
    story: CallerStory
    call: dict[str, Any]
    """As the desk's API gives it, with the draft and the recording's file."""
    faults: list[str] = field(default_factory=list)
    sound: dict[str, float] = field(default_factory=dict)
    """How well each side heard the other, by what was compared; 1 is the same."""
    error_rates: dict[str, float] = field(default_factory=dict)
    """Of the citizen's transcript against the text that was spoken."""
