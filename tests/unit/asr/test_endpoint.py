"""When a caller has finished speaking."""

from asr.endpoint import Endpoint


def test_quiet_for_long_enough_after_speech_is_the_end() -> None:
    turn = Endpoint(100.0, silence=2.0, limit=60.0)
    turn.speech_started(101.0)
    turn.speech_stopped(105.0)
    assert turn.next_deadline() == 107.0
    assert turn.tick(106.9) is None
    assert turn.tick(107.0) == "silence"
    assert turn.spoke


def test_a_pause_shorter_than_the_silence_ends_nothing() -> None:
    turn = Endpoint(0.0, silence=2.0, limit=60.0)
    for second in range(0, 40, 4):
        turn.speech_started(second)
        turn.speech_stopped(second + 2.1)
        assert turn.tick(second + 3.9) is None
    turn.speech_started(40.0)
    assert turn.tick(59.9) is None
    assert turn.next_deadline() == 60.0


def test_whoever_speaks_on_and_on_is_stopped_at_the_limit() -> None:
    turn = Endpoint(0.0, silence=2.0, limit=60.0)
    turn.speech_started(1.0)
    assert turn.tick(60.0) == "limit"


def test_the_limit_comes_before_a_silence_that_would_end_later() -> None:
    turn = Endpoint(0.0, silence=5.0, limit=10.0)
    turn.speech_started(1.0)
    turn.speech_stopped(8.0)
    assert turn.next_deadline() == 10.0
    assert turn.tick(10.0) == "limit"


def test_a_caller_who_never_speaks_is_told_apart_when_patience_is_given() -> None:
    turn = Endpoint(0.0, silence=2.0, limit=60.0, patience=8.0)
    assert turn.next_deadline() == 8.0
    assert turn.tick(8.0) == "nothing"
    assert not turn.spoke


def test_without_patience_a_mute_caller_is_given_the_whole_limit() -> None:
    turn = Endpoint(0.0, silence=2.0, limit=60.0)
    assert turn.next_deadline() == 60.0
    assert turn.tick(59.0) is None
    assert turn.tick(60.0) == "limit"


def test_speech_ends_the_patience_for_good() -> None:
    turn = Endpoint(0.0, silence=2.0, limit=60.0, patience=8.0)
    turn.speech_started(7.0)
    assert turn.tick(8.5) is None


def test_quiet_already_measured_by_the_listener_counts() -> None:
    turn = Endpoint(0.0, silence=2.0, limit=60.0)
    turn.speech_started(1.0)
    turn.speech_stopped(10.0, quiet=2.0)
    assert turn.tick(10.0) == "silence"


def test_the_end_is_said_once() -> None:
    turn = Endpoint(0.0, silence=2.0, limit=60.0)
    turn.speech_started(1.0)
    turn.speech_stopped(2.0)
    assert turn.tick(4.0) == "silence"
    assert turn.tick(70.0) is None
    assert turn.next_deadline() is None


def test_a_second_stop_does_not_begin_the_silence_anew() -> None:
    turn = Endpoint(0.0, silence=2.0, limit=60.0)
    turn.speech_stopped(0.5)
    assert turn.next_deadline() == 60.0, "quiet before any speech is no end"
    turn.speech_started(1.0)
    turn.speech_stopped(2.0)
    turn.speech_stopped(3.0)
    assert turn.next_deadline() == 4.0
