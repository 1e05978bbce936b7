"""T1, T2, T4 and the letters: RFC 3261 Table 4."""

from sip.timers import REPEATING, Timer, Timing


def test_the_lengths_of_table_4_over_udp() -> None:
    timing = Timing()
    lengths = {timer.value: timing.first(timer) for timer in Timer if len(timer.value) == 1}
    assert lengths == {
        "A": 0.5, "B": 32.0, "D": 32.0, "E": 0.5, "F": 32.0, "G": 0.5,
        "H": 32.0, "I": 5.0, "J": 32.0, "K": 5.0, "L": 32.0, "M": 32.0,
    }  # fmt: skip


def test_over_tcp_nothing_is_sent_again_but_the_200() -> None:
    timing = Timing(reliable=True)
    assert {timer for timer in Timer if timing.first(timer) is None} == {
        Timer.A, Timer.E, Timer.G,
    }  # fmt: skip
    assert {timer for timer in Timer if timing.first(timer) == 0.0} == {
        Timer.D, Timer.I, Timer.J, Timer.K,
    }  # fmt: skip
    assert timing.first(Timer.REPEAT_2XX) == 0.5


def test_only_timer_a_and_the_reliable_1xx_double_without_limit() -> None:
    timing = Timing()
    assert {timer: timing.again(timer, 4.0) for timer in REPEATING} == {
        Timer.A: 8.0, Timer.E: 4.0, Timer.G: 4.0, Timer.REPEAT_2XX: 4.0,
        Timer.REPEAT_1XX: 8.0, Timer.RING_AGAIN: 4.0,
    }  # fmt: skip


def test_a_slower_network_lengthens_all_but_the_caller_s_patience() -> None:
    timing = Timing(t1=1.0, ring_limit=60.0)
    assert timing.first(Timer.B) == timing.first(Timer.D) == 64.0
    assert timing.first(Timer.RING_LIMIT) == 60.0
