"""The errors that the benches put in, and the halves that they keep apart."""

import random

from bench.confusion import misheard, syllable
from bench.danger import cases

TEXT = "我们小区楼下的烧烤店每天晚上油烟很大希望有人来管一管" * 40


def test_about_as_many_characters_change_as_was_asked_for() -> None:
    assert misheard(TEXT, 0.0, random.Random(1)) == TEXT
    text = "".join(random.Random(1).sample(TEXT, len(TEXT)))
    same = sum(misheard(c, 0.2, random.Random(seed)) == c for seed, c in enumerate(text))
    assert 0.75 < same / len(text) < 0.85


def test_most_errors_keep_the_syllable() -> None:
    pairs = [(c, misheard(c, 1.0, random.Random(seed))) for seed, c in enumerate(TEXT)]
    same = sum(len(b) == 1 and syllable(a) == syllable(b) for a, b in pairs)
    assert 0.5 < same / len(pairs) < 0.75
    assert any(b == "" for _, b in pairs) and any(len(b) == 2 for _, b in pairs)


def test_figures_and_letters_are_left_alone() -> None:
    assert misheard("A8 2019 abc", 1.0, random.Random(1)) == "A8 2019 abc"


def test_no_wording_is_in_both_halves_and_both_have_every_kind() -> None:
    tune, measure = list(cases("tune")), list(cases("measure"))
    assert not {c.text for c in tune} & {c.text for c in measure}
    assert {c.kind for c in tune} == {c.kind for c in measure}
    assert len(tune) + len(measure) > 1000 and len(measure) > 400
