"""When a caller's language is looked at, and what is made of it."""

import pytest

from asr.language_fit import FRAME, LOOKS, SURE, Judged, SpeechSoFar, judge
from asr.recogniser import RATE, SAMPLE
from calls.ids import LANGUAGES

LOUD = (b"\x00\x20" + b"\x00\xe0") * (FRAME // 4)
"""20 ms of a voice: a square wave far above any background."""
QUIET = bytes(FRAME)


def sound(seconds: float, frame: bytes = LOUD) -> bytes:
    return frame * round(seconds * 50)


@pytest.mark.parametrize(
    ("likely", "language"),
    [
        ({"zh": 0.97, "en": 0.01}, "zh"),
        ({"en": 0.93, "zh": 0.02, "fr": 0.05}, "en"),
        ({"ko": 0.55, "fr": 0.40, "zh": 0.01}, "ko"),  # sure among ours, and ours are half of all
        ({"ko": 0.45, "fr": 0.50}, None),  # likelier a language that no lane is for
        ({"zh": 0.50, "ja": 0.45}, None),
        ({"zh": SURE, "en": 1 - SURE}, "zh"),
        ({"zh": SURE - 0.01, "en": 1.01 - SURE}, None),
        ({"fr": 1.0}, None),
        ({}, None),
    ],
)
def test_a_language_is_told_only_when_it_is_certain(
    likely: dict[str, float], language: str | None
) -> None:
    assert judge(likely, LANGUAGES).language == language


def test_the_share_is_of_the_sites_languages_alone() -> None:
    assert judge({"en": 0.6, "zh": 0.2, "fr": 0.2}, LANGUAGES) == Judged(None, pytest.approx(0.75))


def test_a_tie_is_settled_the_same_way_each_time() -> None:
    halves = {"zh": 0.5, "en": 0.5}
    assert judge(halves, ("zh", "en")) == judge(halves, ("en", "zh"))


def test_a_look_is_due_after_so_much_speech_and_once_more() -> None:
    speech = SpeechSoFar()
    given: list[tuple[float, float]] = []
    for tenth in range(100):
        due = speech.hear(sound(0.1))
        if due is not None:
            given.append(((tenth + 1) / 10, len(due) / (RATE * SAMPLE)))
    assert [round(seconds, 1) for _, seconds in given] == list(LOOKS)
    assert speech.over and speech.looked == len(LOOKS)


def test_silence_is_no_speech_and_does_not_count() -> None:
    speech = SpeechSoFar()
    assert speech.hear(sound(60.0, QUIET)) is None
    assert (speech.seconds, speech.looked) == (0.0, 0)


def test_long_pauses_are_left_out_of_what_is_looked_at() -> None:
    speech = SpeechSoFar()
    for _ in range(2):
        speech.hear(sound(1.0))
        speech.hear(sound(5.0, QUIET))
    assert 2.0 <= speech.seconds < 3.0


def test_a_click_is_no_speech() -> None:
    speech = SpeechSoFar()
    for _ in range(50):
        speech.hear(sound(0.04) + sound(0.96, QUIET))
    assert speech.seconds == 0.0


def test_it_does_not_matter_how_sound_is_cut() -> None:
    whole, cut = SpeechSoFar(), SpeechSoFar()
    said = sound(0.5, QUIET) + sound(2.0) + sound(1.0, QUIET)
    whole.hear(said)
    for at in range(0, len(said), 334):
        cut.hear(said[at : at + 334])
    assert whole.seconds == pytest.approx(cut.seconds, abs=0.02)
