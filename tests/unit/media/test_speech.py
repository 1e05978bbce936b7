"""Speech or silence, by loudness against the background."""

import random

from media.speech import BEGIN, SpeechDetector


def changes(levels: list[float], silence: float = 0.6) -> list[tuple[float, bool]]:
    detector, found = SpeechDetector(silence), []
    for n, level in enumerate(levels):
        changed = detector.hear(level)
        if changed is not None:
            found.append((round((n + 1) * 0.02, 2), changed))
    return found


QUIET, TALK = [10.0] * 100, [1200.0, 2500.0, 900.0, 300.0] * 25  # two seconds each


def test_speech_starts_after_a_hundred_milliseconds_and_stops_after_the_silence() -> None:
    assert changes([*QUIET, *TALK, *QUIET]) == [(2.0 + BEGIN * 0.02, True), (4.6, False)]


def test_a_longer_silence_may_be_asked_for() -> None:
    assert changes([*QUIET, *TALK, *QUIET], silence=1.5)[-1] == (5.5, False)


def test_a_click_is_no_speech() -> None:
    assert changes([*QUIET, 20000.0, 20000.0, *QUIET]) == []


def test_pauses_between_words_do_not_stop_speech() -> None:
    word, pause = TALK[:20], QUIET[:20]
    assert changes([*QUIET, *(word + pause) * 8, *QUIET])[1:] == [(8.6, False)]


def test_speech_over_a_steady_noise_is_told_from_the_noise() -> None:
    chance = random.Random(3)
    noise = [400 + chance.uniform(-60, 60) for _ in range(500)]
    talk = [n * 6 for n in noise[:100]]
    found = changes([*noise, *talk, *noise])
    assert [at for at, on in found if on and 10 < at < 12] == [10.1]
    assert [at for at, on in found if not on and at > 10] == [12.6]


def test_a_noise_that_begins_and_stays_is_not_speech_for_ever() -> None:
    found = changes([*QUIET, *[800.0] * 500])
    assert found[-1][1] is False and found[-1][0] < 10


def test_speech_from_the_first_moment_is_heard() -> None:
    assert changes(TALK)[0] == (0.1, True)
