"""T1, T2, T4, and what each timer waits for (RFC 3261 §17.1.1.1 and Table 4, RFC 6026 §7)."""

from enum import StrEnum


class Timer(StrEnum):
    """What a transaction or a leg waits for, by the RFC's letter where it has one."""

    A = "A"
    """Until the INVITE is sent again: T1, doubling."""
    B = "B"
    """Until an INVITE without any answer is given up: 64*T1."""
    D = "D"
    """While repeated final answers to our INVITE may still come: 32 s."""
    E = "E"
    """Until a request other than INVITE is sent again: T1, doubling up to T2."""
    F = "F"
    """Until such a request is given up: 64*T1."""
    G = "G"
    """Until a final answer other than 2xx is sent again: T1, doubling up to T2."""
    H = "H"
    """Until we stop waiting for the ACK to it: 64*T1."""
    I = "I"  # noqa: E741  # the RFC's letter
    """While repeated ACKs may still come: T4."""
    J = "J"
    """While repeats of a request other than INVITE may still come: 64*T1."""
    K = "K"
    """While repeated answers to such a request may still come: T4."""
    L = "L"
    """While repeats of an INVITE that got a 2xx may still come: 64*T1 (RFC 6026 §7.1)."""
    M = "M"
    """While repeated or forked 2xx to our INVITE may still come: 64*T1 (RFC 6026 §7.2)."""

    REPEAT_2XX = "repeat 2xx"
    """Until an unacknowledged 2xx is sent again: T1, doubling up to T2 (§13.3.1.4)."""
    ACK_WAIT = "ack wait"
    """Until a 2xx without ACK ends the call: 64*T1 (§13.3.1.4)."""
    REPEAT_1XX = "repeat 1xx"
    """Until a reliable 1xx is sent again: T1, doubling (RFC 3262 §3)."""
    PRACK_WAIT = "prack wait"
    """Until a reliable 1xx without PRACK ends the call: 64*T1 (RFC 3262 §3)."""
    CANCEL_WAIT = "cancel wait"
    """Until a cancelled INVITE without final answer is forgotten: 64*T1 (§9.1)."""
    RING_LIMIT = "ring limit"
    """Until an INVITE that nobody decides is given up; ours, as the RFC has none for a UA."""
    RING_AGAIN = "ring again"
    """Until a caller who waits for our word is told again that it rings: a minute (§13.3.1.1)."""


LINGERING = frozenset({Timer.D, Timer.I, Timer.J, Timer.K, Timer.L, Timer.M})
"""Timers after which something is forgotten, and nothing else happens."""
REPEATING = frozenset(
    {Timer.A, Timer.E, Timer.G, Timer.REPEAT_1XX, Timer.REPEAT_2XX, Timer.RING_AGAIN}
)
"""Timers that start themselves again, all but the last each time for longer."""

RING_AGAIN_AFTER = 60.0
"""Seconds. Proxies give up an INVITE that is silent for three minutes (Timer C, §16.6)."""

_UNRELIABLE_ONLY = frozenset({Timer.A, Timer.E, Timer.G})
"""Not started at all over TCP or TLS."""

_NOTHING_TO_ABSORB = frozenset({Timer.D, Timer.I, Timer.J, Timer.K})
"""Zero over TCP or TLS, where nothing is repeated."""


class Timing:
    """How long each timer lasts, in seconds, for one transport."""

    __slots__ = ("_waits", "reliable", "t2")

    def __init__(
        self,
        t1: float = 0.5,
        t2: float = 4.0,
        t4: float = 5.0,
        *,
        reliable: bool = False,
        ring_limit: float = 180.0,
    ) -> None:
        self.t2 = t2
        self.reliable = reliable
        self._waits = dict.fromkeys(Timer, 64 * t1)
        self._waits |= dict.fromkeys(REPEATING, t1)
        self._waits |= {Timer.D: max(32.0, 64 * t1), Timer.I: t4, Timer.K: t4}
        self._waits |= {Timer.RING_LIMIT: ring_limit, Timer.RING_AGAIN: RING_AGAIN_AFTER}
        if reliable:
            self._waits |= dict.fromkeys(_NOTHING_TO_ABSORB, 0.0)
            for timer in _UNRELIABLE_ONLY:
                del self._waits[timer]

    def first(self, timer: Timer) -> float | None:
        """Return how long `timer` lasts at first; None if this transport does without."""
        return self._waits.get(timer)

    def again(self, timer: Timer, last: float) -> float:
        """Return how long a repeating timer lasts after it lasted `last`."""
        if timer is Timer.RING_AGAIN:
            return last
        return 2 * last if timer in (Timer.A, Timer.REPEAT_1XX) else min(2 * last, self.t2)


UDP = Timing()
"""The RFC's own figures."""
TCP = Timing(reliable=True)
"""The RFC's own figures where the transport repeats for us."""


def timing_for(reliable: bool) -> Timing:
    """Return the RFC's figures for a transport."""
    return TCP if reliable else UDP
