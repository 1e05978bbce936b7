"""How long the wait will be, or that nobody knows."""

WEIGHT = 0.1
"""Of the newest call in the running mean: about the last twenty calls decide."""


def expected_wait(ahead: float, handling: float, staffed: float) -> float | None:
    """Estimate seconds until answered; None when nobody is there to answer.

    `ahead` counts callers in front who compete for the same agents, in parts
    where they could go elsewhere too. `handling` is the mean of talk time plus
    wrap-up, in seconds; `staffed` counts agents at work in the lane, busy ones
    included.
    """
    if staffed <= 0:
        return None
    return (ahead + 1) * handling / staffed


def never_rising(before: float | None, estimate: float | None) -> float | None:
    """Return what may be announced after `before`: a caller is never told a longer wait.

    An estimate that is no longer possible (None) is passed on: silence is not a promise.
    """
    if before is None or estimate is None:
        return estimate
    return min(before, estimate)


def running_mean(mean: float, latest: float) -> float:
    """Return the mean after one more call took `latest` seconds."""
    return mean + WEIGHT * (latest - mean)
