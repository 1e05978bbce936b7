"""What a walk waits for, and for how long at most."""

from enum import Enum, auto

PROMPT_LIMIT = 120.0
"""Seconds; prompts whose end nobody reports count as ended, so that no caller is stuck."""
WORDS_PAUSE = 1.0
"""Seconds of quiet after which a caller has said what a menu asks for."""
WORDS_LIMIT = 15.0
"""Seconds that a menu waits for the words of a caller who has begun to speak."""


class Due(Enum):
    """What a deadline is for."""

    PROMPTS_END = auto()
    SILENCE = auto()
    LIMIT = auto()
