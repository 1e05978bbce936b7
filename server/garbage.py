"""When Python looks for garbage: rarely, in processes whose work is long in use."""

import gc

THRESHOLDS = 20_000, 20, 20
"""At Python's own 700 objects the looking would be a twelfth of the engine's CPU: what calls and
legs are made of is still in use then."""


def settle() -> None:
    """Begin to look, seldom, and never at what is there now: what a start makes stays."""
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    gc.enable()
