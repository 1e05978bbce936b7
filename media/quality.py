"""What a call sounded like, by figures alone: the E-model (ITU-T G.107), narrow band.

Only what the network does is judged: packets lost, and delay. All else has the model's
default values, so the best there is, is 4.41.
"""

BEST = 93.2
"""The rating R of a call that nothing disturbs."""
ROBUSTNESS = 25.1
"""Bpl of G.711 with concealment of lost packets (ITU-T G.113, appendix I)."""
STORE = 0.06
"""Seconds that a packet takes at both ends: 20 ms to fill, 40 ms in store."""


def mos(received: int, lost: int, round_trip: float | None) -> float | None:
    """Return the mean opinion score, 1 to 4.5; None if nothing came that could be judged.

    `round_trip`: seconds, as RTCP reports say; None, unknown, counts as none.
    """
    if received <= 0:
        return None
    milliseconds = 1000 * ((round_trip or 0.0) / 2 + STORE)
    delayed = 0.024 * milliseconds + 0.11 * max(0.0, milliseconds - 177.3)
    share = 100 * lost / (received + lost)
    return opinion(BEST - delayed - 95 * share / (share + ROBUSTNESS))


def opinion(rating: float) -> float:
    """Return the score that a rating R stands for (G.107 annex B)."""
    if rating <= 0:
        return 1.0
    if rating >= 100:
        return 4.5
    return max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6)
