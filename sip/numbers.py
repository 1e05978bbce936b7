"""Telephone numbers as rules see them: which are meant, and how they are rewritten."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

FORM = r"\+?(?:[0-9#x]|\[[0-9](?:-?[0-9])*\])*\*?"
"""How a pattern is written: `x` is any digit, `[2-9]` one of these, a last `*` any digits more."""
_FORM = re.compile(FORM)
_PART = re.compile(r"\[[0-9-]+\]|.")


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """A set of numbers, such as `139xxxxxxxx`, `021*` or `+86[1-9]*`."""

    text: str

    def __post_init__(self) -> None:
        """Raise ValueError for what is no pattern."""
        if not self.text or _FORM.fullmatch(self.text) is None:
            raise ValueError(self.text)
        for low, high in re.findall(r"([0-9])-([0-9])", self.text):
            if low > high:
                raise ValueError(self.text)

    def covers(self, number: str) -> bool:
        """Tell whether a number is meant; what is not written in ASCII digits never is."""
        return re.fullmatch(self._expression(), number, re.ASCII) is not None

    def _expression(self) -> str:
        meaning = {"x": "[0-9]", "*": "[0-9]*", "+": r"\+", "#": "#"}
        return "".join(meaning.get(part, part) for part in _PART.findall(self.text))

    @property
    def bare(self) -> bool:
        """True if it begins with its `*`: nothing is asked of the number."""
        return self.text in ("*", "+*")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One way to bring a number into our form: the first characters off, others before it."""

    match: NumberPattern
    strip: int = 0
    add: str = ""


def covered(number: str, patterns: Iterable[NumberPattern]) -> bool:
    """Tell whether any of the patterns means a number."""
    return any(pattern.covers(number) for pattern in patterns)


def rewritten(number: str, rules: Iterable[Rewrite]) -> str:
    """Return a number as the first rule that means it has it; as it is if none does."""
    for rule in rules:
        if rule.match.covers(number):
            return rule.add + number[rule.strip :]
    return number
