"""Another reading of what was recognised, by how callers talk."""

import io
import math
import random

import pytest

from bench.confusion import misheard
from bench.danger_learn import CHOICE, patterns_of
from bench.second_reading import written
from workorders.second_reading import kept, learned

TOLD = ["煤气泄漏了", "煤气味很大", "没有气了", "天气很好"] * 5


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("没气泄漏了", "煤气泄漏了"),  # of the same sound
        ("煤弃泻楼了", "煤气泄漏了"),
        ("煤气泄都了", "煤气泄漏了"),  # only its end is alike
        ("没有气了", "没有气了"),  # it is said so
        ("ABC123", "ABC123"),
        ("", ""),
    ],
)
def test_the_likeliest_sentence_of_these_sounds_is_read(heard: str, meant: str) -> None:
    assert kept(io.BytesIO(written(TOLD))).reread(heard) == meant


def test_the_same_lessons_are_kept_in_the_same_octets_and_chances_add_up() -> None:
    packed = written(TOLD)
    assert packed == written(TOLD)
    speech = kept(io.BytesIO(packed))
    after = speech.follows["煤"]
    met = sum(math.exp(odds) for odds in after.values())
    spare = math.exp(speech.other["煤"])
    known = sum(math.exp(speech.alone[one]) for one in after)
    assert met + spare * (1 - known) == pytest.approx(1.0, abs=0.01)


def test_the_shipped_reading_mends_a_third_of_what_is_misheard_and_spoils_little() -> None:
    chance, speech = random.Random(5), learned()
    wrong = left = spoiled = every = 0
    for _, text in patterns_of(CHOICE)[1][::40]:
        garbled = misheard(text, 0.2, chance)
        if len(garbled) == len(text):
            read = speech.reread(garbled)
            wrong += sum(a != b for a, b in zip(text, garbled, strict=True))
            left += sum(a != b for a, b in zip(text, read, strict=True))
        spoiled += sum(a != b for a, b in zip(text, speech.reread(text), strict=True))
        every += len(text)
    assert left < 0.67 * wrong and spoiled < 0.04 * every
