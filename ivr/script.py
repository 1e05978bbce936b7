"""What a pretended caller does, as it is typed: keys, spoken words, silence.

`2` or `12#` are keys; `…` is silence until the flow goes on, `…5s` five seconds of
it; anything else is speech, after the beep; with `!` in front it is said at once.
"""

import re
from dataclasses import dataclass

KEYED = re.compile(r"[0-9*#]+")
SILENCE = re.compile(r"(?:…+|\.{3})\s*(?:([0-9]+(?:\.[0-9]+)?)\s*(s|秒|min|分钟?))?")
BETWEEN_KEYS = 0.4
"""Seconds from one key of `12#` to the next."""
WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
WORD = re.compile(r"[A-Za-z0-9']+")
A_SIGN, A_WORD = 0.25, 0.4
"""Seconds to say one Chinese, Japanese or Korean sign; one word of another language."""


@dataclass(frozen=True, slots=True)
class Press:
    """One key after another."""

    keys: str


@dataclass(frozen=True, slots=True)
class Speak:
    """Words, and how long they take to say."""

    text: str
    seconds: float
    at_once: bool = False
    """Over the prompts, rather than when it is the caller's turn."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing, for some seconds; None: until the flow goes on."""

    seconds: float | None = None


Act = Press | Speak | Silence


def act_of(typed: str) -> Act:
    """Read what was typed."""
    words = typed.strip()
    if KEYED.fullmatch(words):
        return Press(words)
    silence = SILENCE.fullmatch(words)
    if silence is not None:
        if silence[1] is None:
            return Silence()
        return Silence(float(silence[1]) * (1 if silence[2] in ("s", "秒") else 60))
    at_once = words[:1] in ("!", "！")
    text = words[1:].strip() if at_once else words
    return Speak(text, spoken_seconds(text), at_once)


def spoken_seconds(text: str) -> float:
    """Return how long a person takes to say this, about."""
    signs = len(WIDE.findall(text))
    return round(max(0.2, A_SIGN * signs + A_WORD * len(WORD.findall(text))), 2)
