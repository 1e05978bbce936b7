"""Every shipped recording as a machine hears it: loud enough, even, whole, without dead ends."""

import wave
from pathlib import Path

import pytest

from config.prompt_files import find_prompts
from config.prompt_sound import Sounding, measured

SITE = Path(__file__).parents[3] / "config" / "site"
SPOKEN = {path for path in find_prompts(SITE).files.values() if path.parent.name != "tones"}


def heard(path: Path) -> Sounding:
    with wave.open(str(path)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
        return measured(sound.readframes(sound.getnframes()), 8000)


@pytest.fixture(scope="module")
def sounds() -> dict[str, Sounding]:
    return {f"{path.parent.name}/{path.stem}": heard(path) for path in SPOKEN}


def test_none_is_silent_or_faint_and_all_are_about_equally_loud(
    sounds: dict[str, Sounding],
) -> None:
    assert {name for name, one in sounds.items() if not -27.0 <= one.level <= -18.0} == set()


def test_none_is_clipped_or_comes_near_it(sounds: dict[str, Sounding]) -> None:
    assert {name for name, one in sounds.items() if one.clipped or one.peak > -3.0} == set()


def test_none_begins_late_or_ends_in_silence_or_in_the_middle_of_a_sound(
    sounds: dict[str, Sounding],
) -> None:
    wrong = {
        name
        for name, one in sounds.items()
        if not 0.02 <= one.before <= 0.1 or not 0.05 <= one.after <= 0.2
    }
    assert wrong == set()


def test_a_piece_of_a_reading_is_as_short_as_a_word(sounds: dict[str, Sounding]) -> None:
    """What a synthetic voice draws out, or adds to a single word, shows in its length."""
    pieces = ("n_", "w_", "month_", "day_", "hour_", "minute_")
    of_pieces = {name: one for name, one in sounds.items() if name.split("/")[1].startswith(pieces)}
    assert len(of_pieces) > 250
    assert {n for n, one in of_pieces.items() if not 0.3 <= one.seconds <= 1.45} == set()
    single = {name: one for name, one in of_pieces.items() if name.startswith("zh/")}
    assert {name for name, one in single.items() if one.seconds > 0.7} == set()


def test_the_prompts_of_the_service_numbers_are_among_them(sounds: dict[str, Sounding]) -> None:
    assert len([name for name in sounds if name.startswith("zh/service_")]) == 14


def test_what_is_measured_is_what_is_there() -> None:
    quiet, loud = bytes(2 * 800), b"\x00\x40\x00\xc0" * 400
    one = measured(quiet + loud + quiet[:800], 8000)
    assert (one.seconds, one.before, one.after, one.clipped) == (0.25, 0.1, 0.05, False)
    assert round(one.peak, 2) == -6.02
    assert measured(b"\xff\x7f" * 900, 8000).clipped
