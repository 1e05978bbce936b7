"""Figures as prompts."""

from math import ceil

from calls.ids import PromptId

UNKNOWN_WAIT = PromptId("busy_wait")
SHORT_WAIT = PromptId("wait_under_1")
LONG_WAIT = PromptId("wait_over_10")
MINUTES = tuple(PromptId(f"wait_{minutes}") for minutes in range(1, 11))

WAIT_PROMPTS = (UNKNOWN_WAIT, SHORT_WAIT, *MINUTES, LONG_WAIT)
"""Every prompt that `wait_prompt` may choose."""


def wait_prompt(wait: float | None) -> PromptId:
    """Choose what to say of an expected wait in seconds; None when nobody knows.

    Minutes are rounded up: a caller forgives being served early.
    """
    if wait is None:
        return UNKNOWN_WAIT
    if wait < 60:  # seconds
        return SHORT_WAIT
    if wait > 60 * len(MINUTES):
        return LONG_WAIT
    return MINUTES[ceil(wait / 60) - 1]
