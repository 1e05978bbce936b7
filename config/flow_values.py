"""Values that settings of several kinds of nodes have in common."""

from typing import Annotated

from calls.ids import PromptId
from config.values import Some, word

PROMPT = word(
    r"[a-z][a-z0-9_]{0,39}|\{[a-z][a-z0-9_]{0,39}:(?:digits|order|number|money|date|time)\}",
    '应写提示音的名称，或要念出的内容，例如 "{order:digits}"',
    'need a prompt\'s name, or something to be read such as "{order:digits}"',
)
"""A recording, or what is known read as figures, a number, money, a day or a time."""
Prompts = tuple[Annotated[PromptId, PROMPT], ...]
SomePrompts = Annotated[Prompts, Some]
